import { describe, expect, test } from "vitest";
import type { Consumer } from "../../src/simulator/bitbucket/credentials.ts";
import { runCommand } from "../support/run-command.ts";
import { CONSUMER, type ServedWorlds, servedWorlds } from "../support/served-worlds.ts";

const API_TOKEN = {
  email: "somebody@example.com",
  token: "ATATT3xFfGF0aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL",
  scopes: ["read:repository:bitbucket", "read:workspace:bitbucket", "read:runner:bitbucket", "write:runner:bitbucket"],
  admin: true,
};

/** What a user got wrong, as the guide lists it; changes the world accordingly and gives the environment that differs. */
type Mistake = (worlds: ServedWorlds) => Readonly<Record<string, string>>;

const consumer =
  (change: Partial<Consumer>): Mistake =>
  ({ bitbucket }) => {
    bitbucket.credentials.addConsumer({ ...CONSUMER, ...change });
    return {};
  };

const apiToken =
  (change: Partial<typeof API_TOKEN>): Mistake =>
  ({ bitbucket }) => {
    bitbucket.credentials.addApiToken({ ...API_TOKEN, ...change });
    return {
      BITBUCKET_OAUTH_CLIENT_ID: "",
      BITBUCKET_OAUTH_CLIENT_SECRET: "",
      ATLASSIAN_ACCOUNT_EMAIL: API_TOKEN.email,
      ATLASSIAN_API_TOKEN: API_TOKEN.token,
    };
  };

const MISTAKES: Readonly<Record<string, readonly [mistake: Mistake, cause: string, remedy: string]>> = {
  "a public consumer": [
    consumer({ privacy: "public" }),
    "The OAuth consumer is public, so Bitbucket gives it no token (invalid_grant)",
    'tick "This is a private consumer"',
  ],
  "no callback URL": [
    ({ bitbucket }) => {
      const { callbackUrl: _, ...without } = CONSUMER;
      bitbucket.credentials.addConsumer(without);
      return {};
    },
    "The OAuth consumer has no callback URL",
    "set the callback URL to https://bitbucket.org/site/oauth2/callback",
  ],
  "a wrong client secret": [
    consumer({ secret: "anotherAB3dE6gH9jK2mN5pQ8sT1vW4y" }),
    "Bitbucket does not accept the OAuth client id and secret",
    "encode them again with `echo -n VALUE | base64`",
  ],
  "a consumer of somebody who is no administrator": [
    consumer({ admin: false }),
    "The credential's owner may not manage the runners of",
    "Use a credential of an administrator",
  ],
  "a consumer that may only read runners": [
    consumer({ scopes: ["account", "repository", "pipeline:write", "runner"] }),
    "The credential lacks the scope runner:write, which POST",
    "Add it to the OAuth consumer (account read, repository read, pipeline write, runner write)",
  ],
  "an unknown workspace": [
    consumer({ workspaces: ["another"] }),
    "Bitbucket knows no workspace {6321d246-a40a-4776-8497-372a41771e65}",
    "Check the group's `workspace` (its slug, or its uuid in braces)",
  ],
  "an API token of somebody who is no administrator": [
    apiToken({ admin: false }),
    "The credential's owner may not manage the runners of",
    "Use a credential of an administrator",
  ],
  "an API token that lacks a scope": [
    apiToken({ scopes: API_TOKEN.scopes.filter((scope) => scope !== "write:runner:bitbucket") }),
    "The credential lacks the scope write:runner:bitbucket",
    "create a token that has it (read:repository, read:workspace, read:runner and write:runner",
  ],
  "an API token that is none": [
    apiToken({ token: "ATATT3xFfGF0another" }),
    "Bitbucket does not accept the API token",
    "Check that the token has not expired, was made with Bitbucket scopes",
  ],
};

describe.each(Object.entries(MISTAKES))("%s", (_, [mistake, cause, remedy]) => {
  test("the log names cause and remedy, the exit code is 1, and no runner was made", async () => {
    const worlds = await servedWorlds();
    const env = { ...worlds.env, ...mistake(worlds) };
    const { code, out, err } = await runCommand(["controller", "--once", ...worlds.files], { env });
    expect({ code, err }).toEqual({ code: 1, err: "" });
    const failures = out.split("\n").filter((line) => line.startsWith("ERROR: "));
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(/^ERROR: [A-Z][a-z ]+ failed scope=\S+ error="/);
    expect(failures[0]).toContain(` error="${cause}`);
    expect(failures[0]?.replaceAll('\\"', '"')).toContain(remedy);
    for (const secret of [...worlds.secrets, API_TOKEN.token]) expect(out).not.toContain(secret);
    expect(worlds.bitbucket.glance()).toEqual([]);
    expect(worlds.cluster.list("jobs")).toEqual([]);
  });
});

test("a good API token makes a runner: the mistakes are what stops the others", async () => {
  const worlds = await servedWorlds();
  const env = { ...worlds.env, ...apiToken({})(worlds) };
  const { code } = await runCommand(["controller", "--once", ...worlds.files], { env });
  expect(code).toBe(0);
  expect(worlds.bitbucket.glance()).toHaveLength(1);
});
