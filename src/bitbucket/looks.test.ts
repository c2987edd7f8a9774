import { describe, expect, test } from "vitest";
import {
  aConsumer,
  aRunnerResource,
  aWorkspaceScope,
  json,
  rejection,
  restOptions,
  scriptedBitbucket,
  settle,
  silence,
  unaborted,
} from "../../test/support/scripted-bitbucket.ts";
import { textResponse } from "../http/transport.ts";
import { VirtualClock } from "../simulator/virtual-clock.ts";
import { LookExpired } from "./errors.ts";
import type { Bitbucket } from "./port.ts";
import { restBitbucket } from "./rest.ts";

/** How old a look may be when the write that rests on it leaves, and listings that may have shifted while they were read. */

const NOW = 1_000_000;
const runner = { uuid: "{1}", name: "g [abcdefgh-1]", labels: ["linux"] };
type Script = Parameters<typeof scriptedBitbucket>[0];

function adapter(answer: Script, options: Parameters<typeof restOptions>[2] = {}) {
  const clock = new VirtualClock(NOW);
  const { send, received } = scriptedBitbucket(answer);
  const writes = () => received.filter(({ method, host }) => method !== "GET" && host !== "bitbucket.org");
  return {
    clock,
    bitbucket: restBitbucket(restOptions(clock, send, { flavour: "public", ...options })),
    received,
    writes,
  };
}

describe("a disable", () => {
  const disabled = async (first: () => ReturnType<Script>) => {
    let count = 0;
    const { clock, bitbucket } = adapter(() => ((count += 1) === 1 ? first() : json(200, aRunnerResource("{1}"))));
    return settle(clock, bitbucket.disable(aWorkspaceScope, runner, NOW + 60_000, unaborted));
  };

  test("says when an earlier sending of it was not answered: it may still arrive", async () => {
    expect(await disabled(() => json(200, aRunnerResource("{1}")))).toBe("answered");
    expect(await disabled(() => textResponse(503, {}, ""))).toBe("earlier-may-arrive");
    expect(await disabled(silence)).toBe("earlier-may-arrive");
  });
});

describe.each<[string, (bitbucket: Bitbucket, notAfter: number) => Promise<unknown>]>([
  ["disable", (bitbucket, notAfter) => bitbucket.disable(aWorkspaceScope, runner, notAfter, unaborted)],
  ["enable", (bitbucket, notAfter) => bitbucket.enable(aWorkspaceScope, runner, notAfter, unaborted)],
  ["remove", (bitbucket, notAfter) => bitbucket.remove(aWorkspaceScope, "{1}", notAfter, unaborted)],
])("%s", (_what, write) => {
  const done = () => json(200, aRunnerResource("{1}"));

  test("is sent while the look is young enough", async () => {
    const { clock, bitbucket, writes } = adapter(done);
    await settle(clock, write(bitbucket, NOW));
    expect(writes()).toHaveLength(1);
  });

  test("is not sent when the look is too old", async () => {
    const { clock, bitbucket, writes } = adapter(done);
    const failure = await settle(clock, rejection(write(bitbucket, NOW - 1)));
    expect(failure).toBeInstanceOf(LookExpired);
    expect(failure).toMatchObject({ mayHaveActed: false });
    expect(writes()).toEqual([]);
  });

  test("is not sent when a new token took too long to come", async () => {
    const slowToken: Script = async ({ host }) => {
      if (host !== "bitbucket.org") return done();
      await world.clock.sleep(11_000);
      return json(200, { access_token: "t" });
    };
    const world = adapter(slowToken, { credentials: aConsumer });
    expect(await settle(world.clock, rejection(write(world.bitbucket, NOW + 10_000)))).toBeInstanceOf(LookExpired);
    expect(world.writes()).toEqual([]);
  });

  test("is not sent again when the look has become too old, and what was sent may have acted", async () => {
    const { clock, bitbucket, writes } = adapter(silence);
    const failure = await settle(clock, rejection(write(bitbucket, NOW + 10_000)));
    expect(failure).toBeInstanceOf(LookExpired);
    expect(failure).toMatchObject({ mayHaveActed: true });
    expect(writes()).toHaveLength(1);
  });

  test("is not sent again in another way either, and what was sent may have acted", async () => {
    let count = 0;
    // The first sending is lost, the second refused as the internal API's: the third would go to the public one.
    const world = adapter(
      async ({ method, path }) => {
        if (method === "GET")
          return path.startsWith("/internal") && count === 0 ? json(200, { values: [] }) : textResponse(404, {}, "");
        count += 1;
        if (count === 1) return silence();
        await world.clock.sleep(11_000);
        return textResponse(410, {}, "");
      },
      { flavour: "auto" },
    );
    const { clock, bitbucket } = world;
    await settle(clock, bitbucket.list(aWorkspaceScope, unaborted));
    const failure = await settle(clock, rejection(write(bitbucket, NOW + 40_000)));
    expect(failure).toMatchObject({ name: "LookExpired", mayHaveActed: true });
  });

  test("is sent again while it is young enough", async () => {
    let count = 0;
    const { clock, bitbucket, writes } = adapter(() => ((count += 1) === 1 ? textResponse(503, {}, "") : done()));
    await settle(clock, write(bitbucket, NOW + 10_000));
    expect(writes()).toHaveLength(2);
  });
});

