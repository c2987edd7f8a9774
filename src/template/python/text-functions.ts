import { EvaluationError, type Meter } from "../jinja/meter.ts";
import { joined, type Value, wholeOf } from "./values.ts";

/** What Python takes for white space. */
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** @throws {EvaluationError} for anything else than a text */
export function textOf(value: Value, meter: Meter): string {
  if (typeof value !== "string") throw new EvaluationError("only a text can be used here");
  meter.text(value.length);
  return value;
}

/** Python's `str.replace`. */
export function replaced(
  meter: Meter,
  text: string,
  { old, by, count }: { readonly old: string; readonly by: string; readonly count: Value },
): string {
  return joined(partsOf(meter, text, old, count), by, meter);
}

/** Python's `str.split` at a separator, at most `count` times. */
export function partsOf(meter: Meter, text: string, separator: string, count: Value): readonly string[] {
  if (separator === "") throw new EvaluationError("what is looked for must not be empty");
  meter.search(text, separator);
  const parts = text.split(separator);
  const most = wholeOf(count, "count") ?? -1;
  return most < 0 || most >= parts.length ? parts : [...parts.slice(0, most), parts.slice(most).join(separator)];
}

/** Python's `str.split` at white space. */
export function wordsOf(meter: Meter, text: string): readonly string[] {
  meter.text(text.length);
  return text.split(new RegExp(`${SPACE.source}+`)).filter((word) => word !== "");
}

/** Python's `str.strip` of white space or of given characters, `lstrip` and `rstrip`. */
export function stripped(meter: Meter, text: string, chars: Value, side: "both" | "left" | "right" = "both"): string {
  meter.text(text.length);
  const strip = chars === undefined || chars === null ? undefined : new Set(textOf(chars, meter));
  const goes = (character = "x") => strip?.has(character) ?? SPACE.test(character);
  const letters = [...text];
  let [from, to] = [0, letters.length];
  while (side !== "right" && from < to && goes(letters[from])) from += 1;
  while (side !== "left" && from < to && goes(letters[to - 1])) to -= 1;
  return letters.slice(from, to).join("");
}

/** How a text is indented: whether its first line is as well, and lines that hold nothing. */
interface Indentation {
  readonly indent: string;
  readonly first: boolean;
  readonly blank: boolean;
}

/** Jinja2's `indent`: Python ends a line at more than line feeds. */
export function indented(meter: Meter, text: string, { indent, first, blank }: Indentation): string {
  const lines = text.split(/\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/);
  if (text.endsWith("\r")) lines.pop();
  const isIndented = (line: string, index: number) => (index === 0 ? first : blank || line !== "");
  meter.text(lines.length * indent.length);
  return joined(
    lines.map((line, index) => (isIndented(line, index) ? indent + line : line)),
    "\n",
    meter,
  );
}
