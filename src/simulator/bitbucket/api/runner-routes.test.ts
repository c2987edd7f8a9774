import { describe, expect, test } from "vitest";
import { bitbucketWorld, type ReadReply, START } from "../../../../test/support/bitbucket-world.ts";

const RUNNERS = "/pipelines-config/runners";
const WORKSPACE = "/2.0/workspaces/woodpecker";
const LABELS = ["self.hosted", "linux", "gke.runner"];

interface RunnerJson {
  readonly uuid: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly state: { readonly status: string; readonly step?: { readonly uuid: string }; readonly version?: unknown };
  readonly oauth_client: { readonly id: string; readonly secret?: string };
}
interface PageJson {
  readonly page: number;
  readonly pagelen: number;
  readonly size?: number;
  readonly next?: string;
  readonly values: readonly RunnerJson[];
}

function runnerOf(answer: ReadReply): RunnerJson {
  return answer.json as RunnerJson;
}

function pageOf(answer: ReadReply): PageJson {
  return answer.json as PageJson;
}

describe.each(["/2.0", "/internal"])("the runner API under %s", (root) => {
  describe.each(["/workspaces/woodpecker", "/repositories/woodpecker/app"])("of %s", (place) => {
    const runners = `${root}${place}${RUNNERS}`;

    test("registers, tells the secret once, reads, updates and deletes", async () => {
      const { ask } = bitbucketWorld();
      const created = await ask("POST", runners, { json: { name: "first", labels: LABELS } });
      expect(created.status).toBe(200);
      const { uuid, oauth_client } = runnerOf(created);
      expect(oauth_client.secret).toMatch(/^\S{32,}$/);
      expect(runnerOf(created).state).toMatchObject({ status: "UNREGISTERED", cordoned: false });

      const path = `${runners}/${encodeURIComponent(uuid)}`;
      const read = runnerOf(await ask("GET", path));
      expect(read).toMatchObject({ uuid, name: "first", labels: LABELS, oauth_client: { id: oauth_client.id } });
      expect(read.oauth_client).not.toHaveProperty("secret");
      expect(read.state).not.toHaveProperty("version");

      expect((await ask("PUT", path, { json: { name: "second", labels: LABELS } })).status).toBe(200);
      expect(runnerOf(await ask("GET", path)).name).toBe("second");

      expect(await ask("DELETE", path)).toMatchObject({ status: 204, text: "" });
      expect((await ask("DELETE", path)).status).toBe(404);
      expect((await ask("GET", path)).status).toBe(404);
      expect((await ask("PUT", path, { json: {} })).status).toBe(404);
    });

    test("finds its place by uuid, with or without a slash at the end", async () => {
      const { ask, workspace, repository } = bitbucketWorld();
      const byUuid = place.replace("woodpecker", encodeURIComponent(workspace.uuid)).replace("app", repository.uuid);
      expect((await ask("GET", `${root}${byUuid}${RUNNERS}/`)).status).toBe(200);
    });
  });
});

describe("registration", () => {
  test.each([
    // what is wrong, body
    ["no name", { labels: LABELS }],
    ["an empty name", { name: " ", labels: LABELS }],
    ["a name that is too long", { name: "n".repeat(51), labels: LABELS }],
    ["no labels", { name: "r" }],
    ["no self.hosted", { name: "r", labels: ["linux", "gke.runner"] }],
    ["no platform", { name: "r", labels: ["self.hosted", "gke.runner"] }],
    ["two platforms", { name: "r", labels: ["self.hosted", "linux", "linux.arm64"] }],
    ["capital letters", { name: "r", labels: [...LABELS, "Big"] }],
    ["a label twice", { name: "r", labels: [...LABELS, "gke.runner"] }],
    ["eleven labels of its own", { name: "r", labels: [...LABELS, ...Array.from("abcdefghij")] }],
    ["a list", []],
  ])("with %s is refused with 400", async (_, json) => {
    const { ask, world } = bitbucketWorld();
    const { status, json: body } = await ask("POST", WORKSPACE + RUNNERS, { json });
    expect(status).toBe(400);
    expect(body).toMatchObject({ type: "error", error: { message: expect.any(String) as string } });
    expect(world.glance()).toEqual([]);
  });

  test("takes ten labels of its own", async () => {
    const { ask } = bitbucketWorld();
    const json = { name: "r", labels: [...LABELS, ...Array.from("abcdefghi")] };
    expect((await ask("POST", WORKSPACE + RUNNERS, { json })).status).toBe(200);
  });

  test("of a uuid that exists is refused with 409", async () => {
    const { ask, world, workspace, runner } = bitbucketWorld();
    const { uuid } = runner({ workspace }, "r");
    const { status } = await ask("POST", WORKSPACE + RUNNERS, { json: { uuid, name: "r", labels: LABELS } });
    expect(status).toBe(409);
    expect(world.glance()).toHaveLength(1);
  });

  test("the 101st of a workspace is refused with 400; its repositories count by themselves", async () => {
    const { ask, workspace, runner } = bitbucketWorld();
    for (let i = 0; i < 99; i += 1) runner({ workspace }, `foreign ${i}`);
    const json = { name: "r", labels: LABELS };
    expect((await ask("POST", WORKSPACE + RUNNERS, { json })).status).toBe(200);
    expect((await ask("POST", WORKSPACE + RUNNERS, { json })).status).toBe(400);
    expect((await ask("POST", `/2.0/repositories/woodpecker/app${RUNNERS}`, { json })).status).toBe(200);
  });

  test.each(["", "{", "[1]", '"text"', "null"])("with the body %j is refused with 400", async (body) => {
    const { ask } = bitbucketWorld();
    expect((await ask("POST", WORKSPACE + RUNNERS, { body })).status).toBe(400);
  });

  test("may answer with 201", async () => {
    const { ask } = bitbucketWorld({ createdStatus: 201 });
    expect((await ask("POST", WORKSPACE + RUNNERS, { json: { name: "r", labels: LABELS } })).status).toBe(201);
  });
});

