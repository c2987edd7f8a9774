import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { diagnosticLine } from "../diagnostics/render.ts";
import type { ReadFile } from "../support/read-file.ts";
import { type CredentialProblem, mentionsCredentials, readCredentials } from "./read-credentials.ts";

const ID = "aB3dE6gH9jK2mN5pQ8";
const SECRET = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL";
const TOKEN = `ATATT3xFfGF0${"aB3-dE6_gH9".repeat(14)}=1A2B3C4D`;
const ACCESS = `ATCTT3xFfGN0${"aB3-dE6_gH9".repeat(14)}=1A2B3C4D`;
const OAUTH = { BITBUCKET_OAUTH_CLIENT_ID: ID, BITBUCKET_OAUTH_CLIENT_SECRET: SECRET };
const API = { ATLASSIAN_ACCOUNT_EMAIL: "bot@acme.dev", ATLASSIAN_API_TOKEN: TOKEN };

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Files by path; anything else is missing. */
function files(contents: Readonly<Record<string, string>>): ReadFile {
  return (path) => {
    const content = contents[path];
    if (content === undefined) return Promise.reject(Object.assign(new Error(path), { code: "ENOENT" }));
    return Promise.resolve(new TextEncoder().encode(content));
  };
}

const read = (env: Readonly<Record<string, string | undefined>>, contents = {}) =>
  readCredentials(env, files(contents));

/** `error empty BITBUCKET_OAUTH_CLIENT_ID` */
const brief = (problems: readonly CredentialProblem[]) =>
  problems.map(({ severity, code, variable }) => `${severity} ${code} ${variable}`.trim());

describe("readCredentials, complete ones", () => {
  test("an OAuth consumer", async () => {
    const { credentials, problems } = await read(OAUTH);
    expect(problems).toEqual([]);
    expect(credentials).toMatchObject({ kind: "oauth-consumer", clientId: ID });
    expect(credentials?.kind === "oauth-consumer" && credentials.clientSecret.reveal()).toBe(SECRET);
  });

  test("an API token", async () => {
    const { credentials, problems } = await read(API);
    expect(problems).toEqual([]);
    expect(credentials).toMatchObject({ kind: "api-token", email: "bot@acme.dev" });
    expect(credentials?.kind === "api-token" && credentials.token.reveal()).toBe(TOKEN);
  });

  test("an access token", async () => {
    const { credentials, problems } = await read({ BITBUCKET_ACCESS_TOKEN: ACCESS });
    expect(problems).toEqual([]);
    expect(credentials?.kind === "access-token" && credentials.token.reveal()).toBe(ACCESS);
  });

  test("files stand in for values, and their last line's end does not count", async () => {
    const { credentials, problems } = await read(
      { BITBUCKET_OAUTH_CLIENT_ID: ID, BITBUCKET_OAUTH_CLIENT_SECRET_FILE: "/s" },
      { "/s": `${SECRET}\n` },
    );
    expect(problems).toEqual([]);
    expect(credentials?.kind === "oauth-consumer" && credentials.clientSecret.reveal()).toBe(SECRET);
  });

  test("variables that are empty beside complete ones do not matter", async () => {
    const env = { ...OAUTH, ATLASSIAN_ACCOUNT_EMAIL: "", ATLASSIAN_API_TOKEN: "", BITBUCKET_APP_PASSWORD: "" };
    expect(await read(env)).toMatchObject({ credentials: { kind: "oauth-consumer" }, problems: [] });
  });
});

