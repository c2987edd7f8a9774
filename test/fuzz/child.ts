import process from "node:process";
import { type Input, LONGEST_LINE, MOST_TEXT, type Outcome } from "./messages.ts";
import { PARSERS } from "./parsers.ts";

/** Reads one input after the other, in a heap that its starter limits; who takes too long is killed by the starter. */
process.on("message", (input: Input) => {
  void outcomeOf(input).then((outcome) => process.send?.(outcome));
});
process.send?.({ fault: undefined } satisfies Outcome);

async function outcomeOf({ parser: name, text }: Input): Promise<Outcome> {
  const parser = PARSERS.find((each) => each.name === name);
  if (parser === undefined) return { fault: `there is no parser ${name}` };
  try {
    const lines = await parser.read(text);
    return { fault: faultIn(lines), said: lines[0] };
  } catch (error) {
    return { fault: `it threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` };
  }
}

function faultIn(lines: readonly string[]): string | undefined {
  const long = lines.find((line) => line.length > LONGEST_LINE);
  if (long !== undefined) return `a line of ${long.length} characters: ${long.slice(0, 100)}`;
  const control = lines.find((line) => /[^\P{Cc}\t]|[\u2028\u2029]/u.test(line));
  if (control !== undefined) return `a control character in what is told: ${JSON.stringify(control.slice(0, 200))}`;
  const total = lines.reduce((sum, line) => sum + line.length, 0);
  return total > MOST_TEXT ? `${total} characters are told` : undefined;
}
