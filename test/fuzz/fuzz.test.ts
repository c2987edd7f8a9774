import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { CONFIGURATIONS, KUBECONFIGS, TEMPLATES } from "./cases.ts";
import { play, roundOf } from "./fuzz.ts";
import { LimitedChild } from "./limited-child.ts";
import { PARSERS } from "./parsers.ts";

/** Far more than the two seconds that are promised: it ends what would never end, on a machine that is busy, too. */
const child = new LimitedChild({ heapMegabytes: 200, timeMs: 15_000 });
afterAll(() => child.close());

const KEPT = { configuration: CONFIGURATIONS, template: TEMPLATES, kubeconfig: KUBECONFIGS };

describe.each(Object.entries(KEPT))("%s: refused in a heap of 200 MB, in time, in short lines", (parser, cases) => {
  test.each(Object.entries(cases))("%s", async (_, text) => {
    const { fault, said } = await child.read({ parser, text });
    expect(fault).toBeUndefined();
    expect(said).toMatch(/./);
  });
});

/** What was found once, by the folder of its parser. */
const FOUND = PARSERS.flatMap(({ name }) => {
  const folder = new URL(`found/${name}/`, import.meta.url);
  return existsSync(folder) ? readdirSync(folder).map((file) => [name, file, new URL(file, folder)] as const) : [];
});

test.each(FOUND)("%s takes what was found once: %s", async (parser, _, url) => {
  expect((await child.read({ parser, text: readFileSync(url, "utf8") })).fault).toBeUndefined();
});

test("some generated inputs for each parser", async () => {
  for (let round = 0; round < 25 * PARSERS.length; round += 1) expect(await play(child, 20, round)).toBeUndefined();
}, 300_000);

test("a round is the same again for the same seed", () => {
  for (let round = 0; round < 20; round += 1) expect(roundOf(3, round).text).toBe(roundOf(3, round).text);
  expect(roundOf(3, 0).text).not.toBe(roundOf(4, 0).text);
});

test("a child that dies is a fault, and the next one goes on", async () => {
  const small = new LimitedChild({ heapMegabytes: 200, timeMs: 1 });
  const text = "#\n".repeat(400_000);
  expect((await small.read({ parser: "configuration", text })).fault).toBe("it took too long");
  small.close();
  expect((await child.read({ parser: "nobody's", text })).fault).toBe("there is no parser nobody's");
  expect((await child.read({ parser: "configuration", text: "a: 1" })).fault).toBeUndefined();
});
