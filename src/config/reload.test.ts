import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ReadFile } from "../support/read-file.ts";
import { EXAMPLE } from "./reference.ts";
import { configSource } from "./reload.ts";

const codes = (problems: readonly { readonly code: string }[]) => problems.map(({ code }) => code);

describe("configSource", () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "config-"));
    path = join(folder, "runners_config.yaml");
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("follows the file, and keeps the last good settings while it is bad", async () => {
    const source = configSource(path, readFile);
    const max = async () => (await source.read()).settings?.groups[0]?.parameters.max;

    expect(await source.read()).toMatchObject({ settings: undefined, fresh: false, changed: true });
    expect(codes((await source.read()).problems)).toEqual(["file-missing"]);

    await writeFile(path, EXAMPLE);
    expect(await source.read()).toMatchObject({ problems: [], fresh: true, changed: true });
    expect(await max()).toBe(10);

    await writeFile(path, EXAMPLE.replace("max: 10", "max: 20").replace("name:", "nane:"));
    const bad = await source.read();
    expect(bad).toMatchObject({ fresh: false, changed: true });
    expect(codes(bad.problems)).toEqual(["unknown-key"]);
    expect(await max()).toBe(10);

    await rm(path);
    const gone = await source.read();
    expect(gone).toMatchObject({ fresh: false, changed: true });
    expect(codes(gone.problems)).toEqual(["file-missing"]);
    expect(await max()).toBe(10);

    await writeFile(path, EXAMPLE.replace("max: 10", "max: 20"));
    expect(await source.read()).toMatchObject({ problems: [], fresh: true, changed: true });
    expect(await max()).toBe(20);
  });

  test("sees a file that is replaced by another, as ConfigMaps are", async () => {
    await writeFile(path, EXAMPLE);
    const source = configSource(path, readFile);
    await source.read();
    await writeFile(`${path}.new`, EXAMPLE.replace("max: 10", "max: 11"));
    await rename(`${path}.new`, path);
    expect((await source.read()).settings?.groups[0]?.parameters.max).toBe(11);
  });

  test("a folder is told from a file", async () => {
    const { problems } = await configSource(folder, readFile).read();
    expect(problems).toEqual([
      {
        severity: "error",
        code: "file-is-folder",
        file: folder,
        line: 0,
        column: 0,
        path: "",
        message: "this is a folder",
        expected: "the path of a file, such as runners_config.yaml in that folder",
      },
    ]);
  });

  test("an unchanged file gives the very same settings, with its warnings", async () => {
    await writeFile(path, EXAMPLE.replace("min: 1", "min: 0"));
    const source = configSource(path, readFile);
    const first = await source.read();
    const second = await source.read();
    expect(second.settings).toBe(first.settings);
    expect(second).toMatchObject({ fresh: true, changed: false, problems: [{ code: "min-zero" }] });
  });

  test.each([
    ["EACCES", "the file may not be read by this user"],
    ["EIO", "the file cannot be read (EIO)"],
  ])("%s is said in words", async (code, message) => {
    const fails: ReadFile = () => Promise.reject(Object.assign(new Error("no"), { code }));
    const source = configSource("/etc/x.yaml", fails);
    expect((await source.read()).problems).toMatchObject([{ code: "file-unreadable", message }]);
    expect(await source.read()).toMatchObject({ changed: false, fresh: false });
  });
});