describe("readCredentials, incomplete or too many", () => {
  test.each<[what: string, env: Readonly<Record<string, string>>, problems: string[]]>([
    ["none", {}, ["error none"]],
    ["half of a pair", { BITBUCKET_OAUTH_CLIENT_ID: ID }, ["error incomplete BITBUCKET_OAUTH_CLIENT_SECRET"]],
    ["the other half", { ATLASSIAN_API_TOKEN: TOKEN }, ["error incomplete ATLASSIAN_ACCOUNT_EMAIL"]],
    ["an empty half", { ...OAUTH, BITBUCKET_OAUTH_CLIENT_SECRET: "" }, ["error empty BITBUCKET_OAUTH_CLIENT_SECRET"]],
    [
      "a half of spaces",
      { ...OAUTH, BITBUCKET_OAUTH_CLIENT_SECRET: " \n" },
      ["error empty BITBUCKET_OAUTH_CLIENT_SECRET"],
    ],
    [
      "two empty halves",
      { BITBUCKET_OAUTH_CLIENT_ID: "", BITBUCKET_OAUTH_CLIENT_SECRET: "" },
      ["error empty BITBUCKET_OAUTH_CLIENT_ID", "error empty BITBUCKET_OAUTH_CLIENT_SECRET"],
    ],
    ["an empty file", { BITBUCKET_ACCESS_TOKEN_FILE: "/empty" }, ["error empty BITBUCKET_ACCESS_TOKEN_FILE"]],
    ["a missing file", { BITBUCKET_ACCESS_TOKEN_FILE: "/none" }, ["error file-unreadable BITBUCKET_ACCESS_TOKEN_FILE"]],
    [
      "a value and a file",
      { BITBUCKET_ACCESS_TOKEN: ACCESS, BITBUCKET_ACCESS_TOKEN_FILE: "/empty" },
      ["error set-twice BITBUCKET_ACCESS_TOKEN, BITBUCKET_ACCESS_TOKEN_FILE"],
    ],
    [
      "two ways",
      { ...OAUTH, BITBUCKET_ACCESS_TOKEN: ACCESS },
      ["error ambiguous BITBUCKET_OAUTH_CLIENT_ID, BITBUCKET_OAUTH_CLIENT_SECRET, BITBUCKET_ACCESS_TOKEN"],
    ],
    [
      "an app password",
      { BITBUCKET_USERNAME: "bot", BITBUCKET_APP_PASSWORD: "ATBBxyz" },
      ["error app-password BITBUCKET_USERNAME, BITBUCKET_APP_PASSWORD"],
    ],
  ])("%s", async (_, env, expected) => {
    const { credentials, problems } = await read(env, { "/empty": "\n" });
    expect(brief(problems)).toEqual(expected);
    expect(credentials).toBeUndefined();
  });

  test("an app password's end and what replaces it are said", async () => {
    const { problems } = await read({ BITBUCKET_USERNAME: "bot", BITBUCKET_APP_PASSWORD: "ATBBxyz" });
    expect(problems.map(diagnosticLine)).toEqual([
      "BITBUCKET_USERNAME, BITBUCKET_APP_PASSWORD are for app passwords, which stopped working on 2026-07-28. Create an API token (ATLASSIAN_ACCOUNT_EMAIL and ATLASSIAN_API_TOKEN) or an OAuth consumer (BITBUCKET_OAUTH_CLIENT_ID and BITBUCKET_OAUTH_CLIENT_SECRET).",
    ]);
  });

  test.each<[env: Readonly<Record<string, string>>, problem: string]>([
    [{ ...OAUTH, BITBUCKET_APP_PASSWORD: "ATBBxyz" }, "warning app-password BITBUCKET_APP_PASSWORD"],
    [{ ...OAUTH, ATLASSIAN_API_TOKEN: TOKEN }, "warning incomplete ATLASSIAN_API_TOKEN"],
  ])("what is left over beside a complete way is ignored, and said: %#", async (env, problem) => {
    const { credentials, problems } = await read(env);
    expect(brief(problems)).toEqual([problem]);
    expect(credentials?.kind).toBe("oauth-consumer");
  });
});

