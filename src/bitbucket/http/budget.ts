import type { Clock } from "../../support/clock.ts";
import { BudgetSpent } from "../errors.ts";

/** How much of a credential's hourly requests this process may use. */
export interface BudgetSettings {
  /** What Bitbucket allows the credential in an hour (`constants.api_requests_per_hour`). Read at every request. */
  readonly requestsPerHour: number;
  /** This process's part, 0 to 1: the credential is shared with other processes. */
  readonly share: number;
}

/**
 * What a request is for. "urgent" ones finish what was begun (enabling, deleting, and the read that decides a deletion) and may use the
 * reserve; "routine" ones (listing, registering, disabling, looking up) leave it alone.
 */
export type Purpose = "routine" | "urgent";

const HOUR_MS = 3_600_000;
/** Of what Bitbucket allows; the rest is for people and for other programs with the same credential. */
const USABLE = 0.8;
/** Of the capacity. */
const RESERVED = 0.1;
/** Of the capacity without the reserve: what the scopes are guaranteed, in equal shares. The rest goes to the first to ask. */
const GUARANTEED = 0.5;

/**
 * Counts requests over a rolling hour of the clock's time and refuses what does not fit.
 *
 * - `capacity` = 80 % of the hour's requests, times this process's share. A tenth of it, the reserve, is for urgent requests.
 * - Of the rest, one half is divided equally among the scopes seen within the hour, the other half is a common pool. A scope draws
 *   on its own share first, then on the pool, and an urgent request then on the reserve.
 *
 * Worked numbers: 1,000 requests an hour and a share of 0.85 make a capacity of 680, a reserve of 68, a pool of 306, and for three
 * scopes 102 each. A scope that comes when others have already drawn more than their new shares gets the first requests that fall out
 * of the hour.
 */
export class RequestBudget {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #settings: BudgetSettings;
  /** Oldest first; everything before `#oldest` has left the hour. */
  #drawn: Draw[] = [];
  #oldest = 0;
  readonly #byScope = new Map<string, number>();
  #unscoped = 0;
  #reserveUsed = 0;

  constructor(clock: Pick<Clock, "monotonic">, settings: BudgetSettings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  get capacity(): number {
    return Math.floor(this.#settings.requestsPerHour * USABLE * this.#settings.share);
  }

  /** How many routine requests the hour still has room for, all scopes together. */
  left(): number {
    this.#forgetOld();
    return Math.max(0, this.#ordinary - this.#ordinaryUsed);
  }

  /**
   * Takes one request out of the budget.
   *
   * @param scope whom it is for; undefined for look-ups of names, which draw on the pool.
   * @throws {BudgetSpent} when it does not fit; then nothing was taken.
   */
  take(scope: string | undefined, purpose: Purpose): void {
    this.#forgetOld();
    const reserve = !this.#fitsOrdinary(scope);
    if (reserve && (purpose === "routine" || !this.#fitsReserve())) throw new BudgetSpent(this.capacity);
    this.#count({ at: this.#clock.monotonic(), scope, reserve }, 1);
  }

  get #reserve(): number {
    return Math.floor(this.capacity * RESERVED);
  }

  get #ordinary(): number {
    return this.capacity - this.#reserve;
  }

  get #ordinaryUsed(): number {
    return this.#drawn.length - this.#oldest - this.#reserveUsed;
  }

  #fitsReserve(): boolean {
    return this.#reserveUsed < this.#reserve && this.#ordinaryUsed + this.#reserveUsed < this.capacity;
  }

  #fitsOrdinary(scope: string | undefined): boolean {
    if (this.#ordinaryUsed >= this.#ordinary) return false;
    const known = scope === undefined || this.#byScope.has(scope) ? 0 : 1;
    const scopes = Math.max(1, this.#byScope.size + known);
    const each = Math.floor((this.#ordinary * GUARANTEED) / scopes);
    if (scope !== undefined && (this.#byScope.get(scope) ?? 0) < each) return true;

    let poolUsed = this.#unscoped;
    for (const used of this.#byScope.values()) poolUsed += Math.max(0, used - each);
    return poolUsed < this.#ordinary - each * scopes;
  }

  #count(draw: Draw, sign: 1 | -1): void {
    if (sign === 1) this.#drawn.push(draw);
    if (draw.reserve) this.#reserveUsed += sign;
    // A request from the reserve leaves the scope's own share as it is, but shows that the scope is alive.
    const weight = draw.reserve ? 0 : sign;
    if (draw.scope === undefined) {
      this.#unscoped += weight;
      return;
    }
    const used = (this.#byScope.get(draw.scope) ?? 0) + weight;
    if (used === 0 && sign === -1) this.#byScope.delete(draw.scope);
    else this.#byScope.set(draw.scope, used);
  }

  #forgetOld(): void {
    const before = this.#clock.monotonic() - HOUR_MS;
    for (;;) {
      const draw = this.#drawn[this.#oldest];
      if (draw === undefined || draw.at > before) break;
      this.#oldest += 1;
      this.#count(draw, -1);
    }
    if (this.#oldest > this.#drawn.length / 2) {
      this.#drawn = this.#drawn.slice(this.#oldest);
      this.#oldest = 0;
    }
  }
}

interface Draw {
  readonly at: number;
  readonly scope: string | undefined;
  readonly reserve: boolean;
}
