import { parseJson } from "../../support/json.ts";
import { Secret } from "../../support/secret.ts";
import { UnexpectedReply } from "../errors.ts";
import { type Call, type Client, isSuccess, requestName } from "../http/client.ts";
import type { Lost, Reply } from "../http/send-once.ts";
import type { Registration } from "../port.ts";
import { RegisteredRunner } from "./resources.ts";

/**
 * What a registration's one request came to. Only a clear 4xx, or a request that certainly never left, says that there is no runner. A 408
 * is not clear: it comes from a server that waited, and not always for the request's own end.
 */
export function registrationFrom(client: Client, call: Call, outcome: Reply | Lost): Registration {
  if ("lost" in outcome) {
    return outcome.lost.sent === "no"
      ? { kind: "refused", error: outcome.lost }
      : { kind: "unresolved", error: outcome.lost, sentAt: outcome.sentAt };
  }
  if (isSuccess(outcome)) return made(call, outcome);
  const error = client.failure(call, outcome);
  const isClear = outcome.status >= 400 && outcome.status <= 499 && outcome.status !== 408;
  return isClear ? { kind: "refused", error } : { kind: "unresolved", error, sentAt: outcome.sentAt };
}

function made(call: Call, reply: Reply): Registration {
  const parsed = RegisteredRunner.safeParse(parseJson(reply.text));
  if (!parsed.success) {
    // Nothing of the body goes into the message: it may hold the secret.
    const error = new UnexpectedReply(requestName(call), "a registration without uuid or OAuth client");
    return { kind: "unresolved", error, sentAt: reply.sentAt };
  }
  const { uuid, oauth_client: client } = parsed.data;
  return { kind: "registered", uuid, oauthClientId: client.id, oauthClientSecret: new Secret(client.secret) };
}
