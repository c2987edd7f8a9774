import { describe, expect, test } from "vitest";
import { VirtualClock } from "../simulator/virtual-clock.ts";
import { abortable, DeadlinePassed, follow, withDeadline } from "./deadline.ts";

const hanging = () => new Promise<never>(() => {});

describe("withDeadline", () => {
  test("gives what the work gives, and leaves no timer behind", async () => {
    const clock = new VirtualClock(0);
    expect(await withDeadline(clock, 1_000, new AbortController().signal, async () => 42)).toBe(42);
    await clock.advance(10_000);
  });

  test("rejects at the deadline, and tells the work", async () => {
    const clock = new VirtualClock(0);
    let told: unknown;
    const outcome = withDeadline(clock, 1_000, new AbortController().signal, (signal) => {
      signal.addEventListener("abort", () => {
        told = signal.reason;
      });
      return hanging();
    }).catch((error: unknown) => [error, clock.now()]);
    await clock.advance(2_000);
    expect(await outcome).toEqual([new DeadlinePassed(1_000), 1_000]);
    expect(told).toBeInstanceOf(DeadlinePassed);
  });

  test("rejects with the caller's reason, whether the work listens or not", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const outcome = expect(withDeadline(new VirtualClock(0), 1_000, controller.signal, hanging)).rejects.toBe(reason);
    controller.abort(reason);
    await outcome;
  });

  test("does not begin when the signal has aborted", async () => {
    let begun = false;
    const work = async () => {
      begun = true;
    };
    const reason = new Error("enough");
    await expect(withDeadline(new VirtualClock(0), 1, AbortSignal.abort(reason), work)).rejects.toBe(reason);
    expect(begun).toBe(false);
  });
});

test("abortable: the promise's outcome, or the reason when that comes first", async () => {
  const controller = new AbortController();
  expect(await abortable(Promise.resolve(1), controller.signal)).toBe(1);
  await expect(abortable(Promise.reject(new Error("own")), controller.signal)).rejects.toThrow("own");
  const waiting = abortable(hanging(), controller.signal);
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});

test("follow: aborts with the signal until released", () => {
  const [signal, follower, released] = [new AbortController(), new AbortController(), new AbortController()];
  follow(signal.signal, follower);
  follow(signal.signal, released)();
  signal.abort(new Error("enough"));
  expect(follower.signal.reason).toEqual(new Error("enough"));
  expect(released.signal.aborted).toBe(false);
});

test("many may wait on one signal", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  process.on("warning", onWarning);
  const controller = new AbortController();
  const all = Array.from({ length: 50 }, () => withDeadline(new VirtualClock(0), 1, controller.signal, hanging));
  const outcomes = Promise.allSettled(all);
  controller.abort(new Error("enough"));
  expect((await outcomes).every(({ status }) => status === "rejected")).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
});
