import { describe, expect, test } from "vitest";
import {
  RateLimited,
  RunnerGone,
  RunnerLimitReached,
  UnknownRepository,
  UnknownWorkspace,
  WrongClientCredentials,
} from "../../src/bitbucket/errors.ts";
import type { Bitbucket, Registration } from "../../src/bitbucket/port.ts";
import { restBitbucket } from "../../src/bitbucket/rest.ts";
import type { Flavour } from "../../src/domain/remote-runner.ts";
import type { Scope } from "../../src/domain/scope.ts";
import { bitbucketHttp } from "../../src/simulator/bitbucket/api/http.ts";
import type { BitbucketBehaviour } from "../../src/simulator/bitbucket/behaviour.ts";
import type { Repository } from "../../src/simulator/bitbucket/places.ts";
import { BitbucketWorld } from "../../src/simulator/bitbucket/world.ts";
import { VirtualClock } from "../../src/simulator/virtual-clock.ts";
import { silentLog } from "../../src/support/log.ts";
import { seededRandom } from "../../src/support/random.ts";
import { Secret } from "../../src/support/secret.ts";
import type { Reach } from "./reach.ts";

/** A look that never grows too old. */
const ANY_TIME = Number.POSITIVE_INFINITY;

const never = new AbortController().signal;
const LABELS = ["gke.runner", "self.hosted", "linux", "autoscaler.created"];
const CONSUMER = { id: "contract", secret: "contract-word" };
const START = Date.UTC(2026, 5, 1, 8);

/** The adapter and the Bitbucket behind it, with a workspace and a repository in it. */
interface Opened {
  readonly bitbucket: Bitbucket;
  readonly world: BitbucketWorld;
  readonly clock: VirtualClock;
  readonly scope: Scope;
  readonly repository: Repository;
  readonly register: (name: string) => Promise<Registration & { readonly kind: "registered" }>;
  /** Starts a runner's agent and lets it connect. */
  readonly connect: (runner: Registration & { readonly kind: "registered" }) => Promise<void>;
}

/**
 * What the controller and the cleaner rely on of Bitbucket, through the adapter that they use: the same over a world in memory and over
 * real connections.
 */
