import { RemediedError } from "../support/errors.ts";

/**
 * Everything that can go wrong with Bitbucket. Each says what happened (`message`) and what to do about it (`remedy`), and carries
 * no secret: request bodies, tokens and credentials never enter a message.
 */
export class BitbucketError extends RemediedError {
  override readonly name: string = "BitbucketError";
}

/** `message`, and what the server said about it, when it said something. */
function withServerMessage(message: string, serverSays: string): string {
  return serverSays === "" ? `${message}.` : `${message}: ${serverSays}`;
}

/** A write rests on a look that had become too old before it could be sent: nothing was sent by this attempt. */
export class LookExpired extends BitbucketError {
  override readonly name = "LookExpired";
  /** An earlier attempt at the same write may have reached Bitbucket. */
  readonly mayHaveActed: boolean;

  constructor(request: string, mayHaveActed: boolean, options?: ErrorOptions) {
    super(
      `${request} was not sent: what it rests on was seen too long ago.`,
      "Nothing to do: the next pass looks again. If it keeps coming, Bitbucket or this process is very slow.",
      options,
    );
    this.mayHaveActed = mayHaveActed;
  }
}

// --- The credentials -------------------------------------------------------------------------------------------------------------

/** The OAuth consumer is a public one, which may not use the client-credentials grant. */
export class PublicConsumer extends BitbucketError {
  override readonly name = "PublicConsumer";
  constructor(serverSays: string) {
    super(
      withServerMessage("The OAuth consumer is public, so Bitbucket gives it no token (invalid_grant)", serverSays),
      'Edit the consumer under Workspace settings > OAuth consumers, tick "This is a private consumer", save, and try again.',
    );
  }
}

/** The OAuth consumer has no callback URL, which Bitbucket asks for although this grant never uses it. */
export class NoCallbackUrl extends BitbucketError {
  override readonly name = "NoCallbackUrl";
  constructor(serverSays: string) {
    super(
      withServerMessage("The OAuth consumer has no callback URL, so Bitbucket gives it no token", serverSays),
      "Edit the consumer under Workspace settings > OAuth consumers, set the callback URL to https://bitbucket.org/site/oauth2/callback and save.",
    );
  }
}

/** The client id or the client secret is wrong, or arrived mangled. */
export class WrongClientCredentials extends BitbucketError {
  override readonly name = "WrongClientCredentials";
  constructor(serverSays: string) {
    super(
      withServerMessage("Bitbucket does not accept the OAuth client id and secret", serverSays),
      "Compare both with the consumer's page, encode them again with `echo -n VALUE | base64` (no newline, encoded once), apply, and restart the Deployments.",
    );
  }
}

/** A token that the consumer was given a moment ago is not accepted. */
export class OAuthTokenRefused extends BitbucketError {
  override readonly name = "OAuthTokenRefused";
  constructor(serverSays: string) {
    super(
      withServerMessage("Bitbucket refuses the token that it gave to the OAuth consumer", serverSays),
      "Check that the consumer still exists and that BITBUCKET_API_URL and BITBUCKET_OAUTH_TOKEN_URL belong together; a new token is requested automatically.",
    );
  }
}

/** The API token, or the e-mail address beside it, is wrong, expired or revoked. */
export class BadApiToken extends BitbucketError {
  override readonly name = "BadApiToken";
  constructor(serverSays: string) {
    super(
      withServerMessage("Bitbucket does not accept the API token", serverSays),
      "Check that the token has not expired, was made with Bitbucket scopes, and goes with the account's e-mail address (not its user name); else create a new one.",
    );
  }
}

/** The repository, project or workspace access token is wrong, expired or revoked. */
export class BadAccessToken extends BitbucketError {
  override readonly name = "BadAccessToken";
  constructor(serverSays: string) {
    super(
      withServerMessage("Bitbucket does not accept the access token", serverSays),
      "Check that the token has not expired or been revoked, and that it belongs to the configured workspace or repository; else create a new one.",
    );
  }
}

