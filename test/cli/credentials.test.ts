import { describe, expect, test } from "vitest";
import { exampleConfig } from "../../src/sandbox/embedded.ts";
import { UNUSED_KUBECONFIG } from "../support/kubeconfig.ts";
import { runCommand, scratchFolder } from "../support/run-command.ts";

const ID = "aB3dE6gH9jK2mN5pQ8";
const SECRET = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL";
const TOKEN = "ATATT3xFfGF0aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL";
const consumer = { BITBUCKET_OAUTH_CLIENT_ID: ID, BITBUCKET_OAUTH_CLIENT_SECRET: SECRET };
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** The environment, the variable that is named, what is said of it, and where the remedy leads. */
const WRONG: Readonly<
  Record<string, readonly [env: Record<string, string>, variable: string, says: string, do_: string]>
> = {
  "there are none": [{}, "", "no credentials are set", "Set BITBUCKET_OAUTH_CLIENT_ID and"],
  "there are two ways": [
    { ...consumer, ATLASSIAN_ACCOUNT_EMAIL: "me@example.com", ATLASSIAN_API_TOKEN: TOKEN },
    "BITBUCKET_OAUTH_CLIENT_ID, BITBUCKET_OAUTH_CLIENT_SECRET, ATLASSIAN_ACCOUNT_EMAIL, ATLASSIAN_API_TOKEN",
    "give more than one way to authenticate",
    "Keep one of them",
  ],
  "only half of them are there": [
    { BITBUCKET_OAUTH_CLIENT_ID: ID },
    "BITBUCKET_OAUTH_CLIENT_SECRET",
    "is not set, but BITBUCKET_OAUTH_CLIENT_ID is",
    "Set both",
  ],
  "one is empty": [
    { ...consumer, BITBUCKET_OAUTH_CLIENT_SECRET: "" },
    "BITBUCKET_OAUTH_CLIENT_SECRET",
    "is empty",
    "check the key's name and value",
  ],
  "the overlay's placeholder stands there": [
    { ...consumer, BITBUCKET_OAUTH_CLIENT_ID: "<client-id>" },
    "BITBUCKET_OAUTH_CLIENT_ID",
    "still holds the placeholder text of an example",
    "Put the real client id in its place.",
  ],
  "the overlay's placeholder was encoded": [
    { ...consumer, BITBUCKET_OAUTH_CLIENT_SECRET: base64("<client-secret>") },
    "BITBUCKET_OAUTH_CLIENT_SECRET",
    "holds the placeholder text of an example, base64-encoded",
    "Encode the real client secret instead.",
  ],
  "they are encoded twice": [
    { ...consumer, BITBUCKET_OAUTH_CLIENT_SECRET: base64(SECRET) },
    "BITBUCKET_OAUTH_CLIENT_SECRET",
    "is still base64-encoded",
    "Encode the plain value once",
  ],
  "the e-mail is a user name": [
    { ATLASSIAN_ACCOUNT_EMAIL: "somebody", ATLASSIAN_API_TOKEN: TOKEN },
    "ATLASSIAN_ACCOUNT_EMAIL",
    "has no @: it is not an e-mail address",
    "the e-mail address of the Atlassian account",
  ],
  "they are an app password": [
    { BITBUCKET_USERNAME: "somebody", BITBUCKET_APP_PASSWORD: SECRET },
    "BITBUCKET_USERNAME, BITBUCKET_APP_PASSWORD",
    "are for app passwords, which stopped working on 2026-07-28",
    "Create an API token",
  ],
  "their file is not there": [
    { BITBUCKET_ACCESS_TOKEN_FILE: "/nowhere/token" },
    "BITBUCKET_ACCESS_TOKEN_FILE",
    "names a file that cannot be read (ENOENT)",
    "Check the path",
  ],
};

describe("credentials are refused when", () => {
  test.each(Object.entries(WRONG))(
    "%s: exit code 2, cause, remedy, no value",
    async (_, [env, variable, says, remedy]) => {
      const path = await (await scratchFolder()).write("c.yaml", await exampleConfig());
      for (const command of ["controller", "cleaner"]) {
        const { code, out, err } = await runCommand([command, "--config", path, "--log-format", "json"], {
          env: { ...UNUSED_KUBECONFIG, ...env },
        });
        const errors = out
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as Record<string, unknown>)
          .filter(({ level }) => level === "error");
        expect({ code, err }).toEqual({ code: 2, err: "" });
        expect(errors).toEqual([
          expect.objectContaining({
            msg: "Credentials are wrong",
            ...(variable !== "" && { variable }),
            problem: says,
          }),
        ]);
        expect(errors[0]?.remedy).toContain(remedy);
        for (const value of [SECRET, base64(SECRET), TOKEN]) expect(out).not.toContain(value);
      }
    },
  );

  test("…and validate says the same, but is content when there are none", async () => {
    const path = await (await scratchFolder()).write("c.yaml", await exampleConfig());
    for (const [env, variable, says] of Object.values(WRONG)) {
      const { code, out } = await runCommand(["validate", "--config", path], { env });
      expect(code).toBe(variable === "" ? 0 : 2);
      if (variable !== "") expect(out).toContain(`credentials: error: ${variable} ${says}. `);
    }
  });
});
