import { describe, expect, test } from "vitest";
import {
  ANY_TIME,
  type Answer,
  aConsumer,
  anApiToken,
  aRepositoryScope,
  aRunnerResource,
  aWorkspaceScope,
  json,
  rejection,
  restOptions,
  scriptedBitbucket,
  settle,
  unaborted,
} from "../../test/support/scripted-bitbucket.ts";
import { textResponse } from "../http/transport.ts";
import { VirtualClock } from "../simulator/virtual-clock.ts";
import {
  FlavourUnavailable,
  NotAdministrator,
  RequestRefused,
  RunnerGone,
  UnexpectedResponse,
  UnknownRepository,
  UnknownWorkspace,
} from "./errors.ts";
import type { RestOptions } from "./rest.ts";
import { restBitbucket } from "./rest.ts";

const NOW = Date.UTC(2026, 10, 23, 10);
const WS = "/workspaces/%7Bw-1%7D/pipelines-config/runners";
const step = { type: "PIPELINE_STEP", uuid: "{step}" };
const gone = () => textResponse(410, {}, "");

function adapter(answer: Answer, options: Partial<RestOptions> = {}) {
  const clock = new VirtualClock(NOW);
  const { send, received } = scriptedBitbucket(answer);
  const bitbucket = restBitbucket(restOptions(clock, send, options));
  return { clock, bitbucket, received, paths: () => received.map(({ method, path }) => `${method} ${path}`) };
}

describe("list", () => {
  test("reads a workspace's runners, all pages", async () => {
    const { bitbucket, paths } = adapter(({ path }) =>
      path.includes("page=2")
        ? json(200, { values: [aRunnerResource("{2}")] })
        : json(
            200,
            { values: [aRunnerResource("{1}")], next: `https://api.bitbucket.org/2.0${WS}?pagelen=100&page=2` },
            { date: "Mon, 23 Nov 2026 09:59:58 GMT" },
          ),
    );
    const listing = await bitbucket.list(aWorkspaceScope, unaborted);
    // Several pages may shift while they are read: they count when two readings agree.
    const once = [`GET /2.0${WS}?pagelen=100`, `GET /2.0${WS}?pagelen=100&page=2`];
    expect(paths()).toEqual([...once, ...once]);
    expect(listing.runners.map(({ uuid }) => uuid)).toEqual(["{1}", "{2}"]);
    expect(listing).toMatchObject({ flavour: "public", begunAt: NOW, serverTime: NOW - 2_000 });
  });

  test("reads a repository's runners below a given address", async () => {
    const { bitbucket, received } = adapter(() => json(200, { values: [] }), {
      apiUrl: "http://127.0.0.1:8080/gateway/",
      flavour: "internal",
    });
    await bitbucket.list(aRepositoryScope, unaborted);
    expect(received).toMatchObject([
      {
        host: "127.0.0.1:8080",
        path: "/gateway/internal/repositories/%7Bw-1%7D/%7Br-1%7D/pipelines-config/runners?pagelen=100",
      },
    ]);
  });

  test.each([
    ["an absent date", {}],
    ["an unreadable date", { date: "noon" }],
  ])("%s: no time at all, never our own", async (_what, headers) => {
    const { bitbucket } = adapter(() => json(200, { values: [] }, headers));
    expect(await bitbucket.list(aWorkspaceScope, unaborted)).toMatchObject({ serverTime: undefined });
  });

  test("a runner that shows up on two pages counts once, as the later page has it", async () => {
    const { bitbucket } = adapter(({ path }) =>
      path.includes("page=2")
        ? json(200, { values: [aRunnerResource("{1}", { status: "OFFLINE" })] })
        : json(200, { values: [aRunnerResource("{1}")], next: "?page=2" }),
    );
    const { runners } = await bitbucket.list(aWorkspaceScope, unaborted);
    expect(runners.map(({ status }) => status)).toEqual(["OFFLINE"]);
  });

  test.each([
    ["a runner moved to a page that was read already", aRunnerResource("{1}"), false],
    ["every runner was seen", aRunnerResource("{2}"), true],
  ])("%s, by the size that the last page tells", async (_what, onSecond, complete) => {
    const { bitbucket } = adapter(({ path }) =>
      path.includes("page=2")
        ? json(200, { values: [onSecond], size: 2 })
        : json(200, { values: [aRunnerResource("{1}")], size: 3, next: "?page=2" }),
    );
    const listing = bitbucket.list(aWorkspaceScope, unaborted);
    if (complete) expect((await listing).runners).toHaveLength(2);
    else expect(String(await rejection(listing))).toContain("do not add up");
  });

  test.each([
    ["a page that is refused", () => textResponse(403, {}, ""), NotAdministrator],
    ["a page that is none", () => json(200, { things: [] }), UnexpectedResponse],
    ["a runner without uuid", () => json(200, { values: [{ name: "x" }] }), UnexpectedResponse],
  ])("all or nothing: %s", async (_what, second, type) => {
    const { bitbucket } = adapter(({ path }) =>
      path.includes("page=2") ? second() : json(200, { values: [aRunnerResource("{1}")], next: "?page=2" }),
    );
    expect(await rejection(bitbucket.list(aWorkspaceScope, unaborted))).toBeInstanceOf(type);
  });

  test("names the field that cannot be read, and none of its content", async () => {
    const { bitbucket } = adapter(() => json(200, { values: [{ uuid: "{1}", labels: ["ok", 7], secret: "hush" }] }));
    const failure = String(await rejection(bitbucket.list(aWorkspaceScope, unaborted)));
    expect(failure).toContain("labels.1");
    expect(failure).not.toContain("hush");
  });

  test.each([
    [aWorkspaceScope, UnknownWorkspace],
    [aRepositoryScope, UnknownRepository],
  ])("404 on the scope is an error", async (scope, type) => {
    const { bitbucket } = adapter(() => textResponse(404, {}, ""));
    expect(await rejection(bitbucket.list(scope, unaborted))).toBeInstanceOf(type);
  });
});

