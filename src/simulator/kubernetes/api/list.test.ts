import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { KubernetesTestWorld } from "../../../../test/support/kubernetes-world.ts";

const SECRETS = "/api/v1/namespaces/default/secrets";

function withSecrets(secretNames: readonly string[], historyLength = 1_000): KubernetesTestWorld {
  const cluster = new KubernetesTestWorld({ historyLength });
  for (const name of secretNames)
    cluster.world.create("secrets", "default", { metadata: { name, labels: { [`is-${name}`]: name } } });
  return cluster;
}

async function names(cluster: KubernetesTestWorld, query: string): Promise<readonly string[]> {
  const { body } = await cluster.call("GET", `${SECRETS}?${query}`);
  return (body.items ?? []).map(({ metadata }) => metadata.name);
}

describe("selectors", () => {
  test.each([
    ["labelSelector=is-a%3Da", ["a"]],
    ["labelSelector=is-a%3D%3Da", ["a"]],
    ["labelSelector=is-a!%3Da", ["b", "c"]],
    ["labelSelector=is-a", ["a"]],
    ["labelSelector=!is-a", ["b", "c"]],
    ["labelSelector=is-a in (a,x)", ["a"]],
    ["labelSelector=is-a notin (a, x)", ["b", "c"]],
    ["labelSelector=!is-a,is-b in (b),is-c!%3Dc", ["b"]],
    ["labelSelector=is-a%3D", []],
    ["fieldSelector=metadata.name%3Db", ["b"]],
    ["fieldSelector=metadata.name!%3Db,metadata.namespace%3Ddefault", ["a", "c"]],
    ["fieldSelector=type%3DOpaque", ["a", "b", "c"]],
  ])("%s picks %j", async (query, expected) => {
    expect(await names(withSecrets(["a", "b", "c"]), query)).toEqual(expected);
  });

  test("a pod's phase and node can be selected by", async () => {
    const cluster = new KubernetesTestWorld();
    cluster.createRunner();
    await cluster.clock.advance(60_000);
    const list = async (query: string) =>
      (await cluster.call("GET", `/api/v1/pods?fieldSelector=${query}`)).body.items?.length;
    expect(await list("status.phase%3DRunning,spec.nodeName!%3D")).toBe(1);
    expect(await list("status.phase%3DPending")).toBe(0);
  });
});

describe("pages", () => {
  test("show the list as it was when the first one was asked for", async () => {
    const cluster = withSecrets(["a", "b", "c", "d"]);
    const first = await cluster.call("GET", `${SECRETS}?limit=2`);
    cluster.world.delete("secrets", "default", "c");
    cluster.world.create("secrets", "default", { metadata: { name: "bb" } });
    cluster.world.change("secrets", "default", "d", (d) => ({ ...d, data: { new: "eA==" } }));

    const token = first.body.metadata.continue ?? "";
    const second = await cluster.call("GET", `${SECRETS}?limit=5&continue=${token}`);

    expect(first.body.metadata).toMatchObject({ remainingItemCount: 2 });
    expect(second.body.items?.map(({ metadata, data }) => [metadata.name, data])).toEqual([
      ["c", undefined],
      ["d", undefined],
    ]);
    expect(second.body.metadata).toEqual({ resourceVersion: first.body.metadata.resourceVersion });
  });

  test("expire with 410 and a token to go on with what there is now (1.34.4)", async () => {
    const cluster = withSecrets(["a", "b", "c"]);
    const first = await cluster.call("GET", `${SECRETS}?limit=1`);
    cluster.world.delete("secrets", "default", "b");
    cluster.world.forgetHistory();

    const late = await cluster.call("GET", `${SECRETS}?limit=1&continue=${first.body.metadata.continue}`);
    const rest = await cluster.call("GET", `${SECRETS}?limit=5&continue=${late.body.metadata.continue}`);

    expect([late.status, late.body.reason]).toEqual([410, "Expired"]);
    expect(rest.body.items?.map(({ metadata }) => metadata.name)).toEqual(["c"]);
  });

  test("an exact version that is forgotten is 410 (1.34.4)", async () => {
    const cluster = withSecrets(["a"]);
    const { body } = await cluster.call("GET", SECRETS);
    const exact = `${SECRETS}?resourceVersion=${body.metadata.resourceVersion}&resourceVersionMatch=Exact`;
    cluster.world.delete("secrets", "default", "a");
    expect((await cluster.call("GET", exact)).body.items).toHaveLength(1);
    cluster.world.forgetHistory();
    expect((await cluster.call("GET", exact)).status).toBe(410);
  });

  test("history has the length that it was given", async () => {
    const cluster = withSecrets(["a", "b", "c"], 2);
    const first = await cluster.call("GET", `${SECRETS}?limit=1`);
    const next = () => cluster.call("GET", `${SECRETS}?limit=1&continue=${first.body.metadata.continue}`);
    cluster.world.delete("secrets", "default", "a");
    cluster.world.delete("secrets", "default", "b");
    expect((await next()).status).toBe(200);
    cluster.world.delete("secrets", "default", "c");
    expect((await next()).status).toBe(410);
  });

  property.prop([fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { maxLength: 12 }), fc.integer({ min: 1, max: 5 })])(
    "of any size make up the whole list, each object once, in order",
    async (all, limit) => {
      const cluster = withSecrets(all);
      const seen: string[] = [];
      for (let token: string | undefined = ""; token !== undefined; ) {
        const { body } = await cluster.call("GET", `${SECRETS}?limit=${limit}&continue=${token}`);
        seen.push(...(body.items ?? []).map(({ metadata }) => metadata.name));
        token = body.metadata.continue;
      }
      expect(seen).toEqual(all.toSorted());
    },
  );
});
