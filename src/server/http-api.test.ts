import { readFileSync } from "node:fs";
import { fc, test as property } from "@fast-check/vitest";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { aConfigurationRead, aFailure, aPassDone, aRequestEnded } from "../../test/support/events.ts";
import { anyCleanReport, anyGroupReport } from "../../test/support/reports.ts";
import { aServer } from "../../test/support/served-state.ts";
import { LIMITS, REASONS } from "../domain/decision.ts";
import { PHASES } from "../domain/runner.ts";

/** What of the OpenAPI document these tests use. */
interface Description {
  readonly paths: Record<string, { readonly get: { readonly responses: Record<string, Reply> } }>;
  readonly components: {
    readonly schemas: Record<string, { enum?: string[]; required?: string[]; items?: { enum: string[] } }>;
  };
}
interface Reply {
  readonly content: Record<string, unknown>;
}

const description = parse(
  readFileSync(new URL("../../docs/reference/http-api.yaml", import.meta.url), "utf8"),
) as Description;
const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { "date-time": isTime } });
ajv.addSchema(description, "http-api.yaml");

function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text;
}

/** Fails unless a body is as the document says. */
function expectAsDescribed(body: unknown, pointer: string): void {
  const validate = ajv.compile({ $ref: `http-api.yaml#${pointer}` });
  validate(body);
  expect(validate.errors ?? []).toEqual([]);
}

function pointerTo(path: string, status: number, type: string): string {
  const escape = (part: string) => part.replaceAll("~", "~0").replaceAll("/", "~1");
  return `/paths/${escape(path)}/get/responses/${status}/content/${escape(type)}/schema`;
}

test("the document has every path of the server and no other", () => {
  const served = aServer().app.routes.filter(({ method }) => method === "GET");
  expect(Object.keys(description.paths).sort()).toEqual([...new Set(served.map(({ path }) => path))].sort());
});

describe.each(Object.keys(description.paths))("%s", (path) => {
  test.each(["*/*", "text/html"])("answers %s as the document says", async (accept) => {
    const { app } = aServer();
    const reply = await app.request(path, { headers: { accept } });
    const type = reply.headers.get("content-type")?.split(";")[0] ?? "";
    const described = description.paths[path]?.get.responses[String(reply.status)]?.content ?? {};
    expect(Object.keys(described)).toContain(type);
    if (type === "application/json") expectAsDescribed(await reply.json(), pointerTo(path, reply.status, type));
  });
});

test("a ready process answers /readyz as the document says", async () => {
  const { app, emit } = aServer();
  for (const event of [aConfigurationRead(), aPassDone(), aRequestEnded()]) emit(event);
  const reply = await app.request("/readyz");
  expectAsDescribed(await reply.json(), pointerTo("/readyz", 200, "application/json"));
});

property.prop([
  fc.array(anyGroupReport(), { maxLength: 4 }),
  fc.array(anyCleanReport(), { maxLength: 4 }),
  fc.boolean(),
  fc.option(fc.record({ capacity: fc.nat(), left: fc.nat(), pausedUntil: fc.nat(4e12) }), { nil: undefined }),
  fc.option(fc.string(), { nil: undefined }),
])("every state is as the document says", async (reports, cleanings, good, budget, remedy) => {
  const { app, emit } = aServer(() => budget);
  emit(good ? aConfigurationRead() : aConfigurationRead("no"));
  for (const cleaning of cleanings) emit({ type: "clean-up-done", report: cleaning });
  for (const report of reports) {
    emit({ type: "group-pass-done", report });
    emit(aFailure({ scope: report.scope, group: report.group }, "no", remedy));
  }
  const state: unknown = await (await app.request("/api/v1/state")).json();
  expectAsDescribed(state, pointerTo("/api/v1/state", 200, "application/json"));
});

test.each([
  ["/nothing", "GET", 404],
  ["/metrics", "POST", 405],
])("%s %s: an error is as the document says", async (path, method, status) => {
  const reply = await aServer().app.request(path, { method });
  expect(reply.status).toBe(status);
  expectAsDescribed(await reply.json(), "/components/schemas/Error");
});

test("the document's words are the program's", () => {
  const { Reason, Limits, Group } = description.components.schemas;
  expect(Reason?.enum).toEqual([...REASONS]);
  expect(Limits?.items?.enum).toEqual([...LIMITS]);
  expect((Group as { properties?: { phases?: { required?: string[] } } }).properties?.phases?.required).toEqual([
    ...PHASES,
  ]);
});