describe("busy", () => {
  test("on the internal flavour a runner without step is idle", async () => {
    const { bitbucket } = adapter(
      () => json(200, { values: [aRunnerResource("{1}"), aRunnerResource("{2}", { step })] }),
      {
        flavour: "internal",
      },
    );
    const { runners } = await bitbucket.list(aWorkspaceScope, unaborted);
    expect(runners.map(({ busy }) => busy)).toEqual(["idle", "busy"]);
  });

  test("on the public flavour it is unknown, until a step was seen in that scope", async () => {
    let shown: object | undefined;
    const { bitbucket } = adapter(() =>
      json(200, { values: [aRunnerResource("{1}"), aRunnerResource("{2}", { step: shown })] }),
    );
    const busy = async (scope = aWorkspaceScope) =>
      (await bitbucket.list(scope, unaborted)).runners.map((runner) => runner.busy);
    expect(await busy()).toEqual(["unknown", "unknown"]);
    shown = step;
    expect(await busy()).toEqual(["idle", "busy"]);
    shown = undefined;
    expect(await busy()).toEqual(["idle", "idle"]);
    expect(await busy(aRepositoryScope)).toEqual(["unknown", "unknown"]);
  });

  test("steps on the internal flavour prove nothing about the public one", async () => {
    let internal = true;
    const { bitbucket } = adapter(
      ({ path }) => {
        if (path.startsWith("/internal"))
          return internal ? json(200, { values: [aRunnerResource("{1}", { step })] }) : gone();
        return json(200, { values: [aRunnerResource("{1}")] });
      },
      { flavour: "auto" },
    );
    expect((await bitbucket.list(aWorkspaceScope, unaborted)).runners[0]?.busy).toBe("busy");
    internal = false;
    expect((await bitbucket.list(aWorkspaceScope, unaborted)).runners[0]?.busy).toBe("unknown");
  });
});