describe("listings", () => {
  test.each([
    // pagelen asked, pages, largest page
    ["", 10, 10],
    ["?pagelen=100", 1, 100],
    ["?pagelen=30", 4, 30],
  ])("of 100 runners with %j have %i pages", async (query, pages, largest) => {
    const { ask, workspace, runner } = bitbucketWorld();
    for (let i = 0; i < 100; i += 1) runner({ workspace }, `runner ${i}`);
    const names: string[] = [];
    let url: string | undefined = `${WORKSPACE}${RUNNERS}${query}`;
    let count = 0;
    for (; url !== undefined; count += 1) {
      const page: PageJson = pageOf(await ask("GET", url));
      expect(page.values.length).toBeLessThanOrEqual(largest);
      expect(page).toMatchObject({ page: count + 1, size: 100 });
      names.push(...page.values.map(({ name }) => name));
      url = page.next;
    }
    expect(count).toBe(pages);
    expect(names).toEqual(Array.from({ length: 100 }, (_, i) => `runner ${i}`));
  });

  test("link to the origin that the caller used", async () => {
    const { ask, workspace, runner } = bitbucketWorld();
    runner({ workspace }, "a");
    runner({ workspace }, "b");
    const { next } = pageOf(await ask("GET", `https://localhost:8443${WORKSPACE}${RUNNERS}?pagelen=1`));
    expect(next).toBe(`https://localhost:8443${WORKSPACE}${RUNNERS}?pagelen=1&page=2`);
  });

  test.each(["?pagelen=0", "?pagelen=101", "?pagelen=x", "?page=0", "?page=-1"])("refuse %s", async (query) => {
    const { ask } = bitbucketWorld();
    expect((await ask("GET", WORKSPACE + RUNNERS + query)).status).toBe(400);
  });

  test("beyond the end are empty", async () => {
    const { ask } = bitbucketWorld();
    expect(pageOf(await ask("GET", `${WORKSPACE}${RUNNERS}?page=7`))).toEqual({
      page: 7,
      pagelen: 10,
      size: 0,
      values: [],
    });
  });

  test("come in the order that the world is set to", async () => {
    const { ask, world, workspace, runner } = bitbucketWorld();
    const names = Array.from("abcdefghijklmnop");
    for (const name of names) runner({ workspace }, name);
    const listed = async () =>
      pageOf(await ask("GET", `${WORKSPACE}${RUNNERS}?pagelen=100`)).values.map(({ name }) => name);
    world.behaviour.listOrder = "newest-first";
    expect(await listed()).toEqual(names.toReversed());
    world.behaviour.listOrder = "shuffled";
    const [one, other] = [await listed(), await listed()];
    expect(one).not.toEqual(other);
    expect(one.toSorted()).toEqual(names);
  });

  test("may lack a runner that is new, may lack their size, may have shorter pages than asked", async () => {
    const behaviour = { createdListedAfterMs: 20_000, listsSize: false, maxPagelen: 1 };
    const { ask, clock, workspace, runner } = bitbucketWorld(behaviour);
    const { uuid } = runner({ workspace }, "a");
    runner({ workspace }, "b");
    expect(pageOf(await ask("GET", WORKSPACE + RUNNERS)).values).toEqual([]);
    expect((await ask("GET", `${WORKSPACE}${RUNNERS}/${uuid}`)).status).toBe(200);
    await clock.advance(20_000);
    const page = pageOf(await ask("GET", `${WORKSPACE}${RUNNERS}?pagelen=100`));
    expect(page).toMatchObject({ pagelen: 1, next: expect.stringContaining("page=2") as string });
    expect(page).not.toHaveProperty("size");
    expect(page.values).toHaveLength(1);
  });

  test("of a workspace leave out its repositories' runners", async () => {
    const { ask, workspace, repository, runner } = bitbucketWorld();
    runner({ workspace, repository }, "repository runner");
    expect(pageOf(await ask("GET", WORKSPACE + RUNNERS)).values).toEqual([]);
    expect((await ask("GET", `${WORKSPACE}${RUNNERS}?pagelen=100`)).json).toMatchObject({ size: 0 });
    expect(pageOf(await ask("GET", `/2.0/repositories/woodpecker/app${RUNNERS}`)).values).toHaveLength(1);
  });
});

