import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { BrokenLine, jsonLines } from "./json-lines.ts";

async function* inPieces(text: string, cuts: readonly number[]): AsyncGenerator<string> {
  let from = 0;
  for (const cut of [...cuts.map((at) => at % (text.length + 1)).sort((a, b) => a - b), text.length]) {
    yield text.slice(from, cut);
    from = cut;
  }
}

async function all(pieces: AsyncIterable<string>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of jsonLines(pieces)) values.push(value);
  return values;
}

test.prop([fc.array(fc.jsonValue()), fc.array(fc.nat())])(
  "lines survive any cutting into pieces",
  async (values, cuts) => {
    const text = values.map((value) => `${JSON.stringify(value)}\n`).join("");
    expect(await all(inPieces(text, cuts))).toEqual(JSON.parse(JSON.stringify(values)));
  },
);

test.prop([fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1 }), fc.nat()])(
  "of a stream that is cut off, exactly the whole lines remain",
  async (values, cut) => {
    const lines = values.map((value) => `${JSON.stringify(value)}\n`);
    const text = lines.join("").slice(0, cut % lines.join("").length);
    const whole = text.split("\n").length - 1;
    expect(await all(inPieces(text, []))).toEqual(JSON.parse(JSON.stringify(values.slice(0, whole))));
  },
);

test("blank lines and Windows line ends do no harm", async () => {
  expect(await all(inPieces('\n{"a":1}\r\n\r\n{"b":2}\r\n', [3, 9]))).toEqual([{ a: 1 }, { b: 2 }]);
});

test("a line that is no JSON ends the reading, without being quoted", async () => {
  const reading = all(inPieces('{"a":1}\n{"token":"hunter2"\n{"b":2}\n', []));
  await expect(reading).rejects.toThrow(BrokenLine);
  await expect(reading).rejects.not.toThrow(/hunter2/);
});