describe("get", () => {
  test("reads one runner", async () => {
    const { bitbucket, paths } = adapter(() => json(200, aRunnerResource("{1}", { cordoned: true })));
    const reading = await bitbucket.get(aRepositoryScope, "{1}", unaborted);
    expect(paths()).toEqual(["GET /2.0/repositories/%7Bw-1%7D/%7Br-1%7D/pipelines-config/runners/%7B1%7D"]);
    expect(reading).toMatchObject({ flavour: "public", begunAt: NOW, runner: { uuid: "{1}", cordoned: true } });
  });

  test.each([
    "",
    "Not found",
    { error: { message: "Runner not found" } },
    { error: { message: "Runner not in workspace acme" } },
  ])("404 about the runner is an answer where the scope is served: %j", async (body) => {
    const missing = typeof body === "string" ? textResponse(404, {}, body) : json(404, body);
    const { bitbucket, paths } = adapter(({ path }) =>
      path.endsWith("/runners/%7B1%7D") ? missing : json(200, { values: [] }),
    );
    const reading = await bitbucket.get(aWorkspaceScope, "{1}", unaborted);
    expect(reading).toEqual({ flavour: "public", begunAt: NOW, serverTime: undefined, runner: undefined });
    expect(paths()).toEqual([`GET /2.0${WS}/%7B1%7D`, `GET /2.0${WS}?pagelen=1`]);
  });

  test("404 from an API that was withdrawn says nothing about the runner: the other one is asked", async () => {
    let isServed = true;
    const { bitbucket } = adapter(
      ({ path }) => {
        if (path.startsWith("/internal")) return isServed ? json(200, { values: [] }) : textResponse(404, {}, "");
        return path.endsWith("/runners/%7B1%7D") ? json(200, aRunnerResource("{1}")) : json(200, { values: [] });
      },
      { flavour: "auto" },
    );
    await bitbucket.list(aWorkspaceScope, unaborted);
    isServed = false;
    expect(await bitbucket.get(aWorkspaceScope, "{1}", unaborted)).toMatchObject({
      flavour: "public",
      runner: { uuid: "{1}" },
    });
  });

  test("404 from an API that lists nothing either is an error", async () => {
    const { bitbucket } = adapter(() => textResponse(404, {}, ""), { flavour: "internal" });
    expect(await rejection(bitbucket.get(aWorkspaceScope, "{1}", unaborted))).toBeInstanceOf(UnknownWorkspace);
  });

  test("404 about the scope is an error", async () => {
    const { bitbucket } = adapter(() => json(404, { error: { message: "No workspace with identifier '{w-1}'." } }));
    expect(await rejection(bitbucket.get(aWorkspaceScope, "{1}", unaborted))).toBeInstanceOf(UnknownWorkspace);
  });

  test.each([
    [json(200, { uuid: 7 }), UnexpectedResponse],
    [textResponse(200, {}, "hello"), UnexpectedResponse],
    [textResponse(403, {}, ""), NotAdministrator],
  ])("anything else is an error", async (response, type) => {
    const { bitbucket } = adapter(() => response);
    expect(await rejection(bitbucket.get(aWorkspaceScope, "{1}", unaborted))).toBeInstanceOf(type);
  });
});

describe("disable and enable", () => {
  const runner = { uuid: "{1}", name: "group [abc-1]", labels: ["self.hosted", "linux"] };

  test("on the internal flavour set the state", async () => {
    const { bitbucket, received } = adapter(() => textResponse(204, {}, ""), { flavour: "internal" });
    await bitbucket.disable(aWorkspaceScope, runner, ANY_TIME, unaborted);
    await bitbucket.enable(aWorkspaceScope, runner, ANY_TIME, unaborted);
    expect(received.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["PUT", `/internal${WS}/%7B1%7D/state`, '{"status":"DISABLED"}'],
      ["PUT", `/internal${WS}/%7B1%7D/state`, '{"status":"ENABLED"}'],
    ]);
    expect(received[0]?.headers["content-type"]).toBe("application/json");
  });

  test("on the public flavour send the runner with its new status", async () => {
    const { bitbucket, received } = adapter(() => textResponse(200, {}, ""));
    await bitbucket.disable(aWorkspaceScope, runner, ANY_TIME, unaborted);
    expect(received).toMatchObject([{ method: "PUT", path: `/2.0${WS}/%7B1%7D` }]);
    expect(JSON.parse(received[0]?.body ?? "")).toEqual({
      name: "group [abc-1]",
      labels: ["self.hosted", "linux"],
      state: { status: "DISABLED" },
    });
  });

  test.each([
    ["disabled", { disabled: true }, { disabled: false }],
    ["enabled", { enabled: false }, { enabled: true }],
  ])("try the other forms at once when one is refused, and stay with %s", async (field, disabled, enabled) => {
    const { bitbucket, received } = adapter(({ body }) =>
      field in (JSON.parse(body) as object)
        ? textResponse(200, {}, "")
        : json(400, { error: { message: "Invalid properties" } }),
    );
    await bitbucket.disable(aWorkspaceScope, runner, ANY_TIME, unaborted);
    await bitbucket.enable(aWorkspaceScope, runner, ANY_TIME, unaborted);
    const [last, before] = received.map(({ body }) => JSON.parse(body) as object).reverse();
    expect(before).toEqual({ name: runner.name, labels: runner.labels, ...disabled });
    expect(last).toEqual({ name: runner.name, labels: runner.labels, ...enabled });
  });

  test("fail when no form is taken", async () => {
    const { bitbucket, received } = adapter(() => json(400, { error: { message: "Invalid properties" } }));
    expect(await rejection(bitbucket.disable(aWorkspaceScope, runner, ANY_TIME, unaborted))).toBeInstanceOf(
      RequestRefused,
    );
    expect(received).toHaveLength(3);
  });

  test.each([
    // reply's state                                    next form
    [{ status: "ONLINE" }, "disabled"],
    [{ status: "DISABLED" }, "state"],
    [{ status: "ONLINE", cordoned: true }, "state"],
    [{ status: undefined }, "state"],
  ])("after a reply that shows %j tell it with %s", async (state, next) => {
    const { bitbucket, received } = adapter(() => json(200, aRunnerResource("{1}", state)));
    await bitbucket.disable(aWorkspaceScope, runner, ANY_TIME, unaborted);
    await bitbucket.disable(aWorkspaceScope, runner, ANY_TIME, unaborted);
    expect(Object.keys(JSON.parse(received[1]?.body ?? "") as object)).toEqual(["name", "labels", next]);
  });

  test("say that the runner is gone, or the scope", async () => {
    const { bitbucket } = adapter(() => textResponse(404, {}, ""));
    expect(await rejection(bitbucket.enable(aWorkspaceScope, runner, ANY_TIME, unaborted))).toBeInstanceOf(RunnerGone);
    const other = adapter(() => json(404, { error: { message: "No workspace with identifier" } }));
    expect(await rejection(other.bitbucket.enable(aWorkspaceScope, runner, ANY_TIME, unaborted))).toBeInstanceOf(
      UnknownWorkspace,
    );
  });
});

