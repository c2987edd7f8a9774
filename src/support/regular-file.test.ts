import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LARGEST_FILE_BYTES, readRegularFile, readRegularText } from "./regular-file.ts";

let folder: string;
const server = createServer();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "files-"));
  await writeFile(join(folder, "text"), "a: é\n");
  await writeFile(join(folder, "full"), Buffer.alloc(LARGEST_FILE_BYTES, "a"));
  await writeFile(join(folder, "too-large"), Buffer.alloc(LARGEST_FILE_BYTES + 1));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  server.listen(join(folder, "socket"));
  await once(server, "listening");
  for (const name of ["text", "pipe", "nothing"]) await symlink(join(folder, name), join(folder, `link-to-${name}`));
  await symlink("/dev/zero", join(folder, "link-to-zero"));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

describe("only regular files are read, and links to them", () => {
  test.each(["text", "link-to-text"])("%s", async (name) => {
    expect(await readRegularText(join(folder, name))).toBe("a: é\n");
  });

  test("as much as is allowed", async () => {
    expect((await readRegularFile(join(folder, "full"))).length).toBe(LARGEST_FILE_BYTES);
  });

  test("a file whose size is told as 0", async () => {
    expect(await readRegularText("/proc/self/status")).toContain("Name:");
  });

  test.each([
    [".", "EISDIR"],
    ["too-large", "EFBIG"],
    ["pipe", "ENOTREG"],
    ["link-to-pipe", "ENOTREG"],
    ["socket", "ENOTREG"],
    ["link-to-zero", "ENOTREG"],
    ["/dev/zero", "ENOTREG"],
    ["nothing", "ENOENT"],
    ["link-to-nothing", "ENOENT"],
    ["text/nothing", "ENOTDIR"],
  ])("%s is refused: %s", async (name, code) => {
    await expect(readRegularFile(name.startsWith("/") ? name : join(folder, name))).rejects.toMatchObject({ code });
  });
});