describe("a busy runner", () => {
  test.each([
    // root, publicShowsStep, shown
    ["/internal", false, true],
    ["/2.0", false, false],
    ["/2.0", true, true],
  ])("under %s with publicShowsStep %s shows its step: %s", async (root, publicShowsStep, shown) => {
    const { ask, clock, world, workspace, repository, runner, agent } = bitbucketWorld({ publicShowsStep });
    const registered = runner({ workspace }, "r");
    world.pipelines.start(repository, { steps: [{ labels: [], durationMs: 600_000 }] });
    agent(registered);
    await clock.advance(10_000);
    const path = `${root}/workspaces/woodpecker${RUNNERS}`;
    const step = { type: "PIPELINE_STEP", uuid: world.pipelines.steps()[0]?.uuid };
    for (const status of ["ONLINE", "DISABLED"]) {
      const { state } = runnerOf(await ask("GET", `${path}/${registered.uuid}`));
      expect(state).toMatchObject({ status, version: { version: expect.any(String) as string } });
      expect(state.step).toEqual(shown ? step : undefined);
      expect(pageOf(await ask("GET", path)).values[0]?.state.step).toEqual(shown ? step : undefined);
      world.humanDisables(registered.uuid);
    }
  });

  test("may show its step a little late", async () => {
    const { ask, clock, world, workspace, repository, runner, agent } = bitbucketWorld({ stepShownAfterMs: 3_000 });
    world.pipelines.start(repository, { steps: [{ labels: [], durationMs: 600_000 }] });
    agent(runner({ workspace }, "r"));
    await clock.advance(7_000);
    const step = async () =>
      pageOf(await ask("GET", `/internal/workspaces/woodpecker${RUNNERS}`)).values[0]?.state.step;
    expect(await step()).toBeUndefined();
    await clock.advance(1_000);
    expect(await step()).toBeDefined();
  });
});

describe("disabling", () => {
  const forms = {
    state: [{ state: { status: "DISABLED" } }, { state: { status: "ENABLED" } }],
    disabled: [{ disabled: true }, { disabled: false }],
    enabled: [{ enabled: false }, { enabled: true }],
  } as const;

  test.each(["state", "disabled", "enabled", "ignored"] as const)(
    "under /2.0 heeds one form only: %s",
    async (heeded) => {
      const { ask, world, workspace, runner } = bitbucketWorld({ publicDisable: heeded });
      const { uuid } = runner({ workspace }, "r");
      const path = `${WORKSPACE}${RUNNERS}/${uuid}`;
      for (const [form, [disable, enable]] of Object.entries(forms)) {
        const sent = { name: "r", labels: LABELS };
        expect((await ask("PUT", path, { json: { ...sent, ...disable } })).status).toBe(200);
        expect(world.glance()[0]?.disabled).toBe(form === heeded);
        expect((await ask("PUT", path, { json: { ...sent, ...enable } })).status).toBe(200);
        expect(world.glance()[0]?.disabled).toBe(false);
      }
    },
  );

  test("has a path of its own under /internal, and none under /2.0", async () => {
    const { ask, world, workspace, runner } = bitbucketWorld();
    const { uuid } = runner({ workspace }, "r");
    const path = `/internal/workspaces/woodpecker${RUNNERS}/${uuid}/state`;
    const state = async (status: unknown) => (await ask("PUT", path, { json: { status } })).status;
    expect(await state("DISABLED")).toBe(200);
    expect(world.glance()[0]?.status).toBe("DISABLED");
    expect(await state("ENABLED")).toBe(200);
    expect(world.glance()[0]?.status).toBe("UNREGISTERED");
    expect(await state("SLEEPING")).toBe(400);
    expect((await ask("PUT", path.replace("/internal", "/2.0"), { json: { status: "DISABLED" } })).status).toBe(404);
  });

  test("tells who did it", async () => {
    const { ask, world, workspace, runner } = bitbucketWorld();
    const { uuid } = runner({ workspace }, "r");
    await ask("PUT", `/internal/workspaces/woodpecker${RUNNERS}/${uuid}/state`, { json: { status: "DISABLED" } });
    world.humanEnables(uuid);
    const by = { kind: "api", credential: "default", flavour: "internal" };
    expect(world.events.slice(1)).toMatchObject([
      { type: "runner-disabled", runner: uuid, by, at: START, sequence: 1 },
      { type: "runner-enabled", runner: uuid, by: { kind: "human" }, sequence: 2 },
    ]);
  });
});
