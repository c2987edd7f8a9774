import { type Random, randomName } from "../../support/random.ts";

/** A uuid in braces, as Bitbucket writes them. */
export function drawUuid(random: Random): string {
  const digit = () => Math.floor(random.next() * 16).toString(16);
  const variant = () => "89ab"[Math.floor(random.next() * 4)] ?? "8";
  return `{${"xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, (x) => (x === "x" ? digit() : variant()))}}`;
}

/** Text that nobody guesses: client ids, secrets, tokens. */
export function drawKey(random: Random, length: number): string {
  return randomName(random, length);
}

/** A number drawn evenly from a range. */
export function drawBetween(random: Random, [min, max]: readonly [min: number, max: number]): number {
  return min + random.next() * (max - min);
}
