import type { Row } from "./row.ts";

const HEAD = ["what", "original", "target", "measured", "verdict"] as const;

/** The rows as a Markdown table whose columns stand below each other in a terminal too. */
export function tableText(rows: readonly Row[]): string {
  const cells = rows.map((row) => HEAD.map((column) => row[column]));
  const widths = HEAD.map((head, i) => Math.max(head.length, ...cells.map((line) => line[i]?.length ?? 0)));
  const line = (texts: readonly string[]) => `| ${texts.map((text, i) => text.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  return [line(HEAD), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)].join("\n");
}
