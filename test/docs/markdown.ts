import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root, with its separator at the end. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A table, with the heading that it stands under. */
export interface Table {
  readonly heading: string;
  readonly columns: readonly string[];
  /** Cells by column, as they are written. */
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** A text in a document, and the line (from 1) that it stands on. */
export interface Placed {
  readonly text: string;
  readonly line: number;
}

/** Folders that hold no documents of the repository. */
const SKIPPED = new Set(["node_modules", "dist", "coverage", "fixtures"]);

/** A file of the repository as text. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Every Markdown document of the repository, as paths from its root. */
export function documents(folder = ROOT): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) || entry.name.startsWith(".") ? [] : documents(path);
    return entry.name.endsWith(".md") ? [relative(ROOT, path)] : [];
  });
}

/** The tables of a document, in their order. */
export function tables(markdown: string): readonly Table[] {
  const found: Table[] = [];
  let heading = "";
  const lines = prose(markdown);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
    if (!line.startsWith("|") || !/^\|[-:| ]+\|$/.test(lines[index + 1] ?? "")) continue;
    const columns = cells(line);
    const rows: Record<string, string>[] = [];
    for (index += 2; lines[index]?.startsWith("|"); index += 1) {
      const values = cells(lines[index] ?? "");
      rows.push(Object.fromEntries(columns.map((column, position) => [column, values[position] ?? ""])));
    }
    found.push({ heading, columns, rows });
    index -= 1;
  }
  return found;
}

/** The targets of a document's links. */
export function links(markdown: string): readonly Placed[] {
  return prose(markdown).flatMap((line, index) =>
    [...line.replaceAll(/`[^`]*`/g, "").matchAll(/\]\(<?([^)\s>]+)>?\)/g)].map(([, text = ""]) => ({
      text,
      line: index + 1,
    })),
  );
}

/** What a link's `#…` may name: the headings, as Git hosts spell them. */
export function anchors(markdown: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const line of prose(markdown)) {
    const heading = /^#+ (.*)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const anchor = text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .trim()
      .replaceAll(" ", "-");
    for (let copy = 0; ; copy += 1) {
      const name = copy === 0 ? anchor : `${anchor}-${copy}`;
      if (found.has(name)) continue;
      found.add(name);
      break;
    }
  }
  return found;
}

/** What stands in backticks within a text. */
export function codeSpans(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
}

/** A document's code: each span, and each line of its blocks (those that end with a backslash joined with the next). */
export function code(markdown: string): readonly Placed[] {
  const spans = prose(markdown).flatMap((line, index) => codeSpans(line).map((text) => ({ text, line: index + 1 })));
  const blocks: Placed[] = [];
  let inside = false;
  let open: Placed | undefined;
  for (const [index, line] of markdown.split("\n").entries()) {
    if (isFence(line)) inside = !inside;
    else if (inside) {
      const text = `${open?.text ?? ""}${line.replace(/\\$/, "")}`;
      const placed = { text, line: open?.line ?? index + 1 };
      open = line.endsWith("\\") ? placed : undefined;
      if (open === undefined) blocks.push(placed);
    }
  }
  return [...spans, ...blocks];
}

/** The content of the first block of that language. */
export function block(markdown: string, language: string): string {
  const found = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "m").exec(markdown)?.[1];
  if (found === undefined) throw new Error(`no block of ${language}`);
  return found;
}

/** The lines, those of code blocks emptied. */
function prose(markdown: string): readonly string[] {
  let inside = false;
  return markdown.split("\n").map((line) => {
    const fence = isFence(line);
    if (fence) inside = !inside;
    return fence || inside ? "" : line;
  });
}

function isFence(line: string): boolean {
  return /^\s*```/.test(line);
}

function cells(row: string): readonly string[] {
  return row
    .replace(/^\|/, "")
    .replace(/\|\s*$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}
