import { expect, onTestFinished, test } from "vitest";
import { aRunnerSecret, KubernetesTestWorld } from "../../../test/support/kubernetes-world.ts";
import { kubeClient } from "../../kubernetes/client/client.ts";
import type { AgentHost, AgentIdentity } from "../../simulator/agent-host.ts";
import { silentLog } from "../../support/log.ts";
import { seededRandom } from "../../support/random.ts";
import { runPodAgents } from "./pod-agents.ts";

/** Agents beside a simulated cluster, as if it were a real one; its own kubelets' agents are what they are compared with. */
function beside() {
  const kube = new KubernetesTestWorld();
  const { clock, world } = kube;
  const lives: { readonly identity: AgentIdentity; alive: boolean }[] = [];
  const agents: AgentHost = {
    start(identity) {
      const life = { identity, alive: true };
      lives.push(life);
      return { kill: () => void (life.alive = false) };
    },
  };
  const client = kubeClient({ server: "http://kubernetes.example", send: world.send, clock, random: seededRandom(2) });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const start = () => {
    void runPodAgents({ client, agents, clock, random: seededRandom(3), log: silentLog }, stop.signal).catch(
      () => undefined,
    );
  };
  return { kube, lives, start, stop, living: () => lives.filter(({ alive }) => alive).map(({ identity }) => identity) };
}

test("the same agents live as those that the cluster's kubelets would run, and end with their pods", async () => {
  const { kube, start, living } = beside();
  kube.createRunner("before");
  await kube.clock.advance(60_000);
  start();
  kube.createRunner("later");
  await kube.clock.advance(60_000);
  const byUuid = (one: AgentIdentity, other: AgentIdentity) => (one.runnerUuid < other.runnerUuid ? -1 : 1);
  expect(living().toSorted(byUuid)).toEqual(kube.agents.map(({ identity }) => identity).toSorted(byUuid));
  expect(living()).toHaveLength(2);

  kube.world.delete("jobs", "default", "later", { propagationPolicy: "Foreground" });
  await kube.clock.advance(60_000);
  expect(living().map(({ runnerUuid }) => runnerUuid)).toEqual(["{before}"]);
});

test("a container that ended takes its agent with it, and brings a new one when it runs again", async () => {
  const { kube, start, lives, living } = beside();
  kube.createRunner();
  start();
  await kube.clock.advance(60_000);
  kube.agents[0]?.exit(1);
  await kube.clock.advance(120_000);
  expect(lives.map(({ alive }) => alive)).toEqual([false, true]);
  expect(living()).toHaveLength(1);
});

test("one whose Secret is not there waits for it, and pods that are no runners are left alone", async () => {
  const { kube, start, lives, living } = beside();
  kube.createRunner();
  kube.world.create("pods", "default", {
    metadata: { name: "web" },
    spec: { containers: [{ name: "web", image: "web:1" }] },
  });
  await kube.clock.advance(60_000);
  kube.world.delete("secrets", "default", "runner-credentials");
  start();
  await kube.clock.advance(10_000);
  expect(lives).toEqual([]);
  kube.world.create("secrets", "default", aRunnerSecret("runner"));
  await kube.clock.advance(10_000);
  expect(living()).toEqual([
    {
      accountUuid: "{account}",
      runnerUuid: "{runner}",
      oauthClientId: "id of runner",
      oauthClientSecret: "secret of runner",
    },
  ]);
});

test("all end with the sandbox", async () => {
  const { kube, start, stop, living } = beside();
  kube.createRunner();
  start();
  await kube.clock.advance(60_000);
  expect(living()).toHaveLength(1);
  stop.abort();
  await kube.clock.advance(1_000);
  expect(living()).toEqual([]);
});
