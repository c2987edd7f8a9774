import { retryAfterMs } from "../../http/transport.ts";
import { BackOff } from "../../support/back-off.ts";
import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import type { Random } from "../../support/random.ts";
import { RateLimited } from "../errors.ts";

/** Bitbucket says when to come back only rarely: without that, the first pause is about this long, and doubles. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 900_000;
/** Bitbucket's window is an hour: nothing needs to wait longer than that, whatever it says. */
const LONGEST_ASKED_WAIT_MS = 3_600_000;

/** How long a response asks to be left alone (`Retry-After`), in milliseconds; 0 when it does not. */
export function askedWaitMs(headers: Readonly<Record<string, string>>): number {
  return retryAfterMs(headers, LONGEST_ASKED_WAIT_MS);
}

/**
 * Bitbucket's rate limit, which holds for the whole credential: after it pushed back (429) nothing is sent for a while, not even reads. The
 * caller tries again in its next pass.
 */
export class RateLimit {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #backOff: BackOff;
  readonly #log: Log;
  #until = 0;
  /** When the last push-back came: responses to requests sent before it belong to the same burst. */
  #pushedBackAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, "monotonic">, random: Random, log: Log) {
    this.#clock = clock;
    this.#backOff = new BackOff(clock, random, LONGEST_PAUSE_MS);
    this.#log = log;
  }

  /** Until when nothing is sent, by the monotonic clock; 0 when there is no pause. */
  get pausedUntil(): number {
    return this.#clock.monotonic() < this.#until ? this.#until : 0;
  }

  /** @throws {RateLimited} while the pause lasts. */
  refuseWhilePaused(): void {
    const until = this.pausedUntil;
    if (until !== 0) throw new RateLimited(until, this.#clock.monotonic());
  }

  /**
   * A request sent at `sentAt` was answered with 429, which asked for a wait of `askedMs` (0: it did not). The many requests that
   * were under way together lengthen the pause once only. @returns the error for the caller.
   */
  pushedBack(sentAt: number, askedMs: number): RateLimited {
    const now = this.#clock.monotonic();
    if (sentAt > this.#pushedBackAt) {
      const ownMs = this.#backOff.fail(FIRST_PAUSE_MS);
      this.#pushedBackAt = now;
      this.#until = now + (askedMs > 0 ? askedMs : ownMs);
      this.#log.warn("Bitbucket's rate limit is reached, pausing", { pauseMs: Math.round(this.#until - now) });
    } else if (askedMs > 0) {
      this.#until = Math.max(this.#until, now + askedMs);
    }
    return new RateLimited(this.pausedUntil || now, now);
  }

  /** A request sent at `sentAt` was served. */
  served(sentAt: number): void {
    if (sentAt > this.#pushedBackAt) this.#backOff.succeed();
  }
}
