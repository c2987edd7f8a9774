import type { Flavour } from "../../domain/remote-runner.ts";
import { type Scope, scopeKey } from "../../domain/scope.ts";
import type { Purpose } from "../http/budget.ts";
import type { ApiRequest, BitbucketClient } from "../http/client.ts";
import { targetOf } from "../http/failures.ts";
import type { ApiResponse } from "../http/send-once.ts";
import { type Flavours, isInternalRefusal } from "./flavour.ts";

/** A request to one scope's runners, made for the flavour that serves it. */
export type RequestFor = (flavour: Flavour) => ApiRequest;

/** What was asked in the end, and what came of it. */
export interface FlavouredResponse {
  readonly flavour: Flavour;
  readonly request: ApiRequest;
  readonly response: ApiResponse;
}

/**
 * Statuses by which the internal API may say that it does not serve a scope. A listing's 403 and 404 are about the scope or the API; where a
 * single runner is asked for, only 410 is about the API.
 */
export const WRONG_FLAVOUR = { listing: [403, 404, 410], runner: [410] } as const satisfies Record<
  string,
  readonly number[]
>;

/** A request that draws on a scope's share of the budget. */
export function scopedRequest(
  scope: Scope,
  purpose: Purpose,
  rest: Pick<ApiRequest, "method" | "route" | "body">,
): ApiRequest {
  return { ...rest, scope: scopeKey(scope), purpose, target: targetOf(scope) };
}

/** A request on the flavour that is believed to serve its scope, and how to make it on the other one. */
export interface FlavouredRequest {
  readonly scope: Scope;
  readonly flavour: Flavour;
  /** See {@link WRONG_FLAVOUR}. */
  readonly wrongFlavour: readonly number[];
  readonly requestFor: RequestFor;
}

/**
 * Asks on the flavour that is believed to serve the scope. When the internal API's response casts doubt on that, finds out anew which one
 * does, and asks there: only for requests that may be sent twice.
 *
 * @throws what {@link BitbucketClient.ask} throws.
 */
export async function sendOnFlavour(
  { client, flavours }: { readonly client: BitbucketClient; readonly flavours: Flavours },
  { scope, flavour: believed, wrongFlavour, requestFor }: FlavouredRequest,
  signal: AbortSignal,
): Promise<FlavouredResponse> {
  const request = requestFor(believed);
  const response = await client.ask(request, signal);
  if (believed === "public" || !wrongFlavour.includes(response.status) || !isInternalRefusal(response)) {
    return { flavour: believed, request, response };
  }
  flavours.forget(scope);
  const flavour = await flavours.current(scope, signal);
  if (flavour === believed) return { flavour, request, response };
  const otherRequest = requestFor(flavour);
  return { flavour, request: otherRequest, response: await client.ask(otherRequest, signal) };
}
