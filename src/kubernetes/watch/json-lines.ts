import { parseJson } from "../../support/json.ts";

/** A line that is no JSON: the stream cannot be trusted from there on. */
export class BrokenLine extends Error {
  override readonly name = "BrokenLine";
}

/**
 * Splits a stream of text into lines and parses each as JSON. What stands after the last line break when the stream ends was cut off, and
 * is dropped: the reader continues from the line before.
 *
 * @throws {BrokenLine} @throws whatever the stream throws.
 */
export async function* jsonLines(pieces: AsyncIterable<string>): AsyncGenerator<unknown, void> {
  let unfinished: string[] = [];
  for await (const piece of pieces) {
    const [first = "", ...rest] = piece.split("\n");
    unfinished.push(first);
    for (const start of rest) {
      const line = unfinished.join("");
      unfinished = [start];
      if (line.trim() !== "") yield parseLine(line);
    }
  }
}

function parseLine(line: string): unknown {
  const value = parseJson(line);
  // The line itself may hold anything: it is not quoted.
  if (value === undefined) throw new BrokenLine(`a line of ${line.length} characters is no JSON`);
  return value;
}
