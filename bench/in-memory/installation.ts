import type { Settings } from "../../src/domain/settings.ts";
import { SimulatedInstallation } from "../../src/simulation/installation.ts";
import type { BitbucketBehaviour } from "../../src/simulator/bitbucket/behaviour.ts";
import type { ClusterTimes } from "../../src/simulator/kubernetes/cluster.ts";
import { SHIPPED_TEMPLATE } from "../../test/support/seed.ts";
import { ROOMY_NODES } from "../configuration.ts";

/** What an installation in memory differs in. */
export interface InMemoryOptions {
  readonly seed: number;
  readonly settings: Settings;
  readonly behaviour?: Partial<BitbucketBehaviour>;
  readonly times?: Partial<ClusterTimes>;
}

/** A decision, and when the controller told it. */
export interface Decided {
  readonly at: number;
  readonly desired: number;
  readonly reason: string;
}

/**
 * A simulated installation with room for every runner, whose controller and cleaner run: the same seed is the same run, whatever the machine.
 * Each request takes 20 to 250 ms.
 */
export class InMemoryInstallation extends SimulatedInstallation {
  /** In order. */
  readonly decisions: readonly Decided[];

  constructor(options: InMemoryOptions) {
    const decisions: Decided[] = [];
    super({
      ...options,
      template: SHIPPED_TEMPLATE,
      pools: [ROOMY_NODES],
      hear: (event) => {
        if (event.type !== "decision-made") return;
        const { desired, reason } = event.decision;
        decisions.push({ at: this.clock.now(), desired, reason });
      },
    });
    this.decisions = decisions;
    this.startBoth();
  }

  /** Runners that can take a step. */
  get online(): number {
    return this.bitbucket.glance().filter(({ status, disabled }) => status === "ONLINE" && !disabled).length;
  }
}