export function bitbucketContract(reach: Reach): void {
  const open = async (
    behaviour: Partial<BitbucketBehaviour> = {},
    options: { readonly flavour?: "auto" | Flavour; readonly secret?: string } = {},
  ): Promise<Opened> => {
    const clock = new VirtualClock(START);
    const world = new BitbucketWorld({ clock, random: seededRandom(1), behaviour });
    const workspace = world.addWorkspace({ slug: "woodpecker" });
    const repository = world.addRepository(workspace, { slug: "app" });
    const scopes = ["account", "repository", "pipeline:write", "runner:write"];
    world.credentials.addConsumer({
      ...CONSUMER,
      privacy: "private",
      callbackUrl: "https://x.example",
      scopes,
      admin: true,
    });
    const { send, url } = await reach(bitbucketHttp(world));
    const bitbucket = restBitbucket({
      send,
      clock,
      random: seededRandom(2),
      credentials: {
        kind: "oauth-consumer",
        clientId: CONSUMER.id,
        clientSecret: new Secret(options.secret ?? CONSUMER.secret),
      },
      apiUrl: url,
      tokenUrl: `${url}/site/oauth2/access_token`,
      flavour: options.flavour ?? "auto",
      budget: { requestsPerHour: 1_000, share: 1 },
      log: silentLog,
    });
    const scope = { workspace: { uuid: workspace.uuid, slug: workspace.slug } };
    return {
      bitbucket,
      world,
      clock,
      scope,
      repository,
      async register(name) {
        const made = await bitbucket.register(scope, { name, labels: LABELS }, never);
        if (made.kind !== "registered") throw made.error;
        return made;
      },
      async connect({ uuid, oauthClientId, oauthClientSecret }) {
        const identity = { accountUuid: workspace.uuid, runnerUuid: uuid, oauthClientId };
        world.start({ ...identity, oauthClientSecret: oauthClientSecret.reveal() }, () => undefined);
        await clock.advance(15_000);
      },
    };
  };

  describe("scopes", () => {
    test("are found by slug and by uuid, workspaces and repositories", async () => {
      const { bitbucket, scope, repository } = await open();
      const { uuid } = scope.workspace;
      const whole = { ...scope, repository: { uuid: repository.uuid, slug: "app" } };
      expect(await bitbucket.resolve({ workspace: "woodpecker" }, never)).toEqual(scope);
      expect(await bitbucket.resolve({ workspace: uuid }, never)).toEqual(scope);
      expect(await bitbucket.resolve({ workspace: "woodpecker", repository: "app" }, never)).toEqual(whole);
      expect(await bitbucket.resolve({ workspace: uuid, repository: repository.uuid }, never)).toEqual(whole);
    });

    test("that are not there are errors that name them", async () => {
      const { bitbucket } = await open();
      await expect(bitbucket.resolve({ workspace: "nowhere" }, never)).rejects.toThrow(UnknownWorkspace);
      const missing = bitbucket.resolve({ workspace: "woodpecker", repository: "nothing" }, never);
      await expect(missing).rejects.toThrow(UnknownRepository);
    });
  });

  describe.each(["internal", "public"] as const)("the %s API", (flavour) => {
    const usual = { flavour };

    test.each(["oldest-first", "newest-first"] as const)(
      "lists every runner once, over several pages, %s",
      async (listOrder) => {
        const { bitbucket, scope, register, clock } = await open({ maxPagelen: 2, listOrder }, usual);
        const made: string[] = [];
        for (let i = 0; i < 5; i += 1) {
          await clock.advance(1_500);
          made.push((await register(`runner ${i}`)).uuid);
        }
        const listing = await bitbucket.list(scope, never);
        expect(listing.runners.map(({ uuid }) => uuid).toSorted()).toEqual(made.toSorted());
        expect(listing).toMatchObject({
          flavour,
          begunAt: clock.now(),
          serverTime: Math.floor(clock.now() / 1_000) * 1_000,
        });
      },
    );

    test("lists nothing where nothing is, and keeps a repository's runners from the workspace's", async () => {
      const { bitbucket, scope, repository, register } = await open({}, usual);
      const below = { ...scope, repository: { uuid: repository.uuid, slug: repository.slug } };
      expect((await bitbucket.list(scope, never)).runners).toEqual([]);
      const { uuid } = await register("of the workspace");
      expect((await bitbucket.list(below, never)).runners).toEqual([]);
      expect((await bitbucket.get(below, uuid, never)).runner).toBeUndefined();
    });

    test("registers a runner that an agent can connect with", async () => {
      const { bitbucket, scope, register, connect, clock } = await open({}, usual);
      const made = await register("Größe 1 [abcdefgh-x]");
      expect((await bitbucket.get(scope, made.uuid, never)).runner).toMatchObject({
        uuid: made.uuid,
        name: "Größe 1 [abcdefgh-x]",
        labels: LABELS,
        status: "UNREGISTERED",
        connected: false,
        cordoned: false,
        createdAt: clock.now(),
      });
      await connect(made);
      const { runner } = await bitbucket.get(scope, made.uuid, never);
      expect(runner).toMatchObject({ status: "ONLINE", connected: true });
    });

    test("refuses what cannot be registered, and nothing was made", async () => {
      const { bitbucket, world, scope } = await open({ runnersPerScope: 1 }, usual);
      const attempt = (labels: readonly string[]) => bitbucket.register(scope, { name: "x", labels }, never);
      expect((await attempt(["self.hosted"])).kind).toBe("refused");
      expect((await attempt(["Not A Label", "self.hosted", "linux"])).kind).toBe("refused");
      expect(world.glance()).toEqual([]);
      expect((await attempt(LABELS)).kind).toBe("registered");
      const beyond = await attempt(LABELS);
      expect(beyond).toMatchObject({ kind: "refused", error: expect.any(RunnerLimitReached) as unknown });
      expect(world.glance()).toHaveLength(1);
    });

    test.each(["status", "cordoned"] as const)("disables and enables a runner, shown as %s", async (disableShows) => {
      const { bitbucket, world, scope, register, connect } = await open({ disableShows }, usual);
      const made = await register("x");
      await connect(made);
      const read = async () => {
        const { runner } = await bitbucket.get(scope, made.uuid, never);
        if (runner === undefined) throw new Error("it is there");
        return runner;
      };
      await bitbucket.disable(scope, await read(), ANY_TIME, never);
      expect(world.glance()[0]?.disabled).toBe(true);
      const shown = await read();
      expect(shown.status === "DISABLED" || shown.cordoned).toBe(true);
      await bitbucket.disable(scope, shown, ANY_TIME, never);
      await bitbucket.enable(scope, shown, ANY_TIME, never);
      expect(world.glance()[0]).toMatchObject({ disabled: false, name: "x", labels: LABELS });
      expect(await read()).toMatchObject({ status: "ONLINE", cordoned: false });
    });

    test("says that a runner to be disabled is gone, and takes a deletion of one that is gone for done", async () => {
      const { bitbucket, scope, register } = await open({}, usual);
      const { uuid } = await register("x");
      await bitbucket.remove(scope, uuid, ANY_TIME, never);
      expect((await bitbucket.get(scope, uuid, never)).runner).toBeUndefined();
      expect((await bitbucket.list(scope, never)).runners).toEqual([]);
      await bitbucket.remove(scope, uuid, ANY_TIME, never);
      await expect(bitbucket.disable(scope, { uuid, name: "x", labels: LABELS }, ANY_TIME, never)).rejects.toThrow(
        RunnerGone,
      );
      await expect(bitbucket.enable(scope, { uuid, name: "x", labels: LABELS }, ANY_TIME, never)).rejects.toThrow(
        RunnerGone,
      );
    });

    test("is not asked when the caller has given up, and counts what it is asked", async () => {
      const { bitbucket, world, scope } = await open({}, usual);
      const reason = new Error("shutting down");
      const before = bitbucket.budget();
      await expect(bitbucket.list(scope, AbortSignal.abort(reason))).rejects.toBe(reason);
      const registering = bitbucket.register(scope, { name: "x", labels: LABELS }, AbortSignal.abort(reason));
      await expect(registering).rejects.toBe(reason);
      expect(world.glance()).toEqual([]);
      expect(bitbucket.budget()).toEqual(before);
      await bitbucket.list(scope, never);
      expect(bitbucket.budget().left).toBe(before.left - 1);
    });
  });

  describe("whether a runner is busy", () => {
    const step = { labels: ["self.hosted", "gke.runner"], durationMs: 600_000 };

    test("is told by the internal API: a missing step means idle", async () => {
      const { bitbucket, world, scope, repository, register, connect, clock } = await open();
      const made = await register("x");
      await connect(made);
      const busy = async () => (await bitbucket.list(scope, never)).runners[0]?.busy;
      expect(await busy()).toBe("idle");
      world.pipelines.start(repository, { steps: [step] });
      await clock.advance(30_000);
      expect(await busy()).toBe("busy");
      expect((await bitbucket.get(scope, made.uuid, never)).runner?.busy).toBe("busy");
    });

    test("is unknown on the public API, until a step was seen there", async () => {
      const { bitbucket, world, scope, repository, register, connect, clock } = await open({ internal: 404 });
      for (const name of ["a", "b"]) await connect(await register(name));
      const busy = async () => (await bitbucket.list(scope, never)).runners.map((runner) => runner.busy).toSorted();
      expect(await busy()).toEqual(["unknown", "unknown"]);
      world.pipelines.start(repository, { steps: [step] });
      await clock.advance(30_000);
      expect(await busy()).toEqual(["unknown", "unknown"]);
      world.behaviour.publicShowsStep = true;
      expect(await busy()).toEqual(["busy", "idle"]);
    });
  });

  describe("the API is found by asking", () => {
    test.each([
      ["served", "internal"],
      [403, "public"],
      [404, "public"],
      [410, "public"],
    ] as const)("internal: %s → %s", async (internal, flavour) => {
      const { bitbucket, scope } = await open({ internal });
      expect((await bitbucket.list(scope, never)).flavour).toBe(flavour);
    });

    test("and found anew when it changes", async () => {
      const { bitbucket, world, scope } = await open();
      expect((await bitbucket.list(scope, never)).flavour).toBe("internal");
      world.behaviour.internal = 410;
      expect((await bitbucket.list(scope, never)).flavour).toBe("public");
    });
  });

  describe("credentials and limits", () => {
    test("a wrong secret is said so, and shown nowhere", async () => {
      const { bitbucket, scope } = await open({}, { secret: "wrong-word" });
      const error = await bitbucket.list(scope, never).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(WrongClientCredentials);
      expect(JSON.stringify(error) + String(error)).not.toContain("wrong-word");
    });

    test("a token that expired is renewed unseen", async () => {
      const { bitbucket, world, scope } = await open();
      await bitbucket.list(scope, never);
      world.credentials.expireIssuedTokens();
      expect((await bitbucket.list(scope, never)).runners).toEqual([]);
    });

    test("a push-back pauses everything, reads too, until then", async () => {
      const { bitbucket, world, scope, clock } = await open({ retryAfterSeconds: 90 });
      await bitbucket.list(scope, never);
      world.behaviour.requestsPerHour = 1;
      await expect(bitbucket.list(scope, never)).rejects.toThrow(RateLimited);
      expect(bitbucket.budget().pausedUntil).toBe(clock.now() + 90_000);
      const before = world.traffic.total({});
      await expect(bitbucket.list(scope, never)).rejects.toThrow(RateLimited);
      expect(world.traffic.total({})).toBe(before);
      world.behaviour.requestsPerHour = 1_000;
      await clock.advance(90_000);
      expect((await bitbucket.list(scope, never)).runners).toEqual([]);
    });
  });
}
