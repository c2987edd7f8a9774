import type { BitbucketEvent } from "./events.ts";
import type { Runner } from "./runners.ts";

/** How far back a replica may be. */
const REMEMBERED_MS = 120_000;

/** A registration as it was from some moment on; undefined once it was deleted. */
interface Version {
  readonly at: number;
  readonly runner: Runner | undefined;
}

/** What the registrations were like some time ago: what a replica shows that is behind. */
export class Replica {
  readonly #versions = new Map<string, Version[]>();

  /** Notes that something happened to a registration. To be called when all that belongs to it has. */
  note({ at }: Pick<BitbucketEvent, "at">, uuid: string, runner: Runner | undefined): void {
    const versions = this.#versions.get(uuid) ?? [];
    const remembered = versions.filter((_, i) => (versions[i + 1]?.at ?? at) > at - REMEMBERED_MS);
    remembered.push({ at, runner: runner && { ...runner } });
    this.#versions.set(uuid, remembered);
  }

  /** One registration as it was then; undefined when it was not there. */
  at(time: number, uuid: string): Runner | undefined {
    return this.#versions.get(uuid)?.findLast((version) => version.at <= time)?.runner;
  }

  /** All registrations as they were then, in the order in which they came. */
  all(time: number): readonly Runner[] {
    return [...this.#versions.keys()].flatMap((uuid) => this.at(time, uuid) ?? []);
  }
}
