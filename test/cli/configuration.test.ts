import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { exampleConfig, shippedTemplate } from "../../src/sandbox/embedded.ts";
import { UNUSED_KUBECONFIG } from "../support/kubeconfig.ts";
import { runCommand, type Scratch, scratchFolder } from "../support/run-command.ts";

/** Nine values to the tenth power, were they ever unfolded. */
const ALIAS_BOMB = [
  "a: &a [x, x, x, x, x, x, x, x, x]",
  ..."bcdefghij".split("").map((name, i) => {
    const alias = `*${"abcdefghi"[i]}`;
    return `${name}: &${name} [${Array(9).fill(alias).join(", ")}]`;
  }),
  "groups: *j\n",
].join("\n");

/** What is wrong, the file's content (undefined: there is none; "folder": it is one), what is said of it, and what was expected. */
const BAD: readonly (readonly [what: string, content: string | Uint8Array | undefined, says: string, wants: string])[] =
  [
    ["missing", undefined, "there is no such file", "the path of a configuration file"],
    ["a folder", "folder", "this is a folder", "the path of a file, such as runners_config.yaml in that folder"],
    ["empty", "", "the file is empty", "a map with groups, at least"],
    ["indented with a tab", "groups:\n\t- a\n", "a tab is used as indentation", "spaces"],
    [
      "not UTF-8",
      Buffer.from("groups: caf\xe9\n", "latin1"),
      "the file is not UTF-8 text: byte 0xe9 is not valid there",
      "UTF-8 text",
    ],
    ["UTF-16", Buffer.from("\ufeffgroups: []\n", "utf16le"), "the file is UTF-16 text", "UTF-8 text"],
    [
      "an alias bomb",
      ALIAS_BOMB,
      "aliases turn this text into more than 50000 values",
      "a configuration that fits into memory",
    ],
  ];

async function written(scratch: Scratch, content: string | Uint8Array | undefined): Promise<string> {
  if (content === undefined) return `${scratch.folder}/c.yaml`;
  return content === "folder" ? scratch.folder : scratch.write("c.yaml", content);
}

describe.each(BAD)(
  "a configuration file that is %s: exit code 2, and one line that says so",
  (_, content, says, wants) => {
    test("validate", async () => {
      const path = await written(await scratchFolder(), content);
      const { code, out, err } = await runCommand(["validate", "--config", path]);
      expect({ code, err }).toEqual({ code: 2, err: "" });
      const [problem = "", ...others] = out.split("\n").filter((line) => line.includes(": error: "));
      expect(problem.startsWith(path)).toBe(true);
      expect(problem).toContain(says);
      expect(others).toEqual([]);
      expect(out).toContain(`\n  expected ${wants}\n`);

      const json = await runCommand(["validate", "--config", path, "--format", "json"]);
      expect(json.code).toBe(2);
      expect(JSON.parse(json.out)).toMatchObject({ valid: false, groups: null, diagnostics: [{ severity: "error" }] });
    });

    test("render", async () => {
      const path = await written(await scratchFolder(), content);
      const { code, out, err } = await runCommand(["render", "--group", "Runner group 1", "--config", path]);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      const lines = err.trim().split("\n");
      expect(lines[0]).toBe("error: the configuration file cannot be used:");
      expect(lines[1]).toContain(`${says}; expected ${wants}`);
      expect(lines[2]).toContain("runners-autoscaler validate");
      expect(lines).toHaveLength(3);
    });

    test.each(["controller", "cleaner"])("%s", async (command) => {
      const path = await written(await scratchFolder(), content);
      const { code, out, err } = await runCommand([command, "--config", path], {
        env: { ...UNUSED_KUBECONFIG, BITBUCKET_ACCESS_TOKEN: "t1" },
      });
      expect({ code, err }).toEqual({ code: 2, err: "" });
      expect(out).toMatch(/^ERROR: Configuration is wrong at=\S+ problem=.+ expected=.+\n$/);
      expect(out).toContain(`problem=${JSON.stringify(says)}`);
    });
  },
);

test("all problems of a file at once, each with its line, in the log of a process as by validate", async () => {
  const { write } = await scratchFolder();
  const text = (await exampleConfig()).replace("max: 10", "max: 1000").replace("strategy:", "stratagem:");
  const path = await write("c.yaml", text);
  const { code, out } = await runCommand(["controller", "--config", path], {
    env: { ...UNUSED_KUBECONFIG, BITBUCKET_ACCESS_TOKEN: "t1" },
  });
  const places = [...out.matchAll(/^ERROR: Configuration is wrong at=\S+c\.yaml:(\d+:\d+) /gm)].map(([, at]) => at);
  expect(code).toBe(2);
  expect(places).toHaveLength(2);
  const validated = await runCommand(["validate", "--config", path]);
  for (const place of places) expect(validated.out).toContain(`c.yaml:${place}: error: `);
});

describe("the documentation's configuration", () => {
  test("is good, with a word about what it keeps of the original's timing", async () => {
    const path = await (await scratchFolder()).write("c.yaml", await exampleConfig());
    const text = await runCommand(["validate", "--config", path]);
    expect(text.code).toBe(0);
    expect(text.out).toMatch(/c\.yaml: good, 1 group, \d warnings\n/);
    expect(text.out).toContain("warning: 600 s is the longest time between passes");

    const json = await runCommand(["validate", "--config", path, "--format", "json"]);
    expect(json.code).toBe(0);
    expect(JSON.parse(json.out)).toMatchObject({ valid: true, groups: 1, credentials: null });
  });

  test("renders to a Job and a Secret, whose values are masked", async () => {
    const { write } = await scratchFolder();
    const [config, template] = [
      await write("c.yaml", await exampleConfig()),
      await write("t", await shippedTemplate()),
    ];
    const { code, out, err } = await runCommand([
      ...["render", "--group", "Runner group 1", "--config", config, "--template", template],
    ]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [job, secret] = parseAllDocuments(out).map((document) => document.toJS() as Record<string, unknown>);
    expect(job).toMatchObject({ kind: "Job", metadata: { namespace: "default" } });
    expect(secret).toMatchObject({
      kind: "Secret",
      data: { oauth_client_id: "[masked]", oauth_client_secret: "[masked]" },
    });
  });
});

test("schema prints JSON and nothing else", async () => {
  const { code, out, err } = await runCommand(["schema"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(JSON.parse(out)).toMatchObject({ $schema: expect.stringContaining("json-schema.org") as unknown });
});
