// Makes a fresh clone ready: installs the pinned dependencies when they are missing or older than the lock file.
// Needs nothing but Node and npm; every npm script calls it first.
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const modifiedAt = (path) => statSync(new URL(`../${path}`, import.meta.url), { throwIfNoEntry: false })?.mtimeMs;

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`runners-autoscaler needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

const installedAt = modifiedAt("node_modules/.package-lock.json");
const lockedAt = modifiedAt("package-lock.json");
if (installedAt === undefined || (lockedAt !== undefined && installedAt < lockedAt)) {
  console.error(
    `Installing dependencies (${installedAt === undefined ? "none yet" : "older than package-lock.json"}): npm install`,
  );
  const npm = process.env.npm_execpath;
  // Not `npm ci`: it refuses a lock file that leaves out other platforms' binaries, which are optional and whose exact versions the
  // packages that want them name. `--no-save` leaves the lock file as it is, and every version in it is obeyed.
  const [command, prefix] = npm ? [process.execPath, [npm]] : ["npm", []];
  const { status } = spawnSync(
    command,
    [...prefix, "install", "--no-save", "--include=dev", "--no-fund", "--no-audit", "--loglevel=error"],
    {
      cwd: root,
      stdio: ["ignore", 2, 2],
    },
  );
  if (status !== 0) {
    console.error("npm install failed; its own message is above.");
    process.exit(1);
  }
}
