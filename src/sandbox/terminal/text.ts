import type picocolors from "picocolors";

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Gives a text a colour. */
export type Paint = (text: string) => string;

/** A piece of a line, with its colour. */
export type Span = string | readonly [text: string, paint: Paint];

/** One line of spans, exactly as wide as it is or cut to `columns` with an ellipsis. Control characters do not get through. */
export function lineOf(spans: readonly Span[], columns: number): string {
  let left = columns;
  let line = "";
  const total = spans.reduce((sum, span) => sum + widthOf(span), 0);
  if (total > columns) left -= 1;
  for (const span of spans) {
    const [text, paint] = typeof span === "string" ? [span, (same: string) => same] : span;
    const shown = charactersOf(text).slice(0, Math.max(0, left));
    if (shown.length > 0) line += paint(shown.join(""));
    left -= shown.length;
  }
  return total > columns ? `${line}…` : line;
}

/** Two groups of spans at both ends of a line. */
export function spread(left: readonly Span[], right: readonly Span[], columns: number): readonly Span[] {
  const used = [...left, ...right].reduce((sum, span) => sum + widthOf(span), 0);
  return [...left, " ".repeat(Math.max(1, columns - used)), ...right];
}

function widthOf(span: Span): number {
  return charactersOf(typeof span === "string" ? span : span[0]).length;
}

function charactersOf(text: string): readonly string[] {
  return [...text.replace(/\p{Cc}/gu, " ")];
}

/** `12:03:10`, of simulated time in UTC. */
export function clockText(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

/** `1:02:03` or `2:03`: how long something takes. */
export function spanText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
