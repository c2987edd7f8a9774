// Every static check, one after the other; all run even when one fails, so that one call shows everything.
import { spawnSync } from "node:child_process";

const checks = [
  ["types", "tsc", ["--noEmit"]],
  ["rules", "eslint", ["."]],
  ["format", "biome", ["check", "."]],
  ["arrows", "depcruise", ["src", "--config", ".dependency-cruiser.cjs"]],
  ["dead code", "knip", []],
];

let failed = 0;
for (const [what, command, args] of checks) {
  const { status, error } = spawnSync(`node_modules/.bin/${command}`, args, { stdio: "inherit", env: process.env });
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${what} (${command})${error ? `: ${error.message}` : ""}`);
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
