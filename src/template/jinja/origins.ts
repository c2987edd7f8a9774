import type { Dict } from "../python/values.ts";
import type { Block } from "./ast.ts";
import { evaluate } from "./evaluate.ts";
import { EvaluationError, Meter } from "./meter.ts";

/** How much more a run with marks may make and do: of short lines the marks are the most. */
const MARKED = 10;
/** Characters for private use, which no manifest holds. */
const [OPEN, CLOSE] = ["\uE000", "\uE001"];

/**
 * Tells for each place in the text that a template makes where in the template it came from. The template is run once more with a mark in
 * front of each line of its own text, which goes with the text through macros and filters; what stands between (a variable's value) is put
 * to the text before it. Only done when there is a problem to show.
 */
export function originsOf(template: Block, variables: Dict): (made: number) => number | undefined {
  const origins: { readonly made: number; readonly at: number; readonly length: number }[] = [];
  let made = 0;
  const [before = "", ...stretches] = marked(template, variables).split(OPEN);
  made += before.length;
  for (const stretch of stretches) {
    const [mark = "", text = ""] = stretch.split(CLOSE);
    const [at = 0, length = 0] = mark.split(":").map(Number);
    origins.push({ made, at, length });
    made += text.length;
  }
  return (offset) => {
    const origin = origins.findLast((each) => each.made <= offset && Number.isSafeInteger(each.at + each.length));
    return origin === undefined ? undefined : origin.at + Math.min(offset - origin.made, origin.length);
  };
}

function marked(template: Block, variables: Dict): string {
  const textOf = ({ text, at }: { readonly text: string; readonly at: number }) => {
    let place = at;
    const lines = text.split(/(?<=\n)/).map((line) => {
      const mark = `${OPEN}${place}:${line.replace(/\n$/, "").length}${CLOSE}`;
      place += line.length;
      return mark + line;
    });
    return lines.join("");
  };
  try {
    return evaluate(template, variables, { meter: new Meter(MARKED), textOf });
  } catch (error) {
    // With the marks it may be beyond the limits, or go another way.
    if (error instanceof EvaluationError) return "";
    throw error;
  }
}
