import { expect, test } from "vitest";
import { aRunner } from "../../test/support/runners.ts";
import type { ProcessEvent } from "../domain/events.ts";
import type { Runner } from "../domain/runner.ts";
import { actOnEach } from "./act-on-each.ts";

/** Acts on each number; what is told meanwhile is collected. */
async function acting<Outcome>(items: readonly number[], act: (item: number) => Promise<Outcome>, runner?: Runner) {
  const told: ProcessEvent[] = [];
  const acts = await actOnEach(
    { emit: (event) => void told.push(event) },
    { operation: "drain-step", about: { scope: "one", group: "two" }, items, width: 2, act, runnerOf: () => runner },
  );
  return { acts, told };
}

const failing = (item: number) => (item === 2 ? Promise.reject(new Error("no")) : Promise.resolve(item * 10));

test("what fails is told, with its runner, and the others go on", async () => {
  const runner = aRunner();
  const { acts, told } = await acting([1, 2, 3], failing, runner);
  expect(acts).toEqual({ outcomes: [10, 30], failures: 1 });
  expect(told).toEqual([
    {
      type: "failure",
      operation: "drain-step",
      about: { scope: "one", group: "two" },
      runner: { uuid: runner.uuid, name: runner.remote?.name },
      error: new Error("no"),
    },
  ]);
});

test("a failure about no runner names none", async () => {
  const { told } = await acting([2], failing);
  expect(told).toHaveLength(1);
  expect(told[0]).not.toHaveProperty("runner");
});

test("what an act throws before it waits is a failure like any other", async () => {
  const { acts } = await acting([1, 2], (item) => {
    if (item === 1) throw new Error("no");
    return Promise.resolve(item);
  });
  expect(acts).toEqual({ outcomes: [2], failures: 1 });
});

test("no more at a time than its width, and all of them", async () => {
  let now = 0;
  let most = 0;
  const { acts } = await acting([1, 2, 3, 4, 5], async (item) => {
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    now -= 1;
    return item;
  });
  expect(most).toBe(2);
  expect(acts).toEqual({ outcomes: [1, 2, 3, 4, 5], failures: 0 });
});
