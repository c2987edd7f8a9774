import { describe, expect, test } from "vitest";
import { cellAt, EVENTS, FAULTS, playMicro, STATES } from "./micro/micro.ts";

const CELLS = STATES.length * FAULTS.length * EVENTS.length;
/** A sample of the matrix, spread over it; `npm run test:deep -- --histories N` plays as many as wanted. */
const SAMPLE = Array.from({ length: 200 }, (_, i) => (i * 337) % (3 * CELLS));

describe("short histories", () => {
  test("each round has every combination once", () => {
    for (const round of [0, 1, 7]) {
      const keys = Array.from({ length: CELLS }, (_, i) => cellAt(round * CELLS + i)).map(
        ({ state, fault, event }) => `${state} ${fault} ${event}`,
      );
      expect(new Set(keys).size).toBe(CELLS);
    }
  });

  test.each(SAMPLE)("number %i: nothing is broken, and nothing remains", async (index) => {
    const { breaches, remains } = await playMicro(index, 1 + index);
    expect({ breaches, remains }).toEqual({ breaches: [], remains: [] });
  });
});
