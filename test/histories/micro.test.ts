import { describe, expect, test } from "vitest";
import { CELLS, cellAt } from "./micro/cell.ts";
import { playMicro } from "./micro/play.ts";

/** A sample of the matrix, spread over it; `npm run test:deep -- --histories N` plays as many as wanted. */
const SAMPLE = Array.from({ length: 350 }, (_, i) => i * 23);

describe("short histories", () => {
  test("each round has every combination once", () => {
    for (const round of [0, 1, 7]) {
      const keys = Array.from({ length: CELLS }, (_, i) => cellAt(round * CELLS + i)).map(
        ({ state, fault, event }) => `${state} ${fault} ${event}`,
      );
      expect(new Set(keys).size).toBe(CELLS);
    }
  });

  test("the same number is the same history, event by event", async () => {
    const play = () => playMicro(cellAt(7), 7);
    expect((await play()).record).toEqual((await play()).record);
  });

  test.each(SAMPLE)("number %i: nothing is broken, and nothing remains", async (index) => {
    expect((await playMicro(cellAt(index), 1 + index)).wrong).toEqual([]);
  });
});
