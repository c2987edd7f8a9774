import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { rejection } from "../../../test/support/scripted-bitbucket.ts";
import { UnexpectedResponse } from "../errors.ts";
import { allValues } from "./paging.ts";
import type { ApiResponse } from "./send-once.ts";

const FIRST = "https://api.test/2.0/things?pagelen=100";
const page = (body: unknown): ApiResponse => ({ status: 200, headers: {}, text: JSON.stringify(body), sentAt: 0 });

async function values(first: unknown, pages: Readonly<Record<string, unknown>> = {}) {
  const asked: string[] = [];
  const { values: outcome, promised } = await allValues("GET /things", FIRST, page(first), async (url) => {
    asked.push(url);
    if (!(url in pages)) throw new Error(`asked for ${url}`);
    return page(pages[url]);
  });
  return { outcome, asked, promised };
}

describe("allValues", () => {
  test("one page", async () => {
    expect(await values({ values: [1, 2] })).toEqual({ outcome: [1, 2], asked: [], promised: undefined });
    expect((await values({ values: [], next: null })).outcome).toEqual([]);
    expect((await values({ values: [3], next: "", size: 7, pagelen: 10 })).outcome).toEqual([3]);
  });

  test("a relative next stays on the server", async () => {
    const { outcome } = await values(
      { values: [1], next: "?page=2" },
      { "https://api.test/2.0/things?page=2": { values: [2] } },
    );
    expect(outcome).toEqual([1, 2]);
  });

  test("tells how many there should be, when it took more than one page", async () => {
    const second = "https://api.test/2.0/things?page=2";
    const promised = async (size: unknown) =>
      (await values({ values: [1], size: 9, next: second }, { [second]: { values: [2], size } })).promised;
    expect(await promised(3)).toBe(3);
    expect(await promised(undefined)).toBeUndefined();
    expect(await promised("three")).toBeUndefined();
  });

  test.each([
    ["another host", "https://evil.test/2.0/things?page=2"],
    ["another scheme", "http://api.test/2.0/things?page=2"],
    ["another port", "https://api.test:8443/2.0/things?page=2"],
    ["a name in front of the host", "https://api.test@evil.test/2.0/things"],
    ["another host without scheme", "//evil.test/"],
    ["no URL", "https://"],
  ])("refuses to follow to %s", async (_what, next) => {
    const failure = await rejection(values({ values: [1], next }));
    expect(failure).toBeInstanceOf(UnexpectedResponse);
    expect(String(failure)).toContain("another server");
  });

  test("refuses loops", async () => {
    const second = "https://api.test/2.0/things?page=2";
    const loop = values({ values: [1], next: second }, { [second]: { values: [2], next: FIRST } });
    expect(String(await rejection(loop))).toContain("circles");
    const self = values({ values: [1], next: second }, { [second]: { values: [2], next: second } });
    expect(String(await rejection(self))).toContain("circles");
  });

  test("refuses a list without end", async () => {
    let number = 1;
    const endless = () => page({ values: [0], next: `https://api.test/2.0/things?page=${(number += 1)}` });
    expect(String(await rejection(allValues("GET /things", FIRST, endless(), async () => endless())))).toContain(
      "50 pages",
    );
    expect(number).toBe(51);
  });

  test.each([[{}], [{ values: null }], [{ values: {} }], [[]], ["text"], [{ values: [], next: 7 }]])(
    "refuses %j",
    async (body) => {
      expect(await rejection(values(body))).toBeInstanceOf(UnexpectedResponse);
    },
  );

  test("all or nothing: what fails half-way fails", async () => {
    expect(String(await rejection(values({ values: [1], next: "?page=2" })))).toContain("asked for");
  });

  test.prop([fc.array(fc.array(fc.nat(), { maxLength: 5 }), { minLength: 1, maxLength: 50 })])(
    "gives every value of every page, in order",
    async (pages) => {
      const url = (number: number) => `https://api.test/2.0/things?page=${number}`;
      const bodies = pages.map((items, i) => ({
        values: items,
        ...(i + 1 < pages.length && { next: url(i + 2) }),
      }));
      const later = Object.fromEntries(bodies.slice(1).map((body, i) => [url(i + 2), body]));
      const { outcome, asked } = await values(bodies[0], later);
      expect(outcome).toEqual(pages.flat());
      expect(asked).toEqual(Object.keys(later));
    },
  );
});
