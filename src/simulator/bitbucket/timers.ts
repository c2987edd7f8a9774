import type { Clock } from "../../support/clock.ts";

/** Things to do later, each on behalf of an owner whose death cancels them. */
export class Timers {
  readonly #clock: Clock;
  readonly #owners = new Map<object, AbortController>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `act` after `ms`, unless the owner's timers are cancelled first. */
  after(ms: number, owner: object, act: () => void): void {
    if (this.#closed) return;
    const controller = this.#owners.get(owner) ?? new AbortController();
    this.#owners.set(owner, controller);
    this.#clock.sleep(ms, controller.signal).then(act, () => undefined);
  }

  /** Drops all that is still to be done for an owner. */
  cancel(owner: object): void {
    this.#owners.get(owner)?.abort();
    this.#owners.delete(owner);
  }

  /** Nothing is done any more. */
  close(): void {
    this.#closed = true;
    for (const owner of [...this.#owners.keys()]) this.cancel(owner);
  }
}