describe("remove", () => {
  test.each([204, 200, 404])("is done with status %i", async (status) => {
    const { bitbucket, paths } = adapter(() => textResponse(status, {}, ""));
    await bitbucket.remove(aWorkspaceScope, "{1}", ANY_TIME, unaborted);
    expect(paths()).toEqual([`DELETE /2.0${WS}/%7B1%7D`]);
  });

  test("is refused otherwise", async () => {
    const { bitbucket } = adapter(() => textResponse(403, {}, ""));
    expect(await rejection(bitbucket.remove(aWorkspaceScope, "{1}", ANY_TIME, unaborted))).toBeInstanceOf(
      NotAdministrator,
    );
  });
});

describe("flavour", () => {
  test("auto takes the internal API when it answers", async () => {
    const { bitbucket, paths } = adapter(() => json(200, { values: [] }), { flavour: "auto" });
    expect(await bitbucket.list(aWorkspaceScope, unaborted)).toMatchObject({ flavour: "internal" });
    await bitbucket.list(aWorkspaceScope, unaborted);
    expect(paths()).toEqual([
      `GET /internal${WS}?pagelen=1`,
      `GET /internal${WS}?pagelen=100`,
      `GET /internal${WS}?pagelen=100`,
    ]);
  });

  test.each([403, 404, 410])("auto takes the public API on %i, each scope for itself", async (status) => {
    const { bitbucket } = adapter(
      ({ path }) =>
        path.startsWith("/internal/workspaces") ? textResponse(status, {}, "") : json(200, { values: [] }),
      { flavour: "auto" },
    );
    expect(await bitbucket.list(aWorkspaceScope, unaborted)).toMatchObject({ flavour: "public" });
    expect(await bitbucket.list(aRepositoryScope, unaborted)).toMatchObject({ flavour: "internal" });
  });

  test("many who need it probe once", async () => {
    const { bitbucket, paths } = adapter(
      ({ path }) => (path.startsWith("/internal") ? gone() : textResponse(204, {}, "")),
      { flavour: "auto" },
    );
    await Promise.all(
      ["{1}", "{2}", "{3}"].map((uuid) => bitbucket.remove(aWorkspaceScope, uuid, ANY_TIME, unaborted)),
    );
    expect(paths().filter((path) => path.includes("/internal"))).toHaveLength(1);
  });

  test("a listing notices when the internal API goes away", async () => {
    let status = 200;
    const { bitbucket } = adapter(
      ({ path }) =>
        path.startsWith("/internal") && status !== 200 ? textResponse(status, {}, "") : json(200, { values: [] }),
      { flavour: "auto" },
    );
    for (status of [200, 404, 200]) {
      const { flavour } = await bitbucket.list(aWorkspaceScope, unaborted);
      expect(flavour).toBe(status === 404 ? "public" : flavour);
    }
  });

  test("a write that meets 410 is made on the public API", async () => {
    let internal = true;
    const { bitbucket, paths } = adapter(
      ({ path }) => {
        if (path.startsWith("/internal")) return internal ? json(200, { values: [] }) : gone();
        return textResponse(204, {}, "");
      },
      { flavour: "auto" },
    );
    await bitbucket.list(aWorkspaceScope, unaborted);
    internal = false;
    await bitbucket.remove(aWorkspaceScope, "{1}", ANY_TIME, unaborted);
    expect(paths().slice(-3)).toEqual([
      `DELETE /internal${WS}/%7B1%7D`,
      `GET /internal${WS}?pagelen=1`,
      `DELETE /2.0${WS}/%7B1%7D`,
    ]);
  });

  test("looks again an hour later whether the internal API is back, and keeps what it has when that fails", async () => {
    let internal = 404;
    const { clock, bitbucket } = adapter(
      ({ path }) =>
        path.startsWith("/internal") && internal !== 200 ? textResponse(internal, {}, "") : json(200, { values: [] }),
      { flavour: "auto" },
    );
    const flavour = async () => (await settle(clock, bitbucket.list(aWorkspaceScope, unaborted))).flavour;
    expect(await flavour()).toBe("public");
    internal = 503;
    await clock.advance(3_600_000);
    expect(await flavour()).toBe("public");
    internal = 200;
    expect(await flavour()).toBe("public");
    await clock.advance(3_600_000);
    expect(await flavour()).toBe("internal");
  });

  test("a permission that is missing on both does not pin the scope to the public API", async () => {
    let permitted = false;
    const { bitbucket } = adapter(() => (permitted ? json(200, { values: [] }) : textResponse(403, {}, "")), {
      flavour: "auto",
    });
    expect(await rejection(bitbucket.list(aWorkspaceScope, unaborted))).toBeInstanceOf(NotAdministrator);
    permitted = true;
    expect(await bitbucket.list(aWorkspaceScope, unaborted)).toMatchObject({ flavour: "internal" });
  });

  test("pinned to internal, a 410 is an error that says so", async () => {
    const { bitbucket, paths } = adapter(gone, { flavour: "internal" });
    const failure = await rejection(bitbucket.list(aWorkspaceScope, unaborted));
    expect(failure).toBeInstanceOf(FlavourUnavailable);
    expect((failure as FlavourUnavailable).remedy).toContain("BITBUCKET_API_FLAVOUR");
    expect(paths()).toHaveLength(1);
  });

  test("a probe that answers nothing decides nothing", async () => {
    const { bitbucket } = adapter(() => textResponse(400, {}, "what?"), { flavour: "auto" });
    expect(await rejection(bitbucket.remove(aWorkspaceScope, "{1}", ANY_TIME, unaborted))).toBeInstanceOf(
      RequestRefused,
    );
  });
});

