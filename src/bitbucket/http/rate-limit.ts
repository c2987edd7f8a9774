import { BackOff } from "../../support/back-off.ts";
import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import type { Random } from "../../support/random.ts";
import { RateLimited } from "../errors.ts";

/** Bitbucket says when to come back only rarely: without that, the first pause is about this long, and doubles. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 900_000;

/**
 * The pause of the whole credential after Bitbucket pushed back (429). While it lasts nothing is sent, reads neither: whoever asked
 * tries again in its next pass.
 */
export class Pause {
  readonly #clock: Pick<Clock, "now">;
  readonly #backOff: BackOff;
  readonly #log: Log;
  #until = 0;
  /** When the last push-back came: replies to requests sent before it belong to the same burst. */
  #pushedBackAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, "now">, random: Random, log: Log) {
    this.#clock = clock;
    this.#backOff = new BackOff(clock, random, LONGEST_PAUSE_MS);
    this.#log = log;
  }

  /** World time until when nothing is sent; 0 when there is no pause. */
  get until(): number {
    return this.#clock.now() < this.#until ? this.#until : 0;
  }

  /** @throws {RateLimited} while the pause lasts. */
  refuseWhilePaused(): void {
    if (this.until !== 0) throw new RateLimited(this.until);
  }

  /**
   * A request sent at `sentAt` was answered with 429, and a `Retry-After` of so many milliseconds (0 without one). The many requests that
   * were under way together lengthen the pause once only.
   */
  pushedBack(sentAt: number, retryAfterMs: number): RateLimited {
    const now = this.#clock.now();
    if (sentAt > this.#pushedBackAt) {
      const ownMs = this.#backOff.fail(FIRST_PAUSE_MS);
      this.#pushedBackAt = now;
      this.#until = now + (retryAfterMs > 0 ? retryAfterMs : ownMs);
      this.#log.warn("Bitbucket's rate limit is reached, pausing", { pauseMs: Math.round(this.#until - now) });
    } else if (retryAfterMs > 0) {
      this.#until = Math.max(this.#until, now + retryAfterMs);
    }
    return new RateLimited(this.#until);
  }

  /** A request sent at `sentAt` was served. */
  served(sentAt: number): void {
    if (sentAt > this.#pushedBackAt) this.#backOff.succeed();
  }
}