describe("a listing of several pages", () => {
  /** Two a page. @param at the runners at the n-th request, from 0 */
  function paged(at: (request: number) => readonly string[]) {
    let request = -1;
    return adapter(({ path }) => {
      request += 1;
      const page = path.includes("page=2") ? 2 : 1;
      const all = at(request);
      const values = all.slice(2 * page - 2, 2 * page).map((uuid) => aRunnerResource(uuid));
      return json(200, { values, ...(all.length > 2 * page && { next: `?page=${page + 1}` }) });
    });
  }
  const uuids = async ({ clock, bitbucket }: ReturnType<typeof adapter>) =>
    (await settle(clock, bitbucket.list(aWorkspaceScope, unaborted))).runners.map(({ uuid }) => uuid);

  test("that lost a live runner because another one was deleted between two pages is read again", async () => {
    const world = paged((request) => (request === 0 ? ["{1}", "{2}", "{3}", "{4}"] : ["{2}", "{3}", "{4}"]));
    expect((await uuids(world)).toSorted()).toEqual(["{2}", "{3}", "{4}"]);
    expect(world.received.length).toBeGreaterThan(4);
  });

  test("is believed when two readings in a row agree", async () => {
    const world = paged(() => ["{1}", "{2}", "{3}"]);
    expect(await uuids(world)).toEqual(["{1}", "{2}", "{3}"]);
    expect(world.received).toHaveLength(4);
  });

  test("that never stands still is not believed", async () => {
    const world = paged((request) => ["{1}", "{2}", `{${request >> 1}-new}`]);
    expect(String(await rejection(uuids(world)))).toContain("it changed while it was read");
  });

  test("on one page is read once", async () => {
    const world = paged(() => ["{1}", "{2}"]);
    expect(await uuids(world)).toEqual(["{1}", "{2}"]);
    expect(world.received).toHaveLength(1);
  });
});

test("what an earlier process learnt of a scope's steps is heeded", async () => {
  const { clock, bitbucket } = adapter(() => json(200, { values: [aRunnerResource("{1}")] }));
  const busy = async () => (await settle(clock, bitbucket.list(aWorkspaceScope, unaborted))).runners[0]?.busy;
  expect(await busy()).toBe("unknown");
  bitbucket.recallSteps(aWorkspaceScope);
  expect(await busy()).toBe("idle");
});

test("a wall clock that is set back by a day stops nothing", async () => {
  let wall = NOW;
  const clock = new VirtualClock(NOW);
  const jumping = {
    ...clock,
    now: () => wall,
    monotonic: () => clock.monotonic(),
    sleep: clock.sleep.bind(clock),
    pause: clock.pause.bind(clock),
  };
  let count = 0;
  const { send, received } = scriptedBitbucket(() => {
    count += 1;
    return count === 1 ? textResponse(429, { "retry-after": "5" }, "") : json(200, { values: [] });
  });
  const bitbucket = restBitbucket({ ...restOptions(clock, send, { flavour: "public" }), clock: jumping });
  await rejection(bitbucket.list(aWorkspaceScope, unaborted));
  wall -= 86_400_000;
  await clock.advance(6_000);
  await settle(clock, bitbucket.list(aWorkspaceScope, unaborted));
  expect(received).toHaveLength(2);
});
