import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { commandLine } from "./command-line.ts";
import { anchors, code, documents, links, type Placed, ROOT, read } from "./markdown.ts";

const { root } = commandLine();
const OPTIONS = new Map(
  root.commands.map((command) => [command.name(), command.options.flatMap(({ long }) => long ?? [])]),
);
const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
/** npm's own words for two of them. */
const SHORT = /\bnpm (start|test)\b/g;

describe.each(documents())("%s", (path) => {
  const markdown = read(path);

  test("links to what is there", () => {
    const broken = links(markdown).filter(({ text }) => !resolves(path, text));
    expect(broken.map(told)).toEqual([]);
  });

  test("names files and folders that are there", () => {
    const missing = code(markdown).filter(
      ({ text }) =>
        /^(?:src|test|docs|scripts|schemas|kustomize\/(?:base|values))\/[\w./-]*$/.test(text) &&
        !existsSync(join(ROOT, text)),
    );
    expect(missing.map(told)).toEqual([]);
  });

  test("names scripts and commands that exist", () => {
    const unknown = code(markdown).flatMap(({ text, line }) =>
      [...scriptsIn(text), ...commandsIn(text)].map((name) => told({ text: name, line })),
    );
    expect(unknown).toEqual([]);
  });
});

test("every document under docs/ can be reached from docs/README.md", () => {
  const reached = new Set<string>();
  const visit = (path: string) => {
    if (reached.has(path) || !path.endsWith(".md") || !existsSync(join(ROOT, path))) return;
    reached.add(path);
    for (const { text } of links(read(path))) if (!isElsewhere(text)) visit(targetOf(path, text).file);
  };
  visit("docs/README.md");
  expect(documents().filter((path) => path.startsWith("docs/") && !reached.has(path))).toEqual([]);
});

function told({ text, line }: Placed): string {
  return `line ${line}: ${text}`;
}

function resolves(from: string, link: string): boolean {
  if (isElsewhere(link)) return true;
  const { file, anchor } = targetOf(from, link);
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || (file.endsWith(".md") && anchors(read(file)).has(anchor));
}

function isElsewhere(link: string): boolean {
  return /^[a-z]+:/.test(link);
}

function targetOf(from: string, link: string): { readonly file: string; readonly anchor: string | undefined } {
  const [file = "", anchor] = link.split("#");
  return { file: file === "" ? from : normalize(join(dirname(from), decodeURI(file))), anchor };
}

function scriptsIn(text: string): readonly string[] {
  const named = [...text.matchAll(/\bnpm run (?:-\S+ )*([\w:-]+)/g), ...text.matchAll(SHORT)];
  return named.flatMap(([, name = ""]) => (Object.hasOwn(scripts, name) ? [] : [`npm run ${name}`]));
}

/** Commands of the program that do not exist, and flags that theirs does not have. */
function commandsIn(text: string): readonly string[] {
  const started = [...text.matchAll(/\bnpm start -- ([^|&;]*)/g)].map(([, rest = ""]) => ["sandbox", rest] as const);
  const called = [...text.matchAll(/(?:^|[ /])runners-autoscaler(?:\.js)? +([a-z][a-z-]*)\b([^|&;]*)/g)].map(
    ([, name = "", rest = ""]) => [name, rest] as const,
  );
  return [...started, ...called].flatMap(([name, rest]) => {
    const options = OPTIONS.get(name);
    if (options === undefined) return [`runners-autoscaler ${name}`];
    const flags = [...rest.matchAll(/(?<=\s|^)--[a-z][a-z-]*/g)].map(([flag]) => flag);
    return flags.filter((flag) => !options.includes(flag)).map((flag) => `runners-autoscaler ${name} ${flag}`);
  });
}
