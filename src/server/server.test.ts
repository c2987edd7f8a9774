import { expect, test } from "vitest";
import { aConfigurationRead, aFailure, aPassDone, aRequestEnded } from "../../test/support/events.ts";
import { aGroupReport } from "../../test/support/reports.ts";
import { aServer } from "../../test/support/served-state.ts";

test("/healthz says that the process is alive", async () => {
  const { app } = aServer();
  const reply = await app.request("/healthz");
  expect([reply.status, await reply.json()]).toEqual([200, { status: "ok" }]);
});

test("/readyz says what is missing, then that nothing is", async () => {
  const { app, emit } = aServer();
  const unready = await app.request("/readyz");
  expect(unready.status).toBe(503);
  expect(await unready.json()).toEqual({
    status: "unavailable",
    reasons: [
      "No valid configuration yet: see the log, or run the command validate.",
      "The first pass is not done yet.",
      "Bitbucket has not accepted the credentials yet.",
    ],
  });
  emit(aConfigurationRead());
  emit(aRequestEnded());
  emit(aPassDone());
  expect((await app.request("/readyz")).status).toBe(200);
});

test("/metrics is Prometheus' text format", async () => {
  const { app, emit } = aServer();
  emit(aPassDone({ group: "g" }));
  const reply = await app.request("/metrics");
  expect(reply.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await reply.text()).toContain('runners_autoscaler_group_runners{group="g",phase="idle"} 1\n');
});

test("/api/v1/state tells groups, runners, decisions and troubles", async () => {
  const { app, emit } = aServer(() => ({ capacity: 850, left: 640, pausedUntil: 0 }));
  emit(aConfigurationRead("no"));
  emit(aPassDone({ created: 1 }));
  emit(aFailure({ scope: "woodpeckernew", group: "Runner group 1" }, "no", "do"));
  const state: unknown = await (await app.request("/api/v1/state")).json();
  expect(state).toMatchObject({
    now: "2026-01-01T00:01:00.000Z",
    process: { name: "controller", version: "1.2.3", startedAt: "2026-01-01T00:00:00.000Z" },
    health: { live: true, ready: false },
    configuration: { good: false, problems: ["runners_config.yaml:3:1: no"], goodAt: null },
    budget: { capacity: 850, left: 640, pausedUntil: null },
    groups: [
      {
        name: "Runner group 1",
        scope: "woodpeckernew",
        desired: 1,
        reason: "within-thresholds",
        numbers: { min: 1, max: 10, demand: null, busyRatio: 0 },
        phases: { idle: 1, busy: 0 },
        runners: [{ phase: "idle", pod: null, createdAt: "2025-12-31T23:59:00.000Z" }],
        decisions: [{ passes: 1, did: { created: 1, drained: 0 } }],
      },
    ],
    troubles: [{ where: "Runner group 1", message: "no", remedy: "do", times: 1 }],
  });
});

test("a pause of the budget shows until it is over", async () => {
  const { app } = aServer(() => ({ capacity: 1, left: 0, pausedUntil: aGroupReport().at + 90_000 }));
  const state: unknown = await (await app.request("/api/v1/state")).json();
  expect(state).toMatchObject({ budget: { pausedUntil: "2026-01-01T00:01:30.000Z" } });
});

test("/ lists what there is, for eyes and for browsers", async () => {
  const { app } = aServer();
  const text = await app.request("/");
  expect(text.headers.get("content-type")).toContain("text/plain");
  expect(await text.text()).toMatch(/^runners-autoscaler controller 1\.2\.3\n(.|\n)*\/api\/v1\/state +groups/);
  const html = await app.request("/", { headers: { accept: "text/html,*/*;q=0.8" } });
  expect(html.headers.get("content-type")).toContain("text/html");
  expect(await html.text()).toContain('<a href="/metrics">/metrics</a>');
});

test("elsewhere there is nothing, said in JSON", async () => {
  const reply = await aServer().app.request("/api/v2/<b>");
  expect(reply.status).toBe(404);
  expect(reply.headers.get("content-type")).toContain("application/json");
  expect(await reply.json()).toMatchObject({ error: "not found" });
});

test.each(["POST", "PUT", "DELETE", "PATCH"])("%s changes nothing and is told so", async (method) => {
  const reply = await aServer().app.request("/api/v1/state", { method });
  expect(reply.status).toBe(405);
  expect(reply.headers.get("allow")).toBe("GET, HEAD");
  expect(await reply.json()).toMatchObject({ error: "method not allowed" });
});

test("HEAD is answered as GET, without the body", async () => {
  const reply = await aServer().app.request("/metrics", { method: "HEAD" });
  expect([reply.status, await reply.text()]).toEqual([200, ""]);
});

test.each(["/", "/healthz", "/metrics", "/api/v1/state", "/nothing"])("%s is never stored or sniffed", async (path) => {
  const { headers } = await aServer().app.request(path);
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
});

test("a fault of our own is logged with its cause; the caller learns where to look, and no more", async () => {
  const { app, lines } = aServer(() => {
    throw new Error("broken inside");
  });
  const reply = await app.request("/api/v1/state");
  expect(reply.status).toBe(500);
  expect(await reply.text()).not.toContain("broken");
  expect(lines.join("")).toContain('ERROR: Request to this process failed path=/api/v1/state error="broken inside"');
});
