import { parseJson } from "../../support/json.ts";
import { Secret } from "../../support/secret.ts";
import { UnexpectedResponse } from "../errors.ts";
import { type ApiRequest, type BitbucketClient, isSuccess, type Outcome, requestName } from "../http/client.ts";
import type { ApiResponse } from "../http/send-once.ts";
import type { Registration } from "../port.ts";
import { RegisteredRunner } from "./resources.ts";

/**
 * The outcome of a registration's one request. Only a clear 4xx, or a request that certainly never left, says that there is no runner. A 408
 * is not clear: it comes from a server that waited, and not always for the request's own end.
 */
export function registrationFrom(client: BitbucketClient, request: ApiRequest, outcome: Outcome): Registration {
  if (outcome.kind === "failed") {
    const { error, mayHaveActed, sentAt } = outcome;
    return mayHaveActed ? { kind: "unresolved", error, sentAt } : { kind: "refused", error };
  }
  const { response } = outcome;
  if (isSuccess(response)) return registered(request, response);
  const error = client.failure(request, response);
  const isClear = response.status >= 400 && response.status <= 499 && response.status !== 408;
  return isClear ? { kind: "refused", error } : { kind: "unresolved", error, sentAt: response.sentAt };
}

function registered(request: ApiRequest, response: ApiResponse): Registration {
  const parsed = RegisteredRunner.safeParse(parseJson(response.text));
  if (!parsed.success) {
    // Nothing of the body goes into the message: it may hold the secret.
    const error = new UnexpectedResponse(requestName(request), "a registration without uuid or OAuth client");
    return { kind: "unresolved", error, sentAt: response.sentAt };
  }
  const { uuid, oauth_client: client } = parsed.data;
  return { kind: "registered", uuid, oauthClientId: client.id, oauthClientSecret: new Secret(client.secret) };
}
