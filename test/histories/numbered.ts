import { seededRandom } from "../../src/support/random.ts";
import { SEED_SETTINGS } from "../support/seed.ts";
import { playHistory } from "./history.ts";
import { type Cell, cellAt, describeCell } from "./micro/cell.ts";
import { playMicro } from "./micro/play.ts";
import { shrink } from "./shrink.ts";
import { simplerCells, simplerStories } from "./simpler.ts";
import { drawStory, type Story } from "./story.ts";
import { wrongWith } from "./wrong.ts";

/** Of so many histories one is a long, drawn one; the others are short ones of the matrix. */
const ONE_LONG_OF = 20;

/** How the history of a number went. */
export interface Played {
  readonly index: number;
  readonly kind: "short" | "long";
  /** Of a short one: its state, fault and event. */
  readonly cell?: string;
  /** What a person needs to know of it. */
  readonly about: string;
  /** Promises that were broken, and what is not as it should be in the end. */
  readonly wrong: readonly string[];
  /** How often the observer forgave what no client could avoid, by why. */
  readonly forgiven: Readonly<Record<string, number>>;
}

/** Plays the `index`-th history. The same index and seed give the same course. */
export async function playNumber(index: number, seed: number): Promise<Played> {
  const numbered = { index, seed: seed + index };
  return isLong(index) ? playLong(numbered) : playShort(numbered);
}

/** Which histories are meant: the long ones, or those of the matrix with all of these. */
export type Cells = "long" | Partial<Pick<Cell, "state" | "fault" | "event" | "behaviour" | "counting">>;

/** Whether the history of a number is one of those. */
export function isOneOf(index: number, cells: Cells): boolean {
  if (isLong(index) || cells === "long") return isLong(index) && cells === "long";
  const cell = cellAt(shortIndex(index));
  return (Object.keys(cells) as readonly (keyof typeof cells)[]).every((key) => cell[key] === cells[key]);
}

/** The simplest history like that one in which something is wrong, told line by line; nothing when nothing is wrong with that one. */
export async function tellSimplest(index: number, seed: number): Promise<readonly string[]> {
  const drawn = seed + index;
  if (isLong(index)) {
    const wrong = async (story: Story) => wrongWith(await playHistory(drawn, story), story);
    const story = storyOf(drawn);
    if ((await wrong(story)).length === 0) return [];
    const least = await shrink(story, simplerStories, async (each) => (await wrong(each)).length > 0);
    return [JSON.stringify(least, undefined, 2), ...(await playHistory(drawn, least)).record, ...(await wrong(least))];
  }
  const play = (cell: Cell) => playMicro(cell, drawn);
  const cell = cellAt(shortIndex(index));
  if ((await play(cell)).wrong.length === 0) return [];
  const least = await shrink(cell, simplerCells, async (each) => (await play(each)).wrong.length > 0);
  const { record, wrong } = await play(least);
  return [describeCell(least), ...record, ...wrong];
}

async function playShort({ index, seed }: { readonly index: number; readonly seed: number }): Promise<Played> {
  const cell = cellAt(shortIndex(index));
  const { wrong, forgiven } = await playMicro(cell, seed);
  return {
    index,
    kind: "short",
    cell: `${cell.state} × ${cell.fault} × ${cell.event}`,
    about: describeCell(cell),
    wrong,
    forgiven: Object.fromEntries(forgiven),
  };
}

async function playLong({ index, seed }: { readonly index: number; readonly seed: number }): Promise<Played> {
  const story = storyOf(seed);
  const outcome = await playHistory(seed, story);
  return {
    index,
    kind: "long",
    about: `a drawn story, seed ${seed}`,
    wrong: wrongWith(outcome, story),
    forgiven: Object.fromEntries(outcome.forgiven),
  };
}

function storyOf(seed: number): Story {
  return drawStory(seededRandom(seed), SEED_SETTINGS);
}

function isLong(index: number): boolean {
  return index % ONE_LONG_OF === ONE_LONG_OF - 1;
}

function shortIndex(index: number): number {
  return index - Math.floor(index / ONE_LONG_OF);
}
