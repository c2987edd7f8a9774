import { execFile } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltProgram, buildProgram } from "../support/built-program.ts";

let program: BuiltProgram;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program.remove());

test.each(["--help", "schema", "sandbox --scenario idle --port 0"])(
  "%s behind a reader that has left, as behind `| head`: it ends, without a word",
  async (args) => {
    const stderr = await new Promise<string>((resolve) => {
      const command = `"$0" "$1" ${args} | true`;
      execFile("sh", ["-c", command, ...program.command], { cwd: program.folder, env: {} }, (_, __, err) =>
        resolve(err),
      );
    });
    expect(stderr).toBe("");
  },
);
