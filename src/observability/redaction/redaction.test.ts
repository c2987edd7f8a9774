import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { Secret } from "../../support/secret.ts";
import { createRedactor } from "./redaction.ts";

const SECRET = "kV9/p+Qx3'Zt w8&Lm";

describe("a remembered secret", () => {
  const redactor = createRedactor();
  redactor.remember(new Secret(SECRET));

  test.each([
    ["as it is", `got ${SECRET}.`, "got [redacted]."],
    ["within a word", `x${SECRET}y`, "x[redacted]y"],
    ["twice", `${SECRET} ${SECRET}`, "[redacted] [redacted]"],
    ["percent-encoded", `/x/${encodeURIComponent(SECRET)}/y`, "/x/[redacted]/y"],
    ["percent-encoded in full", "kV9%2Fp%2BQx3%27Zt%20w8%26Lm", "[redacted]"],
    ["percent-encoded in lower case", "kV9%2fp%2bQx3%27Zt%20w8%26Lm", "[redacted]"],
    ["percent-encoded twice", encodeURIComponent(encodeURIComponent(SECRET)), "[redacted]"],
    ["percent-encoded here and there", "x%6BV9/p%2BQx3'Zt w8&Lmy", "x[redacted]y"],
    ["as a form's field", "kV9%2Fp%2BQx3%27Zt+w8%26Lm", "[redacted]"],
    ["in base64", Buffer.from(SECRET).toString("base64"), "[redacted]"],
    ["in percent-encoded base64", encodeURIComponent(Buffer.from(SECRET).toString("base64")), "[redacted]"],
    ["in base64url", Buffer.from(SECRET).toString("base64url"), "[redacted]"],
  ])("is masked %s", (_how, text, expected) => {
    expect(redactor.redact(text)).toBe(expected);
  });

  test("is masked with its quotes and backslashes escaped", () => {
    const quoted = createRedactor();
    quoted.remember('a"b\\c');
    expect(quoted.redact(JSON.stringify({ note: 'a"b\\c' }))).toBe('{"note":"[redacted]"}');
  });

  test("hides a longer one that it is a part of", () => {
    const both = createRedactor();
    both.remember("inner-secret");
    both.rememberAlways("the-inner-secret-whole");
    expect(both.redact("a the-inner-secret-whole b")).toBe("a [redacted] b");
  });

  test("is forgotten after 5,000 younger ones, unless it is there to stay", () => {
    const full = createRedactor();
    full.rememberAlways("the process's own");
    full.remember("short-lived 0");
    for (let i = 1; i < 5_000; i += 1) full.remember(`short-lived ${i}`);
    full.remember("short-lived 0");
    full.remember("one more");
    expect(full.redact("the process's own, short-lived 0")).toBe("[redacted], [redacted]");
    expect(full.redact("|short-lived 1|")).toBe("|short-lived 1|");
  });

  test("does not show behind a stray percent sign, which makes other codes of its own", () => {
    const fresh = createRedactor();
    fresh.remember("00 A00   ");
    expect(fresh.redact(`%${encodeURIComponent("00 A00   ")}`)).toBe("%[redacted]");
  });

  test("shorter than four characters is no secret", () => {
    const short = createRedactor();
    short.remember("abc");
    expect(short.redact("abcdef")).toBe("abcdef");
  });

  const anySecret = fc
    .string({ unit: "grapheme-ascii", minLength: 8, maxLength: 60 })
    .filter((text) => /\w{3}/.test(text));

  test.each([encodeURIComponent, (text: string) => new URLSearchParams({ x: text }).toString().slice(2)])(
    "whose first characters look like the end of a percent code does not show behind its beginning",
    (encode) => {
      const fresh = createRedactor();
      fresh.remember("00ab/c d'e+f");
      for (const before of ["%", "%0", "50%25"])
        expect(fresh.redact(before + encode("00ab/c d'e+f"))).toBe(`${before}[redacted]`);
    },
  );

  test("that is no well-formed text is remembered all the same", () => {
    const fresh = createRedactor();
    fresh.remember("half \ud800 a pair");
    expect(fresh.redact("<half \ud800 a pair>")).toBe("<[redacted]>");
  });

  property.prop([anySecret, fc.string(), fc.string()])(
    "never shows, whatever is around it",
    (secret, before, after) => {
      const fresh = createRedactor();
      fresh.remember(secret);
      for (const spell of [String, encodeURIComponent, (text: string) => JSON.stringify(text).slice(1, -1)]) {
        expect(fresh.redact(`${before}${spell(secret)}${after}`)).not.toContain(spell(secret));
      }
    },
  );

  property.prop([fc.string({ minLength: 12, maxLength: 60 }), fc.string(), fc.string()])(
    "never shows within a longer base64 text",
    (secret, before, after) => {
      const fresh = createRedactor();
      fresh.remember(secret);
      const shown = fresh.redact(Buffer.from(`${before}${secret}${after}`).toString("base64"));
      const longestRest = Math.max(...shown.split("[redacted]").map((part) => Buffer.from(part, "base64").length));
      expect(longestRest).toBeLessThanOrEqual(Math.max(Buffer.byteLength(before), Buffer.byteLength(after)) + 3);
      expect(shown).toContain("[redacted]");
    },
  );
});

