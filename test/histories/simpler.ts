import type { Cell } from "./micro/cell.ts";
import type { Story } from "./story.ts";

/** A short history with one thing less. */
export function simplerCells(cell: Cell): readonly Cell[] {
  const simplest = { fault: "none", event: "nothing", behaviour: "documented", aheadMs: [0, 0], position: 0 } as const;
  const keys = Object.keys(simplest) as readonly (keyof typeof simplest)[];
  return keys
    .filter((key) => String(cell[key]) !== String(simplest[key]))
    .map((key) => ({ ...cell, [key]: simplest[key] }));
}

/** A long history with one thing less. */
export function simplerStories(story: Story): readonly Story[] {
  const { behaviour, bursts, crashes, hands, newMax, rates, twin } = story;
  const without = <T>(list: readonly T[], key: string) =>
    list.map((_, i) => ({ ...story, [key]: list.toSpliced(i, 1) }));
  const less = (record: object, key: string) =>
    Object.keys(record).map((name) => ({
      ...story,
      [key]: Object.fromEntries(Object.entries(record).filter(([other]) => other !== name)),
    }));
  return [
    ...(Object.keys(rates).length > 0 ? [{ ...story, rates: {} }] : []),
    ...(twin === undefined ? [] : [{ ...story, twin: undefined }]),
    ...(newMax === undefined ? [] : [{ ...story, newMax: undefined }]),
    ...without(crashes, "crashes"),
    ...without(hands, "hands"),
    ...without(bursts, "bursts"),
    ...less(rates, "rates"),
    ...less(behaviour, "behaviour"),
  ] as readonly Story[];
}