describe("credentials", () => {
  test.each([
    [undefined, "Bearer access-token-text"],
    [anApiToken, `Basic ${btoa("admin@example.com:api-token-text")}`],
  ])("are sent as they should be", async (credentials, header) => {
    const { bitbucket, received } = adapter(() => json(200, { values: [] }), credentials && { credentials });
    await bitbucket.list(aWorkspaceScope, unaborted);
    expect(received[0]?.headers).toEqual({ authorization: header, accept: "application/json" });
  });

  test("an expired token is renewed once, and the request sent again", async () => {
    let good = "t-1";
    let tokens = 0;
    const { bitbucket, received } = adapter(
      ({ host, headers }) => {
        if (host === "bitbucket.org") return json(200, { access_token: `t-${(tokens += 1)}`, expires_in: 7_200 });
        return headers.authorization === `Bearer ${good}` ? json(200, { values: [] }) : json(401, { error: "expired" });
      },
      { credentials: aConsumer },
    );
    await bitbucket.list(aWorkspaceScope, unaborted);
    good = "t-2";
    await bitbucket.list(aWorkspaceScope, unaborted);
    expect(received.map(({ host }) => host)).toEqual([
      "bitbucket.org",
      "api.bitbucket.org",
      "api.bitbucket.org",
      "bitbucket.org",
      "api.bitbucket.org",
    ]);
  });

  test("a token that is never good costs one renewal a request", async () => {
    let tokens = 0;
    const { bitbucket } = adapter(
      ({ host }) =>
        host === "bitbucket.org"
          ? json(200, { access_token: `t-${(tokens += 1)}` })
          : json(401, { error: { message: `no: t-${tokens}` } }),
      { credentials: aConsumer },
    );
    const failure = String(await rejection(bitbucket.list(aWorkspaceScope, unaborted)));
    expect(failure).toContain("OAuthTokenRefused");
    expect(failure).toMatch(/no: \[redacted\]$/);
    expect(tokens).toBe(1);
    await rejection(bitbucket.list(aWorkspaceScope, unaborted));
    expect(tokens).toBe(2);
  });
});
