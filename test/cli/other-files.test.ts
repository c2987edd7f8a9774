import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exampleConfig } from "../../src/sandbox/embedded.ts";
import { UNUSED_KUBECONFIG } from "../support/kubeconfig.ts";
import { runCommand, scratchFolder } from "../support/run-command.ts";

async function pipe(): Promise<string> {
  const path = join((await scratchFolder()).folder, "pipe");
  execFileSync("mkfifo", [path]);
  return path;
}

/** What is no file to read: the way to it, and what is said of it. */
const OTHERS: readonly (readonly [what: string, path: () => Promise<string>, says: string])[] = [
  ["a device without end", () => Promise.resolve("/dev/zero"), "a device, a pipe or a socket"],
  ["a pipe that nobody writes to", pipe, "a device, a pipe or a socket"],
  ["a folder", async () => (await scratchFolder()).folder, "a folder"],
];

describe.each(OTHERS)("%s is refused at once", (_, pathOf, says) => {
  test("as the configuration", async () => {
    const { code, out } = await runCommand(["validate", "--config", await pathOf()]);
    expect(code).toBe(2);
    expect(out).toContain(says);
  });

  test("as the template, and where the ConfigMap's manifest may be given", async () => {
    const config = await (await scratchFolder()).write("c.yaml", await exampleConfig());
    for (const command of [
      ["render", "--group", "Runner group 1"],
      ["sandbox", "--port", "0"],
    ]) {
      const { code, err } = await runCommand([...command, "--config", config, "--template", await pathOf()]);
      expect(err).toContain(says);
      expect(code).toBe(2);
    }
  });

  test("as a credential's file, and as the kubeconfig", async () => {
    const config = await (await scratchFolder()).write("c.yaml", await exampleConfig());
    const env = { BITBUCKET_ACCESS_TOKEN_FILE: await pathOf(), KUBECONFIG: await pathOf() };
    const { code, out, err } = await runCommand(["controller", "--config", config], { env });
    expect(code).toBe(2);
    expect(out).toMatch(/^ERROR: Credentials are wrong variable=BITBUCKET_ACCESS_TOKEN_FILE .*(?:ENOTREG|EISDIR)/m);
    expect(err).toContain(says);
  });
});

test("a template or a manifest that is too large is refused before it is read", async () => {
  const { folder, write } = await scratchFolder();
  const config = await write("c.yaml", await exampleConfig());
  const template = join(folder, "t");
  await writeFile(template, Buffer.alloc(1_048_577, "a"));
  const args = ["render", "--group", "Runner group 1", "--config", config, "--template", template];
  const { code, err } = await runCommand(args, { env: UNUSED_KUBECONFIG });
  expect(err).toContain("it has more than 1048576 bytes");
  expect(code).toBe(2);
});
