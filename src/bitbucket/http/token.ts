import * as z from "zod";
import { BackOff } from "../../support/back-off.ts";
import type { Clock } from "../../support/clock.ts";
import { parseJson } from "../../support/json.ts";
import type { Log } from "../../support/log.ts";
import type { Random } from "../../support/random.ts";
import { singleFlight } from "../../support/single-flight.ts";
import { BitbucketError, RateLimited, UnexpectedResponse } from "../errors.ts";
import type { Credentials } from "../port.ts";
import { type Authorization, basic, secretsIn } from "./authorization.ts";
import { redacting } from "./error-body.ts";
import { tokenFailure } from "./failures.ts";
import { askedWaitMs } from "./rate-limit.ts";
import { withRetries } from "./retry.ts";
import type { SendOnce } from "./send-once.ts";

/** A token is renewed when a tenth of its life is left, but no earlier than five minutes before its end. */
const RENEW_EARLY_PART = 0.1;
const RENEW_EARLY_MS = 300_000;
/** When a response does not say how long its token lives (Bitbucket's live 7,200 s). */
const DEFAULT_LIFE_S = 3_600;
/** After a failure the token endpoint is left alone for a while: asking again at once only gets the account locked. */
const FIRST_REST_MS = 5_000;
const LONGEST_REST_MS = 60_000;

/** So many tokens, the current one first, are kept out of messages. */
const HEADERS_KEPT = 3;

const TOKEN_ROUTE = "/site/oauth2/access_token";
const TOKEN_REQUEST = `POST ${TOKEN_ROUTE}`;

const TokenResponse = z.object({ access_token: z.string().min(1), expires_in: z.number().positive().nullish() });

interface Token {
  readonly header: string;
  readonly renewAt: number;
  readonly expiresAt: number;
}

/** What asking for a token needs. */
export interface TokenOptions {
  readonly credentials: Extract<Credentials, { kind: "oauth-consumer" }>;
  readonly tokenUrl: string;
  readonly sendOnce: SendOnce;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Tokens of an OAuth consumer: cached, renewed before they expire, one renewal at a time however many wait for it, and renewed once when
 * a token that was good before is refused.
 */
export function tokenAuthorization({
  credentials,
  tokenUrl,
  sendOnce,
  clock,
  random,
  log,
}: TokenOptions): Authorization {
  const basicHeader = basic(credentials.clientId, credentials.clientSecret.reveal());
  const shared = singleFlight<Token>();
  const backOff = new BackOff(clock, random, LONGEST_REST_MS);
  let token: Token | undefined;
  let acceptedHeader: string | undefined;
  let lastFailure: BitbucketError | undefined;

  /** Responses to requests with an old token may come, and echo it, when it was replaced already. */
  let issuedHeaders: readonly string[] = [];

  const secrets = () => [
    ...secretsIn(credentials.clientSecret.reveal(), basicHeader),
    ...issuedHeaders.flatMap((header) => secretsIn(header, header)),
  ];

  const requestToken = async (signal: AbortSignal): Promise<Token> => {
    const response = await sendOnce(
      {
        method: "POST",
        url: tokenUrl,
        headers: {
          authorization: basicHeader,
          accept: "application/json",
          "content-type": "application/x-www-form-urlencoded",
        },
        body: "grant_type=client_credentials",
      },
      TOKEN_ROUTE,
      signal,
    );
    if ("error" in response) throw response.error;
    if (response.status === 429) {
      const now = clock.monotonic();
      throw new RateLimited(now + (askedWaitMs(response.headers) || FIRST_REST_MS), now);
    }
    if (response.status < 200 || response.status > 299) throw tokenFailure(response, TOKEN_REQUEST, redacting(secrets));
    const parsed = TokenResponse.safeParse(parseJson(response.text));
    if (!parsed.success) throw new UnexpectedResponse(TOKEN_REQUEST, "no access_token in it");
    const lifeMs = (parsed.data.expires_in ?? DEFAULT_LIFE_S) * 1000;
    const expiresAt = response.sentAt + lifeMs;
    return {
      header: `Bearer ${parsed.data.access_token}`,
      expiresAt,
      renewAt: expiresAt - Math.min(RENEW_EARLY_MS, lifeMs * RENEW_EARLY_PART),
    };
  };

  const renew = async (signal: AbortSignal): Promise<Token> => {
    try {
      token = await withRetries(() => requestToken(signal), { clock, random }, signal);
      issuedHeaders = [token.header, ...issuedHeaders].slice(0, HEADERS_KEPT);
      backOff.succeed();
      lastFailure = undefined;
      log.debug("Bitbucket token renewed", { expiresInMs: token.expiresAt - clock.monotonic() });
      return token;
    } catch (error) {
      if (error instanceof BitbucketError) {
        lastFailure = error;
        backOff.fail(FIRST_REST_MS);
      }
      throw error;
    }
  };

  return {
    kind: "oauth-consumer",
    async header(signal) {
      const now = clock.monotonic();
      if (token !== undefined && now < token.renewAt) return token.header;
      const stillGood = token !== undefined && now < token.expiresAt ? token : undefined;
      if (lastFailure !== undefined && (backOff.active || isPaused(lastFailure, now))) {
        if (stillGood !== undefined) return stillGood.header;
        throw lastFailure;
      }
      try {
        return (await shared("token", signal, renew)).header;
      } catch (error) {
        if (stillGood === undefined || !(error instanceof BitbucketError)) throw error;
        log.warn("Bitbucket token not renewed, the old one is still good", { cause: error.message });
        return stillGood.header;
      }
    },
    accepted(header) {
      acceptedHeader = header;
    },
    refused(header) {
      if (token?.header === header) token = undefined;
      // One that was never accepted was fresh: asking for the next one in the same breath would not help.
      return header === acceptedHeader || token !== undefined;
    },
    secrets,
  };
}

function isPaused(failure: BitbucketError, now: number): boolean {
  return failure instanceof RateLimited && now < failure.pausedUntil;
}
