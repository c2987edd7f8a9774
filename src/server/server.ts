import { type Context, Hono } from "hono";
import type { Registry } from "prom-client";
import type { Verdict } from "../observability/health.ts";
import type { Redactor } from "../observability/redaction/redaction.ts";
import type { Log } from "../support/log.ts";
import { type StateSources, stateDocument } from "./api/state.ts";
import { ENDPOINTS, indexHtml, indexText } from "./index-page.ts";

export interface ServerOptions extends StateSources {
  /** Where the metrics are. */
  readonly registry: Registry;
  /** Every reply passes it. */
  readonly redactor: Redactor;
  readonly log: Log;
}

/** Probes, metrics and the JSON API of one process. Reads only: nothing here changes anything. */
export function createServer(options: ServerOptions): Hono {
  const { registry, redactor, health, process } = options;
  const app = new Hono();
  const title = `runners-autoscaler ${process.name} ${process.version}`;
  const json = (c: Context, body: unknown, status: 200 | 404 | 405 | 500 | 503 = 200) =>
    c.body(JSON.stringify(body, redacting), status, {
      "content-type": "application/json; charset=utf-8",
    });
  const redacting = (_name: string, value: unknown) => (typeof value === "string" ? redactor.redact(value) : value);
  const probe = (ask: () => Verdict) => (c: Context) => {
    const { ok, reasons } = ask();
    return ok ? json(c, { status: "ok" }) : json(c, { status: "unavailable", reasons }, 503);
  };

  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
    c.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  });
  app.get(
    "/healthz",
    probe(() => health.live()),
  );
  app.get(
    "/readyz",
    probe(() => health.ready()),
  );
  app.get("/metrics", async (c) => {
    const text = redactor.redact(await registry.metrics());
    return c.body(text, 200, { "content-type": registry.contentType });
  });
  app.get("/api/v1/state", (c) => json(c, stateDocument(options)));
  app.get("/api/v1/version", (c) => json(c, { process: process.name, version: process.version }));
  app.get("/", (c) =>
    c.req.header("accept")?.includes("text/html") === true ? c.html(indexHtml(title)) : c.text(indexText(title)),
  );

  for (const path of ["/", ...ENDPOINTS.map(([each]) => each)]) {
    app.all(path, (c) => {
      c.header("allow", "GET, HEAD");
      return json(c, { error: "method not allowed", message: `${path} answers GET and HEAD.` }, 405);
    });
  }
  app.notFound((c) =>
    json(c, { error: "not found", message: `There is nothing at ${c.req.path}; / lists what there is.` }, 404),
  );
  app.onError((error, c) => {
    options.log.error("Request to this process failed", { path: c.req.path, error });
    return json(c, { error: "internal error", message: "This request failed; the process's log says why." }, 500);
  });
  return app;
}
