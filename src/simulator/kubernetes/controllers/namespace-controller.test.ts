import { expect, test } from "vitest";
import { aRunnerJob, aRunnerSecret, KubernetesTestWorld } from "../../../../test/support/kubernetes-world.ts";

test("a namespace gets a ServiceAccount; when it is deleted its content goes first, pods with their grace", async () => {
  const cluster = new KubernetesTestWorld({ agentOnSigterm: "lasts-until-killed", namespaces: ["runners"] });
  cluster.world.create("secrets", "runners", aRunnerSecret("runner"));
  cluster.world.create("jobs", "runners", aRunnerJob("runner"));
  await cluster.clock.advance(60_000);
  expect(cluster.world.get("serviceaccounts", "runners", "default")).toBeDefined();

  const { body } = await cluster.call("DELETE", "/api/v1/namespaces/runners");

  expect(body).toMatchObject({ kind: "Namespace", status: { phase: "Terminating" } });
  await cluster.clock.advance(20_000);
  expect(cluster.world.list("secrets", "runners")).toEqual([]);
  expect(cluster.world.get("namespaces", undefined, "runners")).toBeDefined();
  await cluster.clock.advance(15_000);
  expect(cluster.world.get("namespaces", undefined, "runners")).toBeUndefined();
  expect(cluster.world.list("pods", "runners")).toEqual([]);
});
