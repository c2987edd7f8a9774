import type { Flavour } from "../../domain/remote-runner.ts";
import { type Scope, scopeKey, scopeName } from "../../domain/scope.ts";
import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import { singleFlight } from "../../support/single-flight.ts";
import { BitbucketError } from "../errors.ts";
import { isSuccess } from "../http/client.ts";
import { isAboutAppPasswords } from "../http/failures.ts";
import type { ApiResponse } from "../http/send-once.ts";

/** How often to look whether a scope that was found on the public API is served by the internal one (which shows steps) after all. */
const LOOK_AGAIN_MS = 3_600_000;

/** Which of the two runner APIs serves a scope. */
export interface Flavours {
  /** The flavour in use; found out first where it is not known. @throws {BitbucketError} when that fails. */
  current(scope: Scope, signal: AbortSignal): Promise<Flavour>;
  /** The same, but looks again when the public API has been in use for an hour. */
  refreshed(scope: Scope, signal: AbortSignal): Promise<Flavour>;
  /** What was known may be wrong: find out again next time. */
  forget(scope: Scope): void;
}

/** A flavour pinned by configuration. */
export function pinnedFlavour(flavour: Flavour): Flavours {
  return { current: async () => flavour, refreshed: async () => flavour, forget: () => undefined };
}

/** Whether a response of the internal API means that it does not serve this scope. */
export function isInternalRefusal(response: ApiResponse): boolean {
  return [403, 404, 410].includes(response.status) && !isAboutAppPasswords(response);
}

/**
 * Finds the flavour out by a read of the internal API, for each scope: 403, 404 or 410 means public.
 *
 * @param probe reads one runner of the scope there; it throws what {@link BitbucketClient.ask} throws.
 * @param failureOf makes the error of a response that answers nothing.
 */
export function probedFlavours(options: {
  readonly probe: (scope: Scope, signal: AbortSignal) => Promise<ApiResponse>;
  readonly failureOf: (scope: Scope, response: ApiResponse) => BitbucketError;
  readonly clock: Pick<Clock, "monotonic">;
  readonly log: Log;
}): Flavours {
  const { probe, failureOf, clock, log } = options;
  const known = new Map<string, { readonly flavour: Flavour; readonly since: number }>();
  const lastTold = new Map<string, Flavour>();
  const shared = singleFlight<Flavour>();

  const remember = (scope: Scope, flavour: Flavour): Flavour => {
    const key = scopeKey(scope);
    known.set(key, { flavour, since: clock.monotonic() });
    const before = lastTold.get(key);
    lastTold.set(key, flavour);
    if (before === undefined) log.info("Bitbucket API flavour found", { scope: scopeName(scope), flavour });
    else if (before !== flavour) log.warn("Bitbucket API flavour changed", { scope: scopeName(scope), flavour });
    return flavour;
  };

  const findOut = (scope: Scope, signal: AbortSignal): Promise<Flavour> =>
    shared(scopeKey(scope), signal, async (inner) => {
      const response = await probe(scope, inner);
      if (isSuccess(response)) return remember(scope, "internal");
      if (isInternalRefusal(response)) return remember(scope, "public");
      throw failureOf(scope, response);
    });

  return {
    current: async (scope, signal) => known.get(scopeKey(scope))?.flavour ?? findOut(scope, signal),
    async refreshed(scope, signal) {
      const found = known.get(scopeKey(scope));
      if (found === undefined) return findOut(scope, signal);
      if (found.flavour === "internal" || clock.monotonic() - found.since < LOOK_AGAIN_MS) return found.flavour;
      try {
        return await findOut(scope, signal);
      } catch (error) {
        if (!(error instanceof BitbucketError)) throw error;
        log.debug("Bitbucket API flavour not looked up again", { scope: scopeName(scope), cause: error.message });
        return remember(scope, found.flavour);
      }
    },
    forget: (scope) => void known.delete(scopeKey(scope)),
  };
}