describe("readCredentials, values that cannot be right", () => {
  test.each<[what: string, env: Readonly<Record<string, string>>, problem: string]>([
    [
      "a placeholder",
      { ...OAUTH, BITBUCKET_OAUTH_CLIENT_ID: "<client-id>" },
      "error placeholder BITBUCKET_OAUTH_CLIENT_ID",
    ],
    [
      "the seed's placeholder",
      { ...OAUTH, BITBUCKET_OAUTH_CLIENT_SECRET: "<BASE64_CLIENT_SECRET>" },
      "error placeholder BITBUCKET_OAUTH_CLIENT_SECRET",
    ],
    [
      "an encoded placeholder",
      { ...OAUTH, BITBUCKET_OAUTH_CLIENT_ID: base64("<client-id>") },
      "error placeholder BITBUCKET_OAUTH_CLIENT_ID",
    ],
    [
      "an e-mail's placeholder",
      { ...API, ATLASSIAN_ACCOUNT_EMAIL: "<your-email>" },
      "error placeholder ATLASSIAN_ACCOUNT_EMAIL",
    ],
    [
      "a variable that was not expanded",
      { BITBUCKET_ACCESS_TOKEN: "${TOKEN}" },
      "error placeholder BITBUCKET_ACCESS_TOKEN",
    ],
    ["an encoded id", { ...OAUTH, BITBUCKET_OAUTH_CLIENT_ID: base64(ID) }, "error base64 BITBUCKET_OAUTH_CLIENT_ID"],
    [
      "an encoded id with echo's line end",
      { ...OAUTH, BITBUCKET_OAUTH_CLIENT_ID: base64(`${ID}\n`) },
      "error base64 BITBUCKET_OAUTH_CLIENT_ID",
    ],
    [
      "an encoded secret",
      { ...OAUTH, BITBUCKET_OAUTH_CLIENT_SECRET: base64(SECRET) },
      "error base64 BITBUCKET_OAUTH_CLIENT_SECRET",
    ],
    ["an encoded token", { ...API, ATLASSIAN_API_TOKEN: base64(TOKEN) }, "error base64 ATLASSIAN_API_TOKEN"],
    [
      "an encoded token on several lines",
      { ...API, ATLASSIAN_API_TOKEN: base64(TOKEN).replaceAll(/.{76}/g, "$&\n") },
      "error base64 ATLASSIAN_API_TOKEN",
    ],
    [
      "an encoded e-mail",
      { ...API, ATLASSIAN_ACCOUNT_EMAIL: base64("bot@acme.dev") },
      "error base64 ATLASSIAN_ACCOUNT_EMAIL",
    ],
    ["a user name", { ...API, ATLASSIAN_ACCOUNT_EMAIL: "bot" }, "error not-an-email ATLASSIAN_ACCOUNT_EMAIL"],
    [
      "a name with its address",
      { ...API, ATLASSIAN_ACCOUNT_EMAIL: "Bot <bot@acme.dev>" },
      "error inner-space ATLASSIAN_ACCOUNT_EMAIL",
    ],
    ["a line's end inside", { BITBUCKET_ACCESS_TOKEN: "ATCTTabc\ndef" }, "error inner-space BITBUCKET_ACCESS_TOKEN"],
  ])("%s", async (_, env, problem) => {
    const { credentials, problems } = await read(env);
    expect(brief(problems)).toEqual([problem]);
    expect(credentials).toBeUndefined();
  });

  test.each<[what: string, env: Readonly<Record<string, string>>, problem: string]>([
    [
      "a last line's end",
      { ...OAUTH, BITBUCKET_OAUTH_CLIENT_ID: `${ID}\n` },
      "warning surrounding-space BITBUCKET_OAUTH_CLIENT_ID",
    ],
    [
      "spaces",
      { ...OAUTH, BITBUCKET_OAUTH_CLIENT_ID: ` ${ID}` },
      "warning surrounding-space BITBUCKET_OAUTH_CLIENT_ID",
    ],
    [
      "readable base64 of another shape",
      { ...OAUTH, BITBUCKET_OAUTH_CLIENT_SECRET: base64("correct-horse-battery") },
      "warning base64 BITBUCKET_OAUTH_CLIENT_SECRET",
    ],
    ["an access token as API token", { ...API, ATLASSIAN_API_TOKEN: ACCESS }, "warning other-kind ATLASSIAN_API_TOKEN"],
    ["an API token as access token", { BITBUCKET_ACCESS_TOKEN: TOKEN }, "warning other-kind BITBUCKET_ACCESS_TOKEN"],
    [
      "an app password as API token",
      { ...API, ATLASSIAN_API_TOKEN: "ATBBaB3dE6gH9jK2mN5pQ8sT1vW" },
      "warning other-kind ATLASSIAN_API_TOKEN",
    ],
  ])("%s is warned of, and used", async (_, env, problem) => {
    const { credentials, problems } = await read(env);
    expect(brief(problems)).toEqual([problem]);
    expect(credentials).toBeDefined();
  });

  test("what surrounds a value is left out of it", async () => {
    const { credentials } = await read({ ...OAUTH, BITBUCKET_OAUTH_CLIENT_ID: ` ${ID}\r\n` });
    expect(credentials).toMatchObject({ clientId: ID });
  });
});

describe("real values", () => {
  const letters = (length: number) => fc.stringMatching(new RegExp(`^[A-Za-z0-9]{${length}}$`));

  property.prop([letters(18), letters(32)], { numRuns: 500 })(
    "of a consumer are not taken for base64",
    async (id, secret) => {
      const { problems } = await read({ BITBUCKET_OAUTH_CLIENT_ID: id, BITBUCKET_OAUTH_CLIENT_SECRET: secret });
      expect(problems).toEqual([]);
    },
  );

  property.prop([fc.stringMatching(/^ATATT3xFfGF0[A-Za-z0-9_-]{40,180}=[0-9A-F]{8}$/)], { numRuns: 200 })(
    "of tokens neither",
    async (token) => {
      expect((await read({ ...API, ATLASSIAN_API_TOKEN: token })).problems).toEqual([]);
    },
  );

  const names = [
    "BITBUCKET_OAUTH_CLIENT_ID",
    "BITBUCKET_OAUTH_CLIENT_SECRET",
    "ATLASSIAN_ACCOUNT_EMAIL",
    "ATLASSIAN_API_TOKEN",
    "BITBUCKET_ACCESS_TOKEN",
    "BITBUCKET_USERNAME",
    "BITBUCKET_APP_PASSWORD",
  ];
  const shapes = [
    (text: string) => text,
    (text: string) => `<${text}>`,
    base64,
    (text: string) => `${text}\n`,
    (text: string) => ` ${text} x`,
  ];
  property.prop(
    [
      fc.dictionary(
        fc.constantFrom(...names, ...names.map((name) => `${name}_FILE`)),
        fc.tuple(letters(20), fc.constantFrom(...shapes)),
      ),
    ],
    { numRuns: 300 },
  )("of whatever kind and shape never show in a problem", async (drawn) => {
    const env = Object.fromEntries(Object.entries(drawn).map(([name, [text, shape]]) => [name, shape(text)]));
    const { credentials, problems } = await read(env);
    const said = JSON.stringify(problems) + problems.map(diagnosticLine).join("\n");
    for (const value of Object.values(env)) {
      expect(said).not.toContain(value.trim());
    }
    expect(credentials === undefined).toBe(problems.some(({ severity }) => severity === "error"));
    expect(mentionsCredentials(env)).toBe(Object.keys(env).length > 0);
  });
});
