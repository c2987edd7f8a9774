import { describe } from "vitest";
import { kubeClient } from "../../src/kubernetes/client/client.ts";
import { NAMESPACES } from "../../src/kubernetes/client/kind.ts";
import { KubernetesWorld } from "../../src/simulator/kubernetes/world.ts";
import { VirtualClock } from "../../src/simulator/virtual-clock.ts";
import { seededRandom } from "../../src/support/random.ts";
import { type ClusterUnderTest, clusterContract } from "./cluster.ts";
import { REACHES, type Reach } from "./reach.ts";

const STEP_MS = 50;
const PATIENCE_MS = 120_000;
const never = new AbortController().signal;

/** The simulated cluster under a virtual clock, with agents that only sit there. */
async function simulatedCluster(reach: Reach): Promise<ClusterUnderTest> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const random = seededRandom(1);
  const world = new KubernetesWorld({ clock, random, agents: { start: () => ({ kill: () => {} }) } });
  const { send, url } = await reach(world.send);
  const client = kubeClient({ server: url, send, clock, random });
  return {
    client,
    clock,
    async eventually(look) {
      for (const until = clock.now() + PATIENCE_MS; clock.now() < until; await clock.advance(STEP_MS)) {
        const found = await look();
        if (found !== undefined) return found;
        // A round trip, so that what is on its way over a real connection arrives before the world goes on.
        await client.get(NAMESPACES, { name: "default" }, never);
      }
      throw new Error(`nothing to see within ${PATIENCE_MS} ms of simulated time`);
    },
  };
}

describe.each(REACHES)("the Kubernetes adapter, on the simulated cluster, %s", (_how, reach) => {
  clusterContract(() => simulatedCluster(reach));
});
