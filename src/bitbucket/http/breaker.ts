import { BackOff } from "../../support/back-off.ts";
import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import type { Random } from "../../support/random.ts";
import { type BitbucketError, BreakerOpen } from "../errors.ts";

/** So many failures in a row open a breaker. */
const FAILURES_TO_OPEN = 5;
/** How long it stays open at first; doubles while trials fail. Short, because what is left over waits for it. */
const FIRST_REST_MS = 10_000;
const LONGEST_REST_MS = 60_000;

/** One request's way through a breaker: exactly one of these is called when it ends. */
export interface BreakerPermit {
  /** The endpoint answered, whatever it said. */
  succeeded(): void;
  /** The endpoint failed: 5xx, or no response. */
  failed(cause: BitbucketError): void;
  /** It was not sent after all, or its caller gave up: says nothing about the endpoint. */
  abandoned(): void;
}

/**
 * One breaker per endpoint and scope: a workspace that gets nothing but errors does not stop the others. After {@link FAILURES_TO_OPEN}
 * failures in a row an endpoint rests; then a single trial decides whether it is closed again.
 */
export class Breakers {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #random: Random;
  readonly #log: Log;
  readonly #byEndpoint = new Map<string, Breaker>();

  constructor(clock: Pick<Clock, "monotonic">, random: Random, log: Log) {
    this.#clock = clock;
    this.#random = random;
    this.#log = log;
  }

  /** @throws {BreakerOpen} while the endpoint rests, or its trial is under way. */
  enter(request: string, scope: string | undefined): BreakerPermit {
    const key = `${request} ${scope ?? ""}`;
    let breaker = this.#byEndpoint.get(key);
    if (breaker === undefined) {
      breaker = new Breaker(this.#clock, new BackOff(this.#clock, this.#random, LONGEST_REST_MS), this.#log, request);
      this.#byEndpoint.set(key, breaker);
    }
    return breaker.enter();
  }
}

class Breaker {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #backOff: BackOff;
  readonly #log: Log;
  readonly #request: string;
  #failures = 0;
  #open: { readonly until: number; readonly cause: BitbucketError } | undefined;
  #trial: BreakerPermit | undefined;

  constructor(clock: Pick<Clock, "monotonic">, backOff: BackOff, log: Log, request: string) {
    this.#clock = clock;
    this.#backOff = backOff;
    this.#log = log;
    this.#request = request;
  }

  enter(): BreakerPermit {
    const now = this.#clock.monotonic();
    const open = this.#open;
    if (open !== undefined && (now < open.until || this.#trial !== undefined)) {
      throw new BreakerOpen(this.#request, Math.max(now, open.until), now, open.cause);
    }
    const permit: BreakerPermit = {
      succeeded: () => this.#succeeded(),
      failed: (cause) => this.#failed(cause, permit),
      abandoned: () => this.#endTrial(permit),
    };
    if (open !== undefined) this.#trial = permit;
    return permit;
  }

  #succeeded(): void {
    if (this.#open !== undefined) this.#log.info("Bitbucket endpoint works again", { request: this.#request });
    this.#failures = 0;
    this.#open = undefined;
    this.#trial = undefined;
    this.#backOff.succeed();
  }

  #failed(cause: BitbucketError, permit: BreakerPermit): void {
    this.#failures += 1;
    const wasTrial = this.#endTrial(permit);
    // Responses to what was sent before it opened change nothing.
    if (this.#failures < FAILURES_TO_OPEN || (this.#open !== undefined && !wasTrial)) return;
    const restMs = this.#backOff.fail(FIRST_REST_MS);
    this.#open = { until: this.#clock.monotonic() + restMs, cause };
    this.#log.warn("Bitbucket endpoint keeps failing, pausing requests to it", {
      request: this.#request,
      restMs: Math.round(restMs),
      cause: cause.message,
    });
  }

  #endTrial(permit: BreakerPermit): boolean {
    if (this.#trial !== permit) return false;
    this.#trial = undefined;
    return true;
  }
}
