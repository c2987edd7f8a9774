/** What a run looked like in one stretch of its time: the most of each. */
export interface Stretch {
  readonly queued: number;
  readonly runners: number;
}

/** A run's course, in so many stretches that it fits into one line. When it outgrows them, each becomes twice as long. */
export class History {
  /** How many stretches there may be. */
  readonly most: number;
  readonly #from: number;
  #stretchMs: number;
  #stretches: Stretch[] = [];

  /** @param from when it begins, in simulated time. @param stretchMs how long a stretch is at first. */
  constructor(from: number, stretchMs: number, most: number) {
    this.#from = from;
    this.#stretchMs = stretchMs;
    this.most = most;
  }

  /** From the start until now. */
  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  note(now: number, seen: Stretch): void {
    while (this.#at(now) >= this.most) {
      this.#stretchMs *= 2;
      const pairs = this.#stretches.filter((_, i) => i % 2 === 0);
      this.#stretches = pairs.map((first, i) => more(first, this.#stretches[2 * i + 1] ?? first));
    }
    const at = this.#at(now);
    // A stretch that nobody looked at was as the one before it.
    const last = this.#stretches.at(-1) ?? seen;
    while (this.#stretches.length < at) this.#stretches.push(last);
    this.#stretches[at] = more(this.#stretches[at] ?? seen, seen);
  }

  #at(now: number): number {
    return Math.max(0, Math.floor((now - this.#from) / this.#stretchMs));
  }
}

function more(one: Stretch, other: Stretch): Stretch {
  return { queued: Math.max(one.queued, other.queued), runners: Math.max(one.runners, other.runners) };
}
