import { describe, expect, test } from "vitest";
import {
  AppPasswordUsed,
  BadAccessToken,
  BadApiToken,
  type BitbucketError,
  FlavourUnavailable,
  MissingScope,
  NoCallbackUrl,
  NotAdministrator,
  OAuthTokenRefused,
  PublicConsumer,
  RequestRefused,
  RunnerLimitReached,
  ServerFault,
  UnexpectedResponse,
  UnknownRepository,
  UnknownWorkspace,
  WrongClientCredentials,
} from "../errors.ts";
import { type FailureContext, isAboutScope, responseFailure, tokenFailure } from "./failures.ts";

const identity = (text: string) => text;
const workspace: FailureContext = {
  request: "GET /2.0/workspaces/{workspace}/pipelines-config/runners",
  credentials: "access-token",
  redact: identity,
  target: { kind: "workspace", name: "acme" },
};
const repository: FailureContext = { ...workspace, target: { kind: "repository", name: "acme/shop" } };
const post: FailureContext = { ...workspace, request: "POST /2.0/workspaces/{workspace}/pipelines-config/runners" };

const reply = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
  status,
  headers,
  text: typeof body === "string" ? body : JSON.stringify(body),
});
const error = (message: string, rest: object = {}) => ({ type: "error", error: { message, ...rest } });

describe("responseFailure", () => {
  test.each<[string, ReturnType<typeof reply>, FailureContext, new (...args: never[]) => BitbucketError, RegExp]>([
    [
      "a missing scope",
      reply(
        403,
        error("Your credentials lack one or more required privilege scopes.", {
          detail: { required: ["runner:write"], granted: ["runner", "account"] },
        }),
      ),
      workspace,
      MissingScope,
      /lacks the scope runner:write, .* It has runner, account\.$/,
    ],
    [
      "a missing scope without its name",
      reply(403, error("Your credentials lack one or more required privilege scopes.")),
      workspace,
      MissingScope,
      /a scope that Bitbucket did not name/,
    ],
    [
      "no administrator",
      reply(403, error("Forbidden", { detail: "Only administrators can do this." })),
      workspace,
      NotAdministrator,
      /runners of acme: Forbidden Only administrators can do this\./,
    ],
    ["no administrator, empty body", reply(403, ""), repository, NotAdministrator, /runners of acme\/shop\.$/],
    [
      "an unknown workspace",
      reply(404, error("No workspace with identifier 'acme'.")),
      workspace,
      UnknownWorkspace,
      /knows no workspace acme.*: No workspace with identifier/,
    ],
    [
      "an unknown repository",
      reply(404, error("Repository acme/shop not found")),
      repository,
      UnknownRepository,
      /knows no repository acme\/shop/,
    ],
    [
      "a repository in an unknown workspace",
      reply(404, error("No workspace with identifier 'acme'.")),
      repository,
      UnknownWorkspace,
      /knows no workspace/,
    ],
    [
      "a bad API token",
      reply(401, { code: 401, message: "Token is invalid, expired, or not supported for this endpoint." }),
      { ...workspace, credentials: "api-token" },
      BadApiToken,
      /does not accept the API token: Token is invalid, expired/,
    ],
    ["a bad access token", reply(401, { error: "unauthorized" }), workspace, BadAccessToken, /: unauthorized$/],
    [
      "an OAuth token",
      reply(401, error("Access token expired. Use your refresh token to obtain a new access token.")),
      { ...workspace, credentials: "oauth-consumer" },
      OAuthTokenRefused,
      /Access token expired/,
    ],
    [
      "an app password",
      reply(401, error("App passwords are deprecated and must be replaced with API tokens.")),
      { ...workspace, credentials: "api-token" },
      AppPasswordUsed,
      /no longer accepts app passwords/,
    ],
    [
      "an app password, as 410",
      reply(410, "CHANGE-3222 - Functionality has been deprecated\nApp passwords are deprecated"),
      { ...workspace, credentials: "api-token" },
      AppPasswordUsed,
      /CHANGE-3222 - Functionality has been deprecated App passwords/,
    ],
    [
      "a route that is gone",
      reply(410, ""),
      workspace,
      FlavourUnavailable,
      /no longer serves GET .* \(status 410\)\.$/,
    ],
    [
      "the runner limit",
      reply(400, error("The runner limit of 100 was exceeded")),
      post,
      RunnerLimitReached,
      /acme holds as many runners/,
    ],
    [
      "bad properties",
      reply(400, error("Invalid properties", { data: { name: "x" } })),
      post,
      RequestRefused,
      /status 400: Invalid properties/,
    ],
    ["a conflict", reply(409, error("exists")), post, RequestRefused, /status 409: exists/],
    ["a teapot in plain text", reply(418, "short and\r\nstout"), workspace, RequestRefused, /418: short and stout/],
    ["a fault", reply(503, "<html><h1>Sorry</h1></html>"), workspace, ServerFault, /503: \(a page of HTML\)/],
    ["a redirection", reply(302, ""), workspace, UnexpectedResponse, /a redirection \(status 302\)/],
    ["a switch of protocols", reply(101, ""), workspace, UnexpectedResponse, /status 101/],
  ])("names %s", (_what, response, context, type, message) => {
    const failure = responseFailure(response, context);
    expect(failure).toBeInstanceOf(type);
    expect(failure.name).toBe(type.name);
    expect(failure.message).toMatch(message);
    expect(failure.remedy).toMatch(/\w.*\.$/);
  });

  test("keeps the scopes as fields", () => {
    const detail = { required: ["write:runner:bitbucket"], granted: "read:runner:bitbucket" };
    const failure = responseFailure(reply(403, error("lacking", { detail })), workspace);
    expect(failure).toMatchObject({ required: ["write:runner:bitbucket"], granted: ["read:runner:bitbucket"] });
  });

  test("keeps a fault's Retry-After", () => {
    expect(responseFailure(reply(503, "", { "retry-after": "7" }), workspace)).toMatchObject({ retryAfterMs: 7_000 });
  });

  test("cuts what a server says, and puts it on one line without control characters", () => {
    const { message } = responseFailure(reply(400, error(`a\nb\u0000\u001b[31m${"c".repeat(5_000)}`)), workspace);
    expect(message).toContain("a b [31mccc");
    expect(message).toMatch(/c…$/);
    expect(message.length).toBeLessThan(450);
  });

  test("shows nothing that must not be seen", () => {
    const context = { ...workspace, redact: (text: string) => text.replaceAll("hush", "[redacted]") };
    const { message } = responseFailure(reply(400, { error: "bad token hush" }), context);
    expect(message).toContain("bad token [redacted]");
  });
});