/** An app password was used; Bitbucket stopped accepting them on 2026-07-28. */
export class AppPasswordUsed extends BitbucketError {
  override readonly name = "AppPasswordUsed";
  constructor(serverSays: string) {
    super(
      withServerMessage("Bitbucket no longer accepts app passwords", serverSays),
      "Create an API token with Bitbucket scopes and give it as ATLASSIAN_API_TOKEN, with the account's e-mail address as ATLASSIAN_ACCOUNT_EMAIL.",
    );
  }
}

/** The credential lacks a permission that the request needs. */
export class MissingScope extends BitbucketError {
  override readonly name = "MissingScope";
  /** As Bitbucket names them; empty when it did not. */
  readonly required: readonly string[];
  readonly granted: readonly string[];

  constructor(required: readonly string[], granted: readonly string[], request: string) {
    const missing = required.filter((scope) => !granted.includes(scope));
    const needs = missing.length === 0 ? "a scope that Bitbucket did not name" : `the scope ${missing.join(", ")}`;
    const has = granted.length === 0 ? "" : ` It has ${granted.join(", ")}.`;
    super(
      `The credential lacks ${needs}, which ${request} needs.${has}`,
      "Add it to the OAuth consumer (account read, repository read, pipeline write, runner write), or create a token that has it (read:repository, read:workspace, read:runner and write:runner, each with :bitbucket).",
    );
    this.required = required;
    this.granted = granted;
  }
}

/** The credential is good, but its owner may not manage runners there. */
export class NotAdministrator extends BitbucketError {
  override readonly name = "NotAdministrator";
  constructor(where: string, serverSays: string) {
    super(
      withServerMessage(`The credential's owner may not manage the runners of ${where}`, serverSays),
      "Use a credential of an administrator: runners of a workspace need a workspace administrator, runners of a repository an administrator of that repository.",
    );
  }
}

// --- What is asked for -----------------------------------------------------------------------------------------------------------

/** There is no such workspace, or the credential cannot see it. */
export class UnknownWorkspace extends BitbucketError {
  override readonly name = "UnknownWorkspace";
  readonly workspace: string;
  constructor(workspace: string, serverSays: string) {
    super(
      withServerMessage(`Bitbucket knows no workspace ${workspace}, or the credential may not see it`, serverSays),
      "Check the group's `workspace` (its slug, or its uuid in braces), and that the credential's owner is a member of it.",
    );
    this.workspace = workspace;
  }
}

/** There is no such repository, or the credential cannot see it. */
export class UnknownRepository extends BitbucketError {
  override readonly name = "UnknownRepository";
  readonly repository: string;
  constructor(repository: string, serverSays: string) {
    super(
      withServerMessage(`Bitbucket knows no repository ${repository}, or the credential may not see it`, serverSays),
      "Check the group's `workspace` and `repository` (slugs, or uuids in braces), and that the credential may read it.",
    );
    this.repository = repository;
  }
}

/** The runner that was to be changed is gone. */
export class RunnerGone extends BitbucketError {
  override readonly name = "RunnerGone";
  constructor(uuid: string) {
    super(`Bitbucket has no runner ${uuid} any more.`, "Nothing needs to be done: the next pass sees that it is gone.");
  }
}

/** The workspace or repository holds as many runners as Bitbucket allows (100). */
export class RunnerLimitReached extends BitbucketError {
  override readonly name = "RunnerLimitReached";
  constructor(where: string, serverSays: string) {
    super(
      withServerMessage(`${where} holds as many runners as Bitbucket allows`, serverSays),
      "Delete runners that nobody needs, lower the groups' `max`, or spread the groups over several workspaces or repositories.",
    );
  }
}

/** Bitbucket understood the request and refused it. */
export class RequestRefused extends BitbucketError {
  override readonly name = "RequestRefused";
  readonly status: number;
  constructor(request: string, status: number, serverSays: string) {
    super(
      withServerMessage(`Bitbucket refused ${request} with status ${status}`, serverSays),
      "Read what it says; if that makes no sense for your configuration, report it together with this message.",
    );
    this.status = status;
  }
}

