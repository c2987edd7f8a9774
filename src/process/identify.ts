import type { Emit } from "../domain/events.ts";
import { installationId } from "../domain/mark.ts";
import type { Cluster } from "../kubernetes/port.ts";
import { BackOff } from "../support/back-off.ts";
import type { Clock } from "../support/clock.ts";
import type { Random } from "../support/random.ts";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** What the installation's mark is found with. */
export interface Identification {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  readonly stopping: AbortSignal;
  /** The mark, when it was given by hand. */
  readonly installation: string | undefined;
  /** The namespace that the installation is named by. */
  readonly controlNamespace: string;
  /** Whether to ask the cluster until it answers, or once. */
  readonly patience: "endless" | "none";
}

/** The installation's mark; undefined when the cluster did not say what it takes to make it. */
export async function identify(options: Identification): Promise<string | undefined> {
  const { cluster, clock, random, emit, stopping, controlNamespace, patience } = options;
  const backOff = new BackOff(clock, random, LONGEST_WAIT_MS);
  while (!stopping.aborted) {
    try {
      const installation =
        options.installation ?? installationId(await cluster.namespaceUid("kube-system", stopping), controlNamespace);
      emit({ type: "installation-identified", installation, controlNamespace });
      return installation;
    } catch (error) {
      if (stopping.aborted) return undefined;
      emit({ type: "failure", operation: "identify-installation", about: { component: "cluster" }, error });
      if (patience === "none") return undefined;
    }
    emit({ type: "loop-alive", intervalMs: LONGEST_WAIT_MS });
    await clock.pause(backOff.fail(FIRST_WAIT_MS), stopping);
  }
  return undefined;
}