describe("tokenFailure", () => {
  test.each<[string, ReturnType<typeof reply>, new (...args: never[]) => BitbucketError]>([
    [
      "a public consumer",
      reply(400, {
        error: "invalid_grant",
        error_description: 'Cannot use client_credentials with a consumer marked as "public". Use auth_code instead.',
      }),
      PublicConsumer,
    ],
    [
      "a consumer without callback URL",
      reply(400, { error: "invalid_request", error_description: "No callback uri defined for the OAuth client." }),
      NoCallbackUrl,
    ],
    [
      "a wrong id or secret",
      reply(400, { error: "invalid_client", error_description: "Invalid client" }),
      WrongClientCredentials,
    ],
    ["a wrong id or secret, as 401", reply(401, { error: "unauthorized_client" }), WrongClientCredentials],
    ["a bad request of any other kind", reply(400, ""), WrongClientCredentials],
    ["a wrong address", reply(404, "nothing here"), RequestRefused],
    ["a fault", reply(500, ""), ServerFault],
    ["a redirection", reply(301, ""), UnexpectedResponse],
  ])("names %s", (_what, response, type) => {
    expect(tokenFailure(response, "POST /token", identity)).toBeInstanceOf(type);
  });
});

describe("isAboutScope", () => {
  test.each([
    ["No workspace with identifier 'acme'.", true],
    ["Repository acme/shop not found", true],
    ["You may not have access to this repository or it no longer exists in this workspace.", true],
    ["Runner not found", false],
    ["The workspace runner was not found.", false],
    ["Not found", false],
    ["", false],
  ])("%j → %s", (message, about) => {
    expect(isAboutScope(reply(404, error(message)))).toBe(about);
  });
});
