import { type Random, randomName } from "../../../support/random.ts";
import { basicCredentials, type Credentials } from "../credentials.ts";
import { jsonReply, type Reply } from "./replies.ts";

/** `POST /site/oauth2/access_token`: client credentials for a token. Its errors are those of OAuth 2, not of the API. */
export function tokenReply(
  request: { readonly method: string; readonly authorization: string | undefined; readonly body: string },
  credentials: Credentials,
  random: Random,
): Reply {
  if (request.method !== "POST") return refused(405, "invalid_request", "Only POST is served here.");
  const client = basicCredentials(request.authorization);
  if (client === undefined) return refused(400, "invalid_request", "The client's credentials are missing.");
  if (new URLSearchParams(request.body).get("grant_type") !== "client_credentials") {
    return refused(400, "unsupported_grant_type", "Unsupported grant type");
  }
  const grant = credentials.grant(...client);
  if (!grant.granted) return refused(grant.status, grant.error, grant.description);
  return jsonReply(200, {
    scopes: grant.scopes.join(" "),
    access_token: grant.token.reveal(),
    expires_in: Math.floor(grant.lifeMs / 1_000),
    token_type: "bearer",
    state: "client_credentials",
    refresh_token: randomName(random, 18),
  });
}

function refused(status: number, error: string, description: string): Reply {
  return jsonReply(status, { error, error_description: description });
}
