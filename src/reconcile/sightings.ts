import { FACTS, type Fact, type Lasting, NOTHING_LASTED, type ReadTime } from "../domain/lasting.ts";
import { EMPTIED_ANNOTATION } from "../domain/mark.ts";
import type { Flavour } from "../domain/remote-runner.ts";
import type { MergedRunner, Runner } from "../domain/runner.ts";
import { helperDown } from "../runners/agents.ts";
import { runnerIn } from "../runners/merge.ts";
import { isDisabled } from "../runners/phase.ts";

/** Hold on once they have come true, for as long as the runner is there. */
const STAYING: ReadonlySet<Fact> = new Set(["everRegistered", "freed"]);

/**
 * What one process has seen of a scope's runners, and since when by its monotonic clock: the other way, beside Bitbucket's own clock, to tell
 * that something has lasted. Losing it (a restart) only delays what needs time.
 */
export class Sightings {
  readonly #since = new Map<string, Map<Fact, number>>();
  readonly #held = new Set<string>();
  /** Bitbucket's stamp of each runner's state, as last seen. */
  readonly #stamps = new Map<string, number | undefined>();
  #flavour: Flavour | undefined;

  /**
   * Notes what is so of each runner now. Those that are not among them are forgotten.
   *
   * @param look what is shown for the first time counts from its end, what has lasted until its beginning: a slow read proves nothing
   */
  see(
    merged: readonly MergedRunner[],
    { begunAt, endedAt, flavour }: ReadTime & { readonly flavour: Flavour },
  ): readonly Runner[] {
    const sameFlavour = this.#flavour === flavour;
    this.#flavour = flavour;
    const here = new Set(merged.map(({ uuid }) => uuid));
    for (const uuid of this.#since.keys()) if (!here.has(uuid)) this.#forget(uuid);
    return merged.map((runner) => {
      const before = this.#since.get(runner.uuid) ?? new Map<Fact, number>();
      if (!sameFlavour) for (const fact of ["disabled", "disabledAndIdle"] as const) before.delete(fact);
      // Heard, and silent again, between two looks: the stamp is all that tells.
      const stamp = runner.remote?.stateUpdatedAt;
      if (this.#stamps.get(runner.uuid) !== stamp) before.delete("offline");
      this.#stamps.set(runner.uuid, stamp);
      this.#since.set(runner.uuid, this.#now(runner, before, endedAt));
      const seen = runnerIn(runner, this.lasting(runner.uuid, begunAt));
      if (seen.phase === "held" && runner.isMarkUnderstood) this.#held.add(runner.uuid);
      return seen;
    });
  }

  /** A direct look, between two of the listings that are seen here, showed that somebody enabled the runner. */
  noteFreed(uuid: string, at: number): void {
    const since = this.#since.get(uuid);
    since?.set("freed", at).set("enabled", at);
    since?.delete("disabled");
    since?.delete("disabledAndIdle");
  }

  /** How long each fact about a runner has lasted. @param at by the monotonic clock */
  lasting(uuid: string, at: number): Lasting {
    const since = this.#since.get(uuid);
    if (since === undefined) return NOTHING_LASTED;
    // What stays must be told from what never was, also in the first look that shows it.
    const lasted = (fact: Fact) => Math.max(STAYING.has(fact) ? 1 : 0, at - (since.get(fact) ?? at));
    return { ...NOTHING_LASTED, ...Object.fromEntries([...since.keys()].map((fact) => [fact, lasted(fact)])) };
  }

  #now(runner: MergedRunner, before: ReadonlyMap<Fact, number>, at: number): Map<Fact, number> {
    const holding = factsOf(runner);
    if (this.#held.has(runner.uuid) && holding.has("enabled")) {
      this.#held.delete(runner.uuid);
      holding.add("freed");
    }
    const now = FACTS.flatMap((fact) => {
      const since = before.get(fact);
      if (since !== undefined && (holding.has(fact) || STAYING.has(fact)) && !(fact === "freed" && holding.has(fact)))
        return [[fact, since] as const];
      return holding.has(fact) ? [[fact, at] as const] : [];
    });
    return new Map(now);
  }

  #forget(uuid: string): void {
    this.#since.delete(uuid);
    this.#held.delete(uuid);
    this.#stamps.delete(uuid);
  }
}

function factsOf({ remote, job, pods, secret, agents }: MergedRunner): Set<Fact> {
  const facts = new Set<Fact>();
  const add = (fact: Fact, holds: boolean) => void (holds && facts.add(fact));
  add("podless", pods.length === 0);
  add("jobless", job === undefined);
  add("helperDown", helperDown(pods) !== undefined);
  add("voided", secret?.annotations[EMPTIED_ANNOTATION] !== undefined);
  add("unregistered", remote === undefined && job !== undefined);
  if (remote === undefined) return facts;
  facts.add("registered").add("everRegistered");
  const disabled = isDisabled(remote);
  add("enabled", !disabled);
  add("disabled", disabled);
  add("disabledAndIdle", disabled && remote.busy === "idle");
  add("offline", remote.status === "OFFLINE");
  add("unconnected", remote.status === "UNREGISTERED" && !remote.connected && agents.everStarted);
  return facts;
}
