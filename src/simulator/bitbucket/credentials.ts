import type { Clock } from "../../support/clock.ts";
import { type Random, randomName } from "../../support/random.ts";
import { Secret } from "../../support/secret.ts";
import type { BitbucketBehaviour } from "./behaviour.ts";

/** What a credential may do. */
export interface Rights {
  /** OAuth consumers and access tokens: `runner:write`; API tokens: `write:runner:bitbucket`. */
  readonly scopes: readonly string[];
  /** Its owner administers the workspaces and repositories that it sees. */
  readonly admin: boolean;
  /** Slugs or uuids of the workspaces that it sees; all when left out. */
  readonly workspaces?: readonly string[];
  /** Uuid of the only repository that it sees (repository access tokens). */
  readonly repositoryUuid?: string;
}

export interface Consumer extends Rights {
  readonly id: string;
  readonly secret: string;
  readonly privacy: "private" | "public";
  readonly callbackUrl?: string;
}

export interface ApiToken extends Rights {
  /** The Atlassian account's. */
  readonly email: string;
  readonly token: string;
}

export interface AccessToken extends Rights {
  /** What it is called in the web interface; the token itself is told nowhere. */
  readonly name: string;
  readonly token: string;
}

/** A caller that was let in. */
export interface Caller {
  /** Names the credential and its share of the rate limit: a consumer's id, an account's e-mail, an access token's name. */
  readonly credential: string;
  readonly kind: "consumer" | "api-token" | "access-token";
  readonly rights: Rights;
}

/** What the token endpoint answers. */
export type TokenGrant =
  | { readonly granted: true; readonly token: Secret; readonly scopes: readonly string[]; readonly lifeMs: number }
  | { readonly granted: false; readonly status: number; readonly error: string; readonly description: string };

const BAD_TOKEN = "Token is invalid, expired, or not supported for this endpoint.";
const EXPIRED_TOKEN = "Access token expired. Use your refresh token to obtain a new access token.";

/** Who may call, and with what rights. */
export class Credentials {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #behaviour: BitbucketBehaviour;
  readonly #consumers = new Map<string, Consumer>();
  readonly #apiTokens = new Map<string, ApiToken>();
  readonly #accessTokens = new Map<string, AccessToken>();
  readonly #issued = new Map<string, { readonly consumer: string; readonly expiresAt: number }>();

  constructor(parts: { readonly clock: Clock; readonly random: Random; readonly behaviour: BitbucketBehaviour }) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#behaviour = parts.behaviour;
  }

  /** Adds a consumer, or replaces the one with its id. */
  addConsumer(consumer: Consumer): void {
    this.#consumers.set(consumer.id, consumer);
  }

  /** Adds an account's API token, or replaces it. */
  addApiToken(token: ApiToken): void {
    this.#apiTokens.set(token.email, token);
  }

  /** Adds an access token, or replaces the one of that name. */
  addAccessToken(token: AccessToken): void {
    this.#accessTokens.set(token.name, token);
  }

  /** Changes what a credential may do, tokens that it already got included. */
  change(credential: string, rights: Partial<Rights>): void {
    for (const kind of [this.#consumers, this.#apiTokens, this.#accessTokens] as Map<string, Rights>[]) {
      const found = kind.get(credential);
      if (found !== undefined) kind.set(credential, { ...found, ...rights });
    }
  }

  /** Takes a credential away, and every token that it got. */
  revoke(credential: string): void {
    this.#consumers.delete(credential);
    this.#apiTokens.delete(credential);
    this.#accessTokens.delete(credential);
  }

  /** Every token issued until now is expired. */
  expireIssuedTokens(): void {
    const expiresAt = this.#clock.now();
    for (const [token, issued] of this.#issued) this.#issued.set(token, { ...issued, expiresAt });
  }

  /** The client credentials grant. */
  grant(clientId: string, clientSecret: string): TokenGrant {
    const consumer = this.#consumers.get(clientId);
    if (consumer === undefined || consumer.secret !== clientSecret) {
      return { granted: false, ...this.#behaviour.badClient, description: "Invalid OAuth client credentials" };
    }
    if (consumer.privacy === "public") {
      const description =
        'Cannot use client_credentials with a consumer marked as "public". ' +
        "Calls for auto generated consumers should use urn:bitbucket:oauth2:jwt instead.";
      return { granted: false, status: 400, error: "invalid_grant", description };
    }
    if (consumer.callbackUrl === undefined || consumer.callbackUrl === "") {
      const description = "No callback uri defined for the OAuth client.";
      return { granted: false, status: 400, error: "invalid_request", description };
    }
    const lifeMs = this.#behaviour.tokenLifeMs;
    const token = randomName(this.#random, 64);
    this.#issued.set(token, { consumer: clientId, expiresAt: this.#clock.now() + lifeMs });
    return { granted: true, token: new Secret(token), scopes: consumer.scopes, lifeMs };
  }

  /** Who calls, by the request's `Authorization` header, or the message of the 401. */
  authenticate(authorization: string | undefined): Caller | string {
    const [, scheme = "", value = ""] = /^(\S+) +(\S+)$/.exec(authorization ?? "") ?? [];
    if (scheme.toLowerCase() === "bearer") return this.#byBearer(value);
    const basic = basicCredentials(authorization);
    if (basic === undefined) return "Authentication is required.";
    const [email, token] = basic;
    const found = this.#apiTokens.get(email);
    if (found === undefined || found.token !== token) return BAD_TOKEN;
    return { credential: email, kind: "api-token", rights: found };
  }

  #byBearer(token: string): Caller | string {
    const issued = this.#issued.get(token);
    const consumer = issued && this.#consumers.get(issued.consumer);
    if (issued !== undefined && consumer !== undefined) {
      if (this.#clock.now() >= issued.expiresAt) return EXPIRED_TOKEN;
      return { credential: consumer.id, kind: "consumer", rights: consumer };
    }
    for (const accessToken of this.#accessTokens.values()) {
      if (accessToken.token !== token) continue;
      return { credential: accessToken.name, kind: "access-token", rights: accessToken };
    }
    return BAD_TOKEN;
  }
}

/** Name and password of HTTP Basic. */
export function basicCredentials(authorization: string | undefined): readonly [string, string] | undefined {
  const [, value = ""] = /^basic +(\S+)$/i.exec(authorization ?? "") ?? [];
  const text = Buffer.from(value, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 1 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}

/** The scopes that a call needs, in the words of both kinds of credential. */
export interface NeededScopes {
  /** OAuth consumers and access tokens; `x:write` brings `x` with it. */
  readonly oauth: readonly string[];
  /** API tokens; none brings another with it. */
  readonly apiToken: readonly string[];
}

/** The scopes that a caller lacks for a call: what is required of it, or undefined when it has them all. */
export function missingScopes(caller: Caller, needed: NeededScopes): readonly string[] | undefined {
  const required = caller.kind === "api-token" ? needed.apiToken : needed.oauth;
  const granted = new Set(caller.rights.scopes);
  const has = (scope: string) =>
    granted.has(scope) ||
    (caller.kind !== "api-token" && (granted.has(`${scope}:write`) || granted.has(`${scope}:admin`)));
  return required.every(has) ? undefined : required;
}
