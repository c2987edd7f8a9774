import { describe, expect, test } from "vitest";
import { basic, bitbucketWorld, CONSUMER } from "../../../../test/support/bitbucket-world.ts";

const WORKSPACE = "/2.0/workspaces/woodpecker";

describe("the token endpoint", () => {
  const TOKEN = "https://bitbucket.org/site/oauth2/access_token";
  const body = "grant_type=client_credentials";

  test("gives a token that works until it expires", async () => {
    const { ask, clock, world } = bitbucketWorld();
    const granted = await ask("POST", TOKEN, { authorization: basic(CONSUMER.id, CONSUMER.secret), body });
    expect(granted).toMatchObject({
      status: 200,
      json: {
        token_type: "bearer",
        expires_in: 7200,
        scopes: "account repository pipeline:write runner:write",
        refresh_token: expect.any(String) as string,
      },
    });
    const authorization = `Bearer ${(granted.json as { access_token: string }).access_token}`;
    const read = () => ask("GET", WORKSPACE, { authorization });
    await clock.advance(7_199_000);
    expect((await read()).status).toBe(200);
    await clock.advance(1_000);
    const message = "Access token expired. Use your refresh token to obtain a new access token.";
    expect(await read()).toMatchObject({ status: 401, json: { type: "error", error: { message } } });
    world.credentials.revoke(CONSUMER.id);
    expect((await read()).status).toBe(401);
  });

  test.each([
    ["a public consumer", { privacy: "public" }, 400, "invalid_grant", /consumer marked as "public"/],
    [
      "no callback URL",
      { callbackUrl: "" },
      400,
      "invalid_request",
      /^No callback uri defined for the OAuth client\.$/,
    ],
    ["another secret", { secret: "changed" }, 400, "unauthorized_client", /credentials/],
    ["another id", { id: "changed" }, 400, "unauthorized_client", /credentials/],
  ] as const)("refuses %s", async (_, change, status, error, description) => {
    const { ask, world } = bitbucketWorld();
    world.credentials.revoke(CONSUMER.id);
    const consumer = { ...CONSUMER, privacy: "private", callbackUrl: "https://x", scopes: [], admin: true } as const;
    world.credentials.addConsumer({ ...consumer, ...change });
    const answer = await ask("POST", TOKEN, { authorization: basic(CONSUMER.id, CONSUMER.secret), body });
    expect(answer).toMatchObject({
      status,
      json: { error, error_description: expect.stringMatching(description) as string },
    });
  });

  test("refuses a wrong client in either documented way", async () => {
    const { ask } = bitbucketWorld({ badClient: { status: 401, error: "invalid_client" } });
    const answer = await ask("POST", TOKEN, { authorization: basic("nobody", "x"), body });
    expect(answer).toMatchObject({ status: 401, json: { error: "invalid_client" } });
  });

  test.each([
    ["no credentials", "", body, "invalid_request"],
    ["another grant", basic(CONSUMER.id, CONSUMER.secret), "grant_type=password", "unsupported_grant_type"],
    ["no form", basic(CONSUMER.id, CONSUMER.secret), undefined, "unsupported_grant_type"],
  ])("refuses %s", async (_, authorization, form, error) => {
    const { ask } = bitbucketWorld();
    const answer = await ask("POST", TOKEN, { authorization, ...(form !== undefined && { body: form }) });
    expect(answer).toMatchObject({ status: 400, json: { error } });
  });
});
