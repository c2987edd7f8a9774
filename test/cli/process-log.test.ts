import { describe, expect, test } from "vitest";
import { textResponse } from "../../src/http/transport.ts";
import { runCommand } from "../support/run-command.ts";
import { type ServedWorlds, servedWorlds } from "../support/served-worlds.ts";

const FORMATS = ["text", "json"] as const;
const PLANTED = "planted in the reply";

function once(worlds: ServedWorlds, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  return runCommand(["controller", "--once", ...worlds.files, ...args], { env: { ...worlds.env, ...env } });
}

describe("a pass that makes a runner", () => {
  test("says so in the words that users search for, at the beginning of lines", async () => {
    const worlds = await servedWorlds();
    const { code, out, err } = await once(worlds);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [runner] = worlds.bitbucket.glance();
    const lines = out.split("\n");
    expect(lines).toContainEqual(
      expect.stringMatching(/^INFO: Runner created on Bitbucket workspace: woodpeckernew( |$)/),
    );
    const setUp = `✔ Successfully setup runner UUID ${runner?.uuid}`;
    expect(lines.filter((line) => line === setUp || line.startsWith(`${setUp} `))).toHaveLength(1);
    expect(worlds.cluster.list("secrets", "default")).toHaveLength(1);
  });

  test("as JSON, one object a line", async () => {
    const { out } = await once(await servedWorlds(), ["--log-format", "json"]);
    const entries = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const { level, time, msg } of entries) {
      expect(level).toBeOneOf(["info", "warn"]);
      expect(new Date(String(time)).toISOString()).toBe(time);
      expect(msg).toEqual(expect.any(String));
    }
    expect(entries).toContainEqual(
      expect.objectContaining({
        msg: "Successfully setup runner",
        workspace: "woodpeckernew",
        group: "Runner group 1",
      }),
    );
  });

  test.each([
    [{ DEBUG: "true" }, true],
    [{ LOG_LEVEL: "debug" }, true],
    [{ LOG_LEVEL: "DEBUG" }, true],
    [{ DEBUG: "false" }, false],
    [{}, false],
  ])("%j: details are told: %s", async (env, told) => {
    const { out } = await once(await servedWorlds(), [], env);
    expect(/^DEBUG: /m.test(out)).toBe(told);
  });

  test("a level of errors is silent while nothing fails", async () => {
    expect(await once(await servedWorlds(), [], { LOG_LEVEL: "error" })).toEqual({ code: 0, out: "", err: "" });
  });
});

test("with --dry-run it tells what it would do, and does nothing", async () => {
  const worlds = await servedWorlds();
  const { code, out } = await once(worlds, ["--dry-run"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^INFO: Decided desired=1 reason=below-min .*wouldCreate=1 .*\[Runner group 1\]$/m);
  expect(worlds.bitbucket.glance()).toEqual([]);
  expect(worlds.cluster.list("jobs")).toEqual([]);
  expect(worlds.cluster.list("secrets")).toEqual([]);
});

test("cleaner --once has nothing to say of a healthy installation", async () => {
  const worlds = await servedWorlds();
  await once(worlds);
  const { code, out, err } = await runCommand(["cleaner", "--once", ...worlds.files], { env: worlds.env });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).not.toMatch(/^ERROR/m);
  expect(worlds.bitbucket.glance()).toHaveLength(1);
  expect(worlds.cluster.list("jobs")).toHaveLength(1);
});

describe("no secret is in any output", () => {
  const LEVELS = ["debug", "info", "warn", "error"];

  test.each(FORMATS.flatMap((format) => LEVELS.map((level) => [format, level] as const)))(
    "as %s at %s",
    async (format, level) => {
      const worlds = await servedWorlds();
      const { code, out, err } = await once(worlds, ["--log-format", format], { LOG_LEVEL: level });
      expect(code).toBe(0);
      // The consumer's own, two tokens, a runner's.
      expect(worlds.secrets.size).toBeGreaterThanOrEqual(4);
      expectKept(worlds, out + err);
    },
  );

  test.each(FORMATS)("as %s, when Bitbucket sends back what it was sent", async (format) => {
    const worlds = await servedWorlds((send) => async (request) => {
      const reply = await send(request);
      if (request.method !== "POST" || request.url.endsWith("access_token")) return reply;
      const sent = `${JSON.stringify(request.headers)} ${request.body}`;
      const echo = { type: "error", error: { message: `${PLANTED}: ${sent}` } };
      return textResponse(400, { "content-type": "application/json" }, JSON.stringify(echo));
    });
    const { code, out, err } = await once(worlds, ["--log-format", format], { DEBUG: "true" });
    expect(code).toBe(1);
    expect(out).toContain(PLANTED);
    expectKept(worlds, out + err);
  });

  test.each(FORMATS)("as %s, when the token endpoint sends back what it was sent", async (format) => {
    const worlds = await servedWorlds(
      (send) => async (request) =>
        request.url.endsWith("access_token")
          ? textResponse(400, {}, `${PLANTED}: ${JSON.stringify(request.headers)} ${request.body}`)
          : send(request),
    );
    const { code, out, err } = await once(worlds, ["--log-format", format], { DEBUG: "true" });
    expect(code).toBe(1);
    expect(out).toContain(PLANTED);
    expectKept(worlds, out + err);
  });
});

function expectKept({ secrets, env }: ServedWorlds, output: string): void {
  const basic = Buffer.from(`${env.BITBUCKET_OAUTH_CLIENT_ID}:${env.BITBUCKET_OAUTH_CLIENT_SECRET}`).toString("base64");
  for (const secret of [...secrets, basic]) {
    expect(secret.length).toBeGreaterThan(15);
    for (const spelling of [secret, Buffer.from(secret).toString("base64"), encodeURIComponent(secret)])
      expect(output.includes(spelling)).toBe(false);
  }
}
