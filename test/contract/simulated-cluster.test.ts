import { describe } from "vitest";
import { kubeClient } from "../../src/kubernetes/client.ts";
import { KubernetesWorld } from "../../src/simulator/kubernetes/world.ts";
import { VirtualClock } from "../../src/simulator/virtual-clock.ts";
import { seededRandom } from "../../src/support/random.ts";
import { type ClusterUnderTest, clusterContract } from "./cluster.ts";

const STEP_MS = 50;
const PATIENCE_MS = 120_000;

/** The simulated cluster under a virtual clock, with agents that only sit there. */
function simulatedCluster(): ClusterUnderTest {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const random = seededRandom(1);
  const world = new KubernetesWorld({ clock, random, agents: { start: () => ({ kill: () => {} }) } });
  return {
    client: kubeClient({ server: "http://simulated.example", send: world.send, clock, random }),
    clock,
    async eventually(look) {
      for (const until = clock.now() + PATIENCE_MS; clock.now() < until; await clock.advance(STEP_MS)) {
        const found = await look();
        if (found !== undefined) return found;
      }
      throw new Error(`nothing to see within ${PATIENCE_MS} ms of world time`);
    },
  };
}

describe("the Kubernetes adapter, on the simulated cluster", () => {
  clusterContract(simulatedCluster);
});
