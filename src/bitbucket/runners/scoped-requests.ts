import type { Flavour } from "../../domain/remote-runner.ts";
import { type Scope, scopeKey } from "../../domain/scope.ts";
import type { Purpose } from "../http/budget.ts";
import type { ApiRequest, BitbucketClient } from "../http/client.ts";
import { targetOf } from "../http/failures.ts";
import type { ApiResponse } from "../http/send-once.ts";
import { type Flavours, isInternalRefusal } from "./flavour.ts";

/** A request to one scope's runners, made for the flavour that serves it. */
export type RequestFor = (flavour: Flavour) => ApiRequest;

/** What was asked in the end, and its response. */
export interface FlavouredResponse {
  readonly flavour: Flavour;
  readonly request: ApiRequest;
  readonly response: ApiResponse;
}

/** A request that draws on a scope's share of the budget. */
export function scopedRequest(
  scope: Scope,
  purpose: Purpose,
  rest: Pick<ApiRequest, "method" | "route" | "body" | "notAfter" | "sendings">,
): ApiRequest {
  return { ...rest, scope: scopeKey(scope), purpose, target: targetOf(scope) };
}

/** What it takes to ask on the flavour that serves a scope. */
export interface FlavouredClient {
  readonly client: BitbucketClient;
  readonly flavours: Flavours;
}

/** A listing's 403 and 404 are about the scope or the API: the other flavour may serve it. */
const LISTING_DOUBTS = [403, 404, 410];
/** Where a single runner is asked for, only 410 is about the API. */
const RUNNER_DOUBTS = [410];

/** Asks for the runners of a scope, on the flavour that serves it. @throws what {@link BitbucketClient.ask} throws. */
export async function askForListing(
  on: FlavouredClient,
  scope: Scope,
  requestFor: RequestFor,
  signal: AbortSignal,
): Promise<FlavouredResponse> {
  const flavour = await on.flavours.refreshed(scope, signal);
  return askOnFlavour(on, { scope, flavour, doubts: LISTING_DOUBTS, requestFor }, signal);
}

/** Asks about one runner, on the flavour that serves its scope. @throws what {@link BitbucketClient.ask} throws. */
export async function askAboutRunner(
  on: FlavouredClient,
  scope: Scope,
  requestFor: RequestFor,
  signal: AbortSignal,
): Promise<FlavouredResponse> {
  const flavour = await on.flavours.current(scope, signal);
  return askOnFlavour(on, { scope, flavour, doubts: RUNNER_DOUBTS, requestFor }, signal);
}

/**
 * Asks on the flavour that is believed to serve the scope. When the internal API's response casts doubt on that (its status is one of
 * `doubts`), finds out again which one does, and asks there: only for requests that may be sent twice.
 */
async function askOnFlavour(
  { client, flavours }: FlavouredClient,
  {
    scope,
    flavour: believed,
    doubts,
    requestFor,
  }: {
    readonly scope: Scope;
    readonly flavour: Flavour;
    readonly doubts: readonly number[];
    readonly requestFor: RequestFor;
  },
  signal: AbortSignal,
): Promise<FlavouredResponse> {
  const request = requestFor(believed);
  const response = await client.ask(request, signal);
  if (believed === "public" || !doubts.includes(response.status) || !isInternalRefusal(response)) {
    return { flavour: believed, request, response };
  }
  flavours.forget(scope);
  const flavour = await flavours.current(scope, signal);
  if (flavour === believed) return { flavour, request, response };
  const otherRequest = requestFor(flavour);
  return { flavour, request: otherRequest, response: await client.ask(otherRequest, signal) };
}