describe("what has a secret's shape", () => {
  const redactor = createRedactor();

  test.each([
    ["Authorization: Basic aWQ6c2VjcmV0", "Authorization: [redacted]"],
    ['{"authorization":"Bearer abc.def"}', '{"authorization":"[redacted]"}'],
    ['{\\"authorization\\":\\"Bearer abc\\"}', '{\\"authorization\\":\\"[redacted]\\"}'],
    ["sent Bearer xyz123456789", "sent Bearer [redacted]"],
    ["sent Basic aWQ6c2VjcmV0 along", "sent Basic [redacted] along"],
    ["grant_type=x&client_secret=abc&y=1", "grant_type=x&client_secret=[redacted]&y=1"],
    ["BITBUCKET_OAUTH_CLIENT_SECRET=abc def", "BITBUCKET_OAUTH_CLIENT_SECRET=[redacted] def"],
    ["oauth_client_secret_base64=YWJj", "oauth_client_secret_base64=[redacted]"],
    ['{"oauth_client_secret": "abc"}', '{"oauth_client_secret": "[redacted]"}'],
    ["{ clientSecret: 'a b' }", "{ clientSecret: '[redacted]' }"],
    ["access_token: 0123456789abcdefgh", "access_token: [redacted]"],
    ['"oauth_client":{"id":"a","secret":"b","audience":"c"}}', '"oauth_client":[redacted]}'],
    ["proxy http://user:pass@proxy:3128/", "proxy http://[redacted]@proxy:3128/"],
    ["jwt eyJhbGciOi.eyJzdWIiOi.c2ln end", "jwt [redacted] end"],
    ["ATATT3xFfGF0abcdefghijklmnop=1234ABCD", "[redacted]"],
    ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- x", "[redacted] x"],
  ])("%s", (text, expected) => {
    expect(redactor.redact(text)).toBe(expected);
  });

  test.each([
    "Runner created on Bitbucket workspace",
    "BITBUCKET_OAUTH_CLIENT_SECRET: still base64-encoded; give the text itself.",
    "Bitbucket does not take basic authentication with an app password",
    "The runner's Secret exists already secret=runner-oauth-credentials-6d1f6a3e-8c5b-4d0a-9b7f-0a1b2c3d4e5f",
    "GET https://api.bitbucket.org/2.0/workspaces/%7Babc%7D/pipelines-config/runners?pagelen=100",
    "Create the API token with the scopes read:runner:bitbucket and write:runner:bitbucket.",
  ])("ordinary text stays: %s", (text) => {
    expect(redactor.redact(text)).toBe(text);
  });
});

test("ten thousand secrets cost a line less than 50 µs of processor time", () => {
  const redactor = createRedactor();
  const secretOf = (i: number) =>
    Buffer.from(`secret number ${i * 7919}`)
      .toString("base64url")
      .padEnd(43, "xyz");
  for (let i = 0; i < 5_000; i += 1) redactor.remember(secretOf(i));
  for (let i = 5_000; i < 10_000; i += 1) redactor.rememberAlways(secretOf(i));
  const line = `INFO: Decided desired=3 reason=busy-above-threshold starting=0 idle=1 busy=2 total=3 unknown=0 draining=0 live=3 min=1 max=10 url=https://api.bitbucket.org/2.0/workspaces/x/pipelines-config/runners [Runner group 1]`;
  const lines = 2_000;
  const run = () => {
    for (let i = 0; i < lines; i += 1) redactor.redact(line + i);
  };
  run();
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / lines).toBeLessThan(50);
});
