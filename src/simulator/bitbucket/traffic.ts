import type { Clock } from "../../support/clock.ts";
import type { BitbucketBehaviour } from "./behaviour.ts";
import type { ApiFlavour } from "./events.ts";

const HOUR_MS = 3_600_000;

/** How often a kind of request came, and how it was answered. */
export interface RequestCount {
  readonly flavour: ApiFlavour | "token";
  readonly method: string;
  /** With placeholders for whatever varies: a bounded set. */
  readonly route: string;
  /** Empty when the caller was not let in. */
  readonly credential: string;
  readonly status: number;
  readonly count: number;
}

/** Counts requests, and the rolling hour of each credential. */
export class Traffic {
  readonly #clock: Clock;
  readonly #behaviour: BitbucketBehaviour;
  readonly #counts = new Map<string, RequestCount>();
  readonly #hours = new Map<string, RollingHour>();

  constructor(clock: Clock, behaviour: BitbucketBehaviour) {
    this.#clock = clock;
    this.#behaviour = behaviour;
  }

  record(request: Omit<RequestCount, "count">): void {
    const { flavour, method, route, credential, status } = request;
    const key = `${flavour} ${method} ${route} ${credential} ${status}`;
    this.#counts.set(key, { ...request, count: (this.#counts.get(key)?.count ?? 0) + 1 });
  }

  /** All that came so far. */
  counts(): readonly RequestCount[] {
    return [...this.#counts.values()];
  }

  /** How many requests came so far that fit. */
  total(which: Partial<Omit<RequestCount, "count">> = {}): number {
    const wanted = Object.entries(which);
    return this.counts()
      .filter((count) => wanted.every(([key, value]) => count[key as keyof RequestCount] === value))
      .reduce((sum, { count }) => sum + count, 0);
  }

  /** Takes one request from a credential's rolling hour: false when it is used up. Refused requests do not count. */
  admit(credential: string): boolean {
    return this.#hourOf(credential).admit(this.#clock.now(), this.#behaviour.requestsPerHour);
  }

  /** Requests of a credential in the last hour. */
  inLastHour(credential: string): number {
    return this.#hourOf(credential).used(this.#clock.now());
  }

  #hourOf(credential: string): RollingHour {
    const hour = this.#hours.get(credential) ?? new RollingHour();
    this.#hours.set(credential, hour);
    return hour;
  }
}

class RollingHour {
  #times: number[] = [];
  #first = 0;

  used(now: number): number {
    for (let time = this.#times[this.#first]; time !== undefined && time <= now - HOUR_MS; ) {
      this.#first += 1;
      time = this.#times[this.#first];
    }
    if (this.#first > 1_000 && this.#first > this.#times.length / 2) {
      this.#times = this.#times.slice(this.#first);
      this.#first = 0;
    }
    return this.#times.length - this.#first;
  }

  admit(now: number, limit: number): boolean {
    if (this.used(now) >= limit) return false;
    this.#times.push(now);
    return true;
  }
}
