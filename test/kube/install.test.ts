import { execFile, execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findKubeAssets } from "../support/kube-assets.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/kube-install.mjs", import.meta.url));
const VERSIONS: Readonly<Record<string, string>> = {
  etcd: "etcd Version: 3.6.6",
  "kube-apiserver": "Kubernetes v1.34.4",
  "kube-controller-manager": "Kubernetes v1.34.4",
  "kube-scheduler": "Kubernetes v1.34.4",
  kwok: "kwok version v0.7.0",
};

describe("npm run kube:install", () => {
  let scratch: string;
  let folder: string;
  /** Holds tar, and no Go. */
  let path: string;

  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), "kube-install-"));
    folder = join(scratch, "bin");
    path = join(scratch, "path");
    await mkdir(path);
    const tar = execFileSync("sh", ["-c", "command -v tar"], { encoding: "utf8" }).trim();
    await symlink(tar, join(path, "tar"));
  });
  afterEach(() => rm(scratch, { recursive: true, force: true }));

  test("unpacks an archive into a folder where the tests find the programs, once", async () => {
    const archive = await archiveOf(Object.keys(VERSIONS));

    const first = await install(["--from", archive, "--to", folder]);
    const second = await install(["--from", archive, "--to", folder]);

    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toContain(`Unpacking ${archive}`);
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(second.stdout).toMatch(/^Everything is there already: etcd 3\.6\.6, kube-apiserver 1\.34\.4, /);
    await writeProgram(folder, "kubectl", "");
    expect(findKubeAssets({ KUBEBUILDER_ASSETS: folder })?.kwok).toBe(join(folder, "kwok"));
  });

  test("replaces a program of another version", async () => {
    await mkdir(folder);
    for (const name of Object.keys(VERSIONS)) await writeProgram(folder, name, VERSIONS[name] ?? "");
    await writeProgram(folder, "etcd", "etcd Version: 3.5.0");

    await install(["--from", await archiveOf(Object.keys(VERSIONS)), "--to", folder]);

    expect(execFileSync(join(folder, "etcd"), { encoding: "utf8" })).toContain("3.6.6");
  });

  test("names what an archive lacks", async () => {
    const archive = await archiveOf(["etcd", "kube-apiserver", "kube-scheduler"]);

    const { code, stderr } = await install(["--from", archive, "--to", folder]);

    expect(code).toBe(1);
    expect(stderr).toBe(`${archive} holds no program that runs here as: kube-controller-manager, kwok\n`);
  });

  test.each([
    ["a missing archive", ["--from", "/nowhere/bin.tar.xz"], 1, /tar could not unpack it/],
    ["no Go to build with", [], 1, /^Go 1\.24 or newer is needed .*no go on the PATH/],
    ["an unknown option", ["--form", "bin.tar.xz"], 2, /'--form'[^]*Usage: npm run kube:install/],
  ])("%s: one message, no stack trace", async (_, args, exitCode, message) => {
    const { code, stderr } = await install([...args, "--to", folder]);

    expect(code).toBe(exitCode);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("    at ");
  });

  function install(args: readonly string[]) {
    return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [SCRIPT, ...args], { env: { PATH: path } }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  async function archiveOf(names: readonly string[]): Promise<string> {
    const source = join(scratch, "source");
    await mkdir(source);
    for (const name of names) await writeProgram(source, name, VERSIONS[name] ?? "");
    const archive = join(scratch, "bin.tar");
    execFileSync("tar", ["--create", "--file", archive, "--directory", source, ...names]);
    return archive;
  }

  /** A program that says only its version. */
  async function writeProgram(inFolder: string, name: string, version: string): Promise<void> {
    const program = join(inFolder, name);
    await writeFile(program, `#!/bin/sh\necho '${version}'\n`);
    await chmod(program, 0o755);
  }
});
