/**
 * Time as a parameter. Everything that waits or stamps takes a {@link Clock}; only this file touches the machine's timers.
 *
 * Two times exist side by side: the clock's (intervals, ages, stamps, back-off), which runs faster than the machine in the sandbox and is
 * virtual in the simulator, and real time (connection time-outs, the grace of a shutdown).
 */
export interface Clock {
  /** Milliseconds since the epoch, in this clock's time: for stamps. It may jump, backwards too, when somebody sets the machine's clock. */
  now(): number;
  /** Milliseconds of this clock's time since some moment of this process's own: for durations. It never jumps. */
  monotonic(): number;
  /** Resolves after `ms` of this clock's time; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** The same for loops that look at the signal themselves: an abort ends the pause early and is no error. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** A clock from its primitives. */
export function clockOf({ now, monotonic, sleep }: Omit<Clock, "pause">): Clock {
  return { now, monotonic, sleep, pause: (ms, signal) => unlessAborted(sleep(ms, signal), signal) };
}

/** A wait whose signal may end it early: that is no error. */
export async function unlessAborted(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await wait;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The longest delay that Node's timers take; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own time. */
export function systemClock(): Clock {
  return clockOf({ now: () => Date.now(), monotonic: monotonicMs, sleep: realSleep });
}

/** Waits `ms` of real time, however long that is. */
async function realSleep(ms: number, signal?: AbortSignal): Promise<void> {
  for (let left = Math.max(0, ms); ; left -= LONGEST_TIMER_MS) {
    await timer(Math.min(left, LONGEST_TIMER_MS), signal);
    if (left <= LONGEST_TIMER_MS) return;
  }
}

function timer(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(reasonOf(signal));
    const handle = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    const onAbort = () => {
      clearTimeout(handle);
      reject(reasonOf(signal));
    };
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** What to reject with when a signal aborts: its reason when that is an error, else an error made from it. */
export function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error("aborted");
}

/**
 * One point where a clock and the machine's monotonic clock showed the same moment, and how fast the clock runs.
 * Every process computes its time from the same anchor, so nothing drifts between them.
 */
export interface Anchor {
  /** The clock's time at the anchor, milliseconds since the epoch. */
  readonly epochMs: number;
  /** The machine's monotonic clock (`process.hrtime`, shared by all its processes) at the anchor, in milliseconds. */
  readonly monotonicMs: number;
  /** Seconds of the clock per real second. */
  readonly speed: number;
}

/** The machine's monotonic clock in milliseconds: the same for all processes of one machine since its boot. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A clock that runs `anchor.speed` times as fast as the machine's. */
export function anchoredClock(anchor: Anchor): Clock {
  const now = () => anchor.epochMs + (monotonicMs() - anchor.monotonicMs) * anchor.speed;
  const monotonic = () => monotonicMs() * anchor.speed;
  return clockOf({ now, monotonic, sleep: (ms, signal) => realSleep(ms / anchor.speed, signal) });
}

/** Set by the sandbox for the processes that it starts: an anchor as JSON. */
export const ANCHOR_VARIABLE = "RUNNERS_AUTOSCALER_ANCHOR";
/** Where both simulated servers of a sandbox say which anchor they run by. */
export const ANCHOR_PATH = "/sandbox/anchor";
