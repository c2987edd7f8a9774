import { describe, expect, test } from "vitest";
import { aConfigurationRead, aFailure, aPassDone, aRequestEnded, EVERY_EVENT } from "../../test/support/events.ts";
import { aRunnerView } from "../../test/support/reports.ts";
import { aServer } from "../../test/support/served-state.ts";
import { BitbucketError } from "../bitbucket/errors.ts";
import { eventLog } from "../observability/log/event-log.ts";
import { LOG_LEVELS } from "../observability/log/log-level.ts";
import { createLog } from "../observability/log/logger.ts";
import { createRedactor } from "../observability/redaction/redaction.ts";
import { Secret } from "../support/secret.ts";

/** One of each kind that the process holds; each with characters that encodings change. */
const PLANTED = {
  clientSecret: "cLs/7+Zq'consumer secret=",
  apiToken: "tok~EN/of+an*account==",
  accessToken: "acc_token-9Q/8w+7E",
  runnerSecret: "rUnner/oauth+Secret_0",
};
const secrets = Object.values(PLANTED);

/** Every way in which a secret could be spelled in a text, found without the redactor's own code. */
function traces(secret: string, output: string): string[] {
  const bytes = Buffer.from(secret);
  const shapes = [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ x: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    // As it stands within id:secret, whatever its position: the middle, which depends on the secret alone.
    ...["", "x", "xx"].map((before) =>
      Buffer.from(before + secret)
        .toString("base64")
        .slice(4, -4),
    ),
  ];
  return shapes.filter((shape) => output.includes(shape));
}

/** Everything that could carry a secret by mistake. */
function carriers(secret: string): Record<string, unknown> {
  const basic = Buffer.from(`client-id:${secret}`).toString("base64");
  return {
    plain: secret,
    held: new Secret(secret),
    url: new URL(
      `https://user:${encodeURIComponent(secret)}@bitbucket.org/?access_token=${encodeURIComponent(secret)}`,
    ),
    headers: { authorization: `Basic ${basic}`, Cookie: secret, "x-note": `Bearer ${secret}` },
    body: JSON.stringify({ oauth_client: { id: "id", secret }, note: JSON.stringify({ secret }) }),
    form: new URLSearchParams({ client_secret: secret }).toString(),
    data: { oauthClientSecretBase64: Buffer.from(secret).toString("base64") },
    encoded: [Buffer.from(secret).toString("base64"), Buffer.from(secret).toString("base64url"), basic],
    [secret]: "as a name",
    error: new BitbucketError(`failed with ${secret}`, `try ${secret}`, {
      cause: new Error("outer", { cause: new AggregateError([new Error(secret)], "inner", { cause: { secret } }) }),
    }),
    facts: Object.assign(new Error("with facts"), { body: secret, password: secret }),
    deep: { a: [{ b: new Map([["c", secret]]) }, new Set([secret])] },
  };
}

/** Words of closed lists, which choose the line. */
const CHOOSES = new Set(["type", "kind", "operation", "severity", "process", "plane", "why", "cause", "step", "busy"]);

/** The event with the secret in each of its texts, and in its error. */
function planted<T>(fact: T, secret: string): T {
  if (fact instanceof Error) return new BitbucketError(`failed with ${secret}`, `try ${secret}`) as T;
  if (typeof fact === "string") return `${fact} ${secret}` as T;
  if (Array.isArray(fact)) return fact.map((each: unknown) => planted(each, secret)) as T;
  if (typeof fact !== "object" || fact === null) return fact;
  return Object.fromEntries(
    Object.entries(fact).map(([name, value]: [string, unknown]) => [
      name,
      CHOOSES.has(name) ? value : planted(value, secret),
    ]),
  ) as T;
}

function redactorOfAll(): ReturnType<typeof createRedactor> {
  const redactor = createRedactor();
  redactor.rememberAlways(PLANTED.clientSecret);
  redactor.rememberAlways(new Secret(PLANTED.apiToken));
  redactor.remember(PLANTED.accessToken);
  redactor.remember(new Secret(PLANTED.runnerSecret));
  return redactor;
}

test("the scan itself finds what is planted", () => {
  for (const secret of secrets) {
    for (const text of [secret, encodeURIComponent(secret), Buffer.from(`id:${secret}`).toString("base64")]) {
      expect(traces(secret, `<${text}>`)).not.toEqual([]);
    }
  }
});

describe.each(["text", "json"] as const)("the log in %s format", (format) => {
  test.each(LOG_LEVELS)("holds no secret at %s", (level) => {
    let output = "";
    const log = createLog({
      format,
      level,
      write: (line) => {
        output += line;
      },
      now: () => 0,
      redactor: redactorOfAll(),
    });
    for (const secret of secrets) {
      for (const say of LOG_LEVELS) {
        log[say](`message with ${secret}`, carriers(secret));
        log[say]("Runner created on Bitbucket workspace", { workspace: secret, group: secret, uuid: secret });
        log[say]("Creating a runner failed", { error: secret, group: Buffer.from(secret).toString("base64") });
      }
    }
    expect(output.split("\n").length).toBeGreaterThan(12);
    expect(secrets.flatMap((secret) => traces(secret, output))).toEqual([]);
  });
});

test.each(["text", "json"] as const)(
  "no event's line in %s format holds a secret, whatever its facts carry",
  (format) => {
    let output = "";
    const write = (line: string) => {
      output += line;
    };
    const emit = eventLog(
      createLog({ format, level: "debug", write, now: () => 0, redactor: redactorOfAll() }),
      () => 0,
    );
    for (const secret of secrets) for (const event of EVERY_EVENT) emit(planted(event, secret));
    expect(output.split("\n").length).toBeGreaterThan(secrets.length * 20);
    expect(output.split("[redacted]").length).toBeGreaterThan(secrets.length * 20);
    expect(secrets.flatMap((secret) => traces(secret, output))).toEqual([]);
  },
);

test("no reply of the server holds a secret", async () => {
  const { app, lines, redactor, emit } = aServer();
  let output = "";
  for (const secret of secrets) {
    redactor.remember(secret);
    const base64 = Buffer.from(`client-id:${secret}`).toString("base64");
    const runner = {
      ...aRunnerView("lost"),
      name: `named ${secret}`,
      job: base64,
      status: encodeURIComponent(secret),
    };
    emit(aPassDone({ group: secret, scope: secret, namespace: base64, runners: [runner] }));
    emit(aFailure({ scope: secret }, `POST gave ${secret}`, `client_secret=${secret}`));
    emit(aConfigurationRead(`token: ${secret}`, base64));
    emit(aRequestEnded({ route: `/x/${encodeURIComponent(secret)}` }));
    for (const path of [
      "/",
      "/healthz",
      "/readyz",
      "/metrics",
      "/api/v1/state",
      "/api/v1/version",
      `/${encodeURIComponent(secret)}`,
    ]) {
      output += await (await app.request(path)).text();
    }
  }
  expect(output).toContain("[redacted]");
  expect(secrets.flatMap((secret) => traces(secret, output + lines.join("")))).toEqual([]);
});

test("no reply to a request that fails inside holds a secret, nor does its log line", async () => {
  const { app, lines, redactor } = aServer(() => {
    throw new Error(`broke with ${PLANTED.runnerSecret}`, { cause: new Error(PLANTED.accessToken) });
  });
  for (const secret of secrets) redactor.remember(secret);
  const output = (await (await app.request("/api/v1/state")).text()) + lines.join("");
  expect(output).toContain("broke with [redacted]");
  expect(secrets.flatMap((secret) => traces(secret, output))).toEqual([]);
});
