import type { SimulatedInstallation } from "../../src/simulation/installation.ts";
import type { BitbucketWorld } from "../../src/simulator/bitbucket/world.ts";
import type { KubernetesWorld } from "../../src/simulator/kubernetes/world.ts";
import type { Observer } from "../../src/simulator/observer/observer.ts";
import type { Random } from "../../src/support/random.ts";
import type { Hand } from "./story.ts";

/** Humans and nature: each act falls on a runner or node of chance, and what can be undone is undone in the end. */
export class Hands {
  readonly #bitbucket: BitbucketWorld;
  readonly #cluster: KubernetesWorld;
  readonly #observer: Observer;
  readonly #random: Random;
  readonly #lost: string[] = [];

  constructor(installation: SimulatedInstallation) {
    this.#bitbucket = installation.bitbucket;
    this.#cluster = installation.cluster;
    this.#observer = installation.observer;
    this.#random = installation.fork();
  }

  act(what: Hand): void {
    const runner = this.#any(this.#bitbucket.glance());
    const pod = this.#any(this.#cluster.list("pods"))?.metadata;
    const job = this.#any(this.#cluster.list("jobs"))?.metadata;
    switch (what) {
      case "disable-runner":
        if (runner !== undefined) this.#bitbucket.humanDisables(runner.uuid);
        return;
      case "enable-runners":
        for (const { uuid } of this.#bitbucket.glance()) this.#bitbucket.humanEnables(uuid);
        return;
      case "delete-registration":
        if (runner !== undefined) this.#bitbucket.humanDeletes(runner.uuid);
        return;
      case "delete-job":
        if (job !== undefined)
          this.#cluster.delete("jobs", job.namespace, job.name, { propagationPolicy: "Background" });
        return;
      case "delete-pod":
        if (pod !== undefined) this.#cluster.delete("pods", pod.namespace, pod.name);
        return;
      case "evict-pod":
        if (pod !== undefined) this.#cluster.evictPod(pod.namespace ?? "", pod.name);
        return;
      case "crash-agent":
        if (runner !== undefined) this.#bitbucket.agents.crash(runner.uuid);
        return;
      case "cut-off-agent":
        if (runner !== undefined) this.#bitbucket.agents.cutOff(runner.uuid);
        return;
      case "lose-node": {
        const node = this.#any(this.#cluster.list("nodes"))?.metadata.name;
        if (node === undefined || this.#lost.includes(node)) return;
        this.#lost.push(node);
        this.#cluster.loseNode(node, this.#random.next() < 0.5 ? "die" : "go-on");
        return;
      }
    }
  }

  /** Enables what a human disabled, reconnects what was cut off, and brings lost nodes back. What the program disabled is its own business. */
  letGo(): void {
    for (const uuid of this.#observer.disabledByHand) this.#bitbucket.humanEnables(uuid);
    for (const { uuid } of this.#bitbucket.glance()) this.#bitbucket.agents.reconnect(uuid);
    for (const node of this.#lost) this.#cluster.returnNode(node);
  }

  #any<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#random.next() * items.length)];
  }
}
