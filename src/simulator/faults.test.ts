import { describe, expect, test } from "vitest";
import { type HttpRequest, readText, type Send, TransportError, textResponse } from "../http/transport.ts";
import { seededRandom } from "../support/random.ts";
import { type Fault, firstFault, randomFaults, withFaults } from "./faults.ts";
import { VirtualClock } from "./virtual-clock.ts";

const GET: HttpRequest = { method: "GET", url: "https://world.example/", headers: {} };

/** A server that counts what it acted upon, behind one fault; `at` is when a call settled, in ms. */
function behind(fault: Fault | undefined, latencyMs?: () => number) {
  const clock = new VirtualClock(0);
  const acted: number[] = [];
  const server: Send = async () => {
    acted.push(clock.now());
    return textResponse(200, {}, "a reply");
  };
  const send = withFaults(server, { clock, choose: () => fault, ...(latencyMs && { latencyMs }) });
  const call = async (request: HttpRequest = GET) => {
    try {
      const reply = await send(request);
      return { status: reply.status, text: await readText(reply), at: clock.now() };
    } catch (error) {
      return { error, at: clock.now() };
    }
  };
  return { clock, acted, call };
}

describe("a fault", () => {
  test.each<[Fault, "no" | "maybe", number[]]>([
    // fault, what the caller knows, when the server acted
    [{ kind: "refused" }, "no", []],
    [{ kind: "lost-request" }, "maybe", []],
    [{ kind: "lost-reply" }, "maybe", [0]],
    [{ kind: "late-request", afterMs: 20_000 }, "maybe", [20_000]],
  ])("%j: nothing comes back", async (fault, sent, actedAt) => {
    const { clock, acted, call } = behind(fault);
    const { error, at } = (await call()) as { error: unknown; at: number };
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ sent });
    expect(at).toBe(0);
    await clock.advance(60_000);
    expect(acted).toEqual(actedAt);
  });

  test.each<[Fault, number, number[]]>([
    [{ kind: "status", status: 502, acts: "never" }, 502, []],
    [{ kind: "status", status: 503, acts: "at-once" }, 503, [0]],
    [{ kind: "status", status: 429, acts: "never", headers: { "retry-after": "7" } }, 429, []],
  ])("%j: another status comes back", async (fault, status, actedAt) => {
    const { acted, call } = behind(fault);
    expect(await call()).toMatchObject({ status });
    expect(acted).toEqual(actedAt);
  });

  test.each(["never", "at-once"] as const)("hang (acts %s) lasts until the caller gives up", async (acts) => {
    const { clock, acted, call } = behind({ kind: "hang", acts });
    const controller = new AbortController();
    const calling = call({ ...GET, signal: controller.signal });
    await clock.advance(3_600_000);
    controller.abort();
    const outcome = await calling;
    expect(outcome).toMatchObject({ error: { sent: "maybe" }, at: 3_600_000 });
    expect(acted).toHaveLength(acts === "never" ? 0 : 1);
  });

  test("slow takes its time on both ways", async () => {
    const { clock, acted, call } = behind({ kind: "slow", requestMs: 3_000, replyMs: 4_000 });
    const calling = call();
    await clock.advance(10_000);
    expect(acted).toEqual([3_000]);
    expect((await calling).at).toBe(7_000);
  });

  test("slow: a caller that gives up on the way back does not undo what was done", async () => {
    const { clock, acted, call } = behind({ kind: "slow", replyMs: 4_000 });
    const controller = new AbortController();
    const calling = call({ ...GET, signal: controller.signal });
    await clock.advance(1_000);
    controller.abort();
    expect(await calling).toMatchObject({ error: { sent: "maybe" } });
    expect(acted).toEqual([0]);
  });

  test("torn-body breaks off inside the reply", async () => {
    const { acted, call } = behind({ kind: "torn-body", afterCharacters: 3 });
    expect(await call()).toMatchObject({ error: { sent: "maybe" } });
    expect(acted).toEqual([0]);
  });

  test.each([
    ["before", []],
    ["after", [0]],
  ] as const)("crash %s the server acted: the call never returns", async (when, actedAt) => {
    let crashes = 0;
    const crash = () => {
      crashes += 1;
    };
    const { clock, acted, call } = behind({ kind: "crash", when, crash });
    let returned = false;
    void call().then(() => {
      returned = true;
    });
    await clock.advance(3_600_000);
    expect({ crashes, acted, returned }).toEqual({ crashes: 1, acted: actedAt, returned: false });
  });

  test("none: the reply comes as it is, after the latency, half of it before the server acts", async () => {
    const { clock, acted, call } = behind(undefined, () => 100);
    const calling = call();
    await clock.advance(50);
    expect(acted).toEqual([50]);
    await clock.advance(50);
    expect(await calling).toEqual({ status: 200, text: "a reply", at: 100 });
  });
});

describe("choosers", () => {
  test("see each request with its index; the first that wants a fault gets it", async () => {
    const clock = new VirtualClock(0);
    const seen: number[] = [];
    const choose = firstFault(
      (_, index) => (index === 1 ? { kind: "refused" } : undefined),
      (_, index) => {
        seen.push(index);
        return index >= 1 ? { kind: "lost-request" } : undefined;
      },
    );
    const send = withFaults(async () => textResponse(200, {}, ""), { clock, choose });
    const sent = async () =>
      send(GET).then(
        () => "reply",
        (error: unknown) => (error as TransportError).sent,
      );
    expect([await sent(), await sent(), await sent()]).toEqual(["reply", "no", "maybe"]);
    expect(seen).toEqual([0, 1, 2]);
  });

  test("by chance are the same for the same seed, about as frequent as asked, and of every kind", () => {
    const rates = {
      refused: 0.05,
      lostRequest: 0.05,
      lostReply: 0.05,
      lateRequest: 0.05,
      hang: 0.05,
      serverError: 0.05,
      tooManyRequests: 0.05,
      slow: 0.05,
      tornBody: 0.05,
    };
    const draw = (seed: number) => {
      const choose = randomFaults(seededRandom(seed), rates);
      return Array.from({ length: 2_000 }, (_, index) => choose(GET, index));
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    const faults = draw(7).filter((fault) => fault !== undefined);
    expect(faults.length / 2_000).toBeCloseTo(0.45, 1);
    expect(new Set(faults.map(({ kind }) => kind)).size).toBe(8);
    const late = faults.flatMap((fault) => (fault.kind === "late-request" ? fault.afterMs : []));
    expect(Math.max(...late)).toBeLessThan(30_000);
  });

  test("without rates want nothing", () => {
    const choose = randomFaults(seededRandom(1), {});
    expect(Array.from({ length: 100 }, (_, index) => choose(GET, index)).every((fault) => !fault)).toBe(true);
  });
});
