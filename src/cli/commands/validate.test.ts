import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EXAMPLE } from "../../config/reference.ts";
import type { Io } from "../io.ts";
import { validateCommand } from "./validate.ts";

const SECRET = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "validate-"));
  path = join(folder, "c.yaml");
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the command over a file of that content; the folder's name is taken out of what it prints. */
async function validate(content: string | undefined, args: string[] = [], env: Io["env"] = {}, isTerminal = false) {
  if (content !== undefined) await writeFile(path, content);
  let out = "";
  const io: Io = {
    env,
    out: (text) => (out += text),
    err: (text) => (out += text),
    isTerminal,
    signal: new AbortController().signal,
    self: ["node"],
    exitCode: 1,
  };
  await validateCommand(io).parseAsync(["--config", path, ...args], { from: "user" });
  return { out: out.replaceAll(`${folder}/`, ""), exitCode: io.exitCode };
}

describe("validate", () => {
  test("a good file", async () => {
    expect(await validate(EXAMPLE)).toEqual({
      out: "c.yaml: good, 1 group, 0 warnings\ncredentials: none in this environment, not checked\n",
      exitCode: 0,
    });
  });

  test("every problem with its line, a caret, the expectation and the nearest word; then a summary", async () => {
    const content = EXAMPLE.replace("      max: 10", "      max: 200")
      .replace("    labels:", "    lables:")
      .replace("min: 1", "min: 0");
    expect(await validate(content)).toEqual({
      out: `c.yaml:13:5: error: there is no key lables in groups[0]
  13 |     lables:
     |     ^^^^^^
  write labels

c.yaml:18:12: warning: with a min of 0 the group has nothing to grow from: queued steps are not read from Bitbucket yet
  18 |       min: 0
     |            ^
  write 1, which keeps one runner warm

c.yaml:19:12: error: groups[0].parameters.max is 200
  19 |       max: 200
     |            ^^^
  expected a whole number from 0 to 100

c.yaml: 2 errors, 1 warning
credentials: none in this environment, not checked
`,
      exitCode: 2,
    });
  });

  test("warnings alone are fine", async () => {
    const { out, exitCode } = await validate(EXAMPLE.replace("min: 1", "min: 0"));
    expect(out).toContain("c.yaml: good, 1 group, 1 warning\n");
    expect(exitCode).toBe(0);
  });

  test("the caret stands under its place behind a tab", async () => {
    expect((await validate("groups:\t7\n")).out).toContain("  1 | groups:\t7\n    |        \t^\n");
  });

  test("a missing file is one line and a summary", async () => {
    expect(await validate(undefined)).toEqual({
      out: "c.yaml: error: there is no such file\n  expected the path of a configuration file\n\nc.yaml: 1 error, 0 warnings\ncredentials: none in this environment, not checked\n",
      exitCode: 2,
    });
  });

  test("colours appear on a terminal only", async () => {
    expect((await validate("groups: []", [], {}, false)).out).not.toContain("\u001b");
    expect((await validate("groups: []", [], {}, true)).out).toContain("\u001b");
  });

  test("JSON carries the same, by place", async () => {
    const { out, exitCode } = await validate(EXAMPLE.replace("max: 10", "max: 200"), ["--format", "json"]);
    expect(JSON.parse(out)).toEqual({
      file: path.replace(`${folder}/`, ""),
      valid: false,
      groups: null,
      diagnostics: [
        {
          severity: "error",
          code: "invalid-value",
          file: "c.yaml",
          line: 19,
          column: 12,
          path: "groups[0].parameters.max",
          message: "groups[0].parameters.max is 200",
          value: "200",
          expected: "a whole number from 0 to 100",
        },
      ],
      credentials: null,
    });
    expect(exitCode).toBe(2);
  });
});

describe("validate, credentials", () => {
  const good = { BITBUCKET_OAUTH_CLIENT_ID: "aB3dE6gH9jK2mN5pQ8", BITBUCKET_OAUTH_CLIENT_SECRET: SECRET };

  test("good ones are named by kind, never shown", async () => {
    const text = await validate(EXAMPLE, [], good);
    expect(text).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining("credentials: good, an OAuth consumer\n") as string,
    });
    const json = await validate(EXAMPLE, ["--format", "json"], good);
    expect(JSON.parse(json.out)).toMatchObject({ valid: true, credentials: { kind: "oauth-consumer", problems: [] } });
    expect(text.out + json.out).not.toContain(SECRET);
  });

  test("wrong ones fail the command although the file is good", async () => {
    const { out, exitCode } = await validate(EXAMPLE, [], { ...good, BITBUCKET_OAUTH_CLIENT_ID: "<client-id>" });
    expect(out).toBe(`c.yaml: good, 1 group, 0 warnings
credentials: error: BITBUCKET_OAUTH_CLIENT_ID still holds the placeholder text of an example. Put the real client id in its place.
`);
    expect(exitCode).toBe(2);
  });
});
