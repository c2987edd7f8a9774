import type { KubernetesEvent } from "../simulator/kubernetes/world.ts";

const JOB_PREFIX = "runner-";
const HOUR_MS = 3_600_000;

/** What runners cost: which Jobs were made, and how long they stood. Tell it of every event of the cluster. */
export class RunnerUsage {
  /** Times at which runners' Jobs were made, in order. */
  readonly jobsMadeAt: number[] = [];
  readonly #standing = new Map<string, number>();
  #goneMs = 0;

  /** Takes note of a runner's Job that came or went; other events mean nothing to it. */
  see(event: KubernetesEvent): void {
    if (event.type !== "object" || event.resource !== "jobs") return;
    const { name, namespace, uid } = event.object.metadata;
    if (!name.startsWith(JOB_PREFIX)) return;
    const key = `${namespace}/${uid}`;
    if (event.change === "ADDED") {
      this.jobsMadeAt.push(event.at);
      this.#standing.set(key, event.at);
    }
    if (event.change === "DELETED") {
      this.#goneMs += event.at - (this.#standing.get(key) ?? event.at);
      this.#standing.delete(key);
    }
  }

  /** Hours that runners' Jobs have stood until `now`, from their creation to their end, all added up. */
  runnerHours(now: number): number {
    const standingMs = [...this.#standing.values()].reduce((sum, since) => sum + now - since, 0);
    return (this.#goneMs + standingMs) / HOUR_MS;
  }
}