/** The pinned flavour of the runner API is not served (any more). */
export class FlavourUnavailable extends BitbucketError {
  override readonly name = "FlavourUnavailable";
  constructor(request: string, status: number, serverSays: string) {
    super(
      withServerMessage(`Bitbucket no longer serves ${request} (status ${status})`, serverSays),
      "Set BITBUCKET_API_FLAVOUR to auto, so that the flavour that is served is found automatically.",
    );
  }
}

// --- Not now ---------------------------------------------------------------------------------------------------------------------

function secondsUntil(until: number, now: number): number {
  return Math.ceil(Math.max(0, until - now) / 1_000);
}

/** Bitbucket pushed back (429); nothing is sent with this credential until `pausedUntil`. */
export class RateLimited extends BitbucketError {
  override readonly name = "RateLimited";
  /** By the monotonic clock. */
  readonly pausedUntil: number;
  /** @param now by the same clock */
  constructor(pausedUntil: number, now: number) {
    super(
      `Bitbucket's rate limit is reached; nothing is sent for another ${secondsUntil(pausedUntil, now)} s.`,
      "Requests resume by themselves. If it happens often, find out who else uses this credential, or lower constants.api_requests_per_hour.",
    );
    this.pausedUntil = pausedUntil;
  }
}

/** The hour's requests are used up; the request was not sent. */
export class BudgetSpent extends BitbucketError {
  override readonly name = "BudgetSpent";
  readonly capacity: number;
  constructor(capacity: number) {
    super(
      `This process's share of the request budget (${capacity} requests an hour) is used up.`,
      "Requests resume by themselves as the hour rolls on. Raise constants.api_requests_per_hour if your plan allows more, or use fewer groups.",
    );
    this.capacity = capacity;
  }
}

/** An endpoint failed several times in a row and is left alone for a while; the request was not sent. */
export class BreakerOpen extends BitbucketError {
  override readonly name = "BreakerOpen";
  /** Time of the next trial, by the monotonic clock. */
  readonly until: number;
  /** @param now by the same clock */
  constructor(request: string, until: number, now: number, cause: BitbucketError) {
    super(
      `${request} failed several times in a row and is not called again for ${secondsUntil(until, now)} s. The last failure: ${cause.message}`,
      cause.remedy,
      { cause },
    );
    this.until = until;
  }
}

/** No response came. */
export class Unreachable extends BitbucketError {
  override readonly name = "Unreachable";
  /** "no": the request certainly did not reach Bitbucket. "maybe": it may have been carried out. */
  readonly sent: "no" | "maybe";
  constructor(request: string, sent: "no" | "maybe", cause: Error) {
    super(
      `No reply to ${request}: ${cause.message}`,
      "Check the network, HTTPS_PROXY and NO_PROXY, NODE_EXTRA_CA_CERTS, and https://bitbucket.status.atlassian.com.",
      { cause },
    );
    this.sent = sent;
  }
}

/** Bitbucket failed (5xx). */
export class ServerFault extends BitbucketError {
  override readonly name = "ServerFault";
  readonly status: number;
  /** What `Retry-After` asked for, milliseconds; 0 when it did not. */
  readonly retryAfterMs: number;
  constructor(request: string, status: number, serverSays: string, retryAfterMs: number) {
    super(
      withServerMessage(`Bitbucket failed on ${request} with status ${status}`, serverSays),
      "It is retried automatically; if it lasts, see https://bitbucket.status.atlassian.com.",
    );
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** A response that does not look like Bitbucket's. */
export class UnexpectedResponse extends BitbucketError {
  override readonly name = "UnexpectedResponse";
  constructor(request: string, what: string, options?: ErrorOptions) {
    super(
      `The reply to ${request} is not what Bitbucket's API gives: ${what}`,
      "Check BITBUCKET_API_URL, and whether a proxy or gateway answers in Bitbucket's place.",
      options,
    );
  }
}
