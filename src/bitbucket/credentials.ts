import type { Secret } from "../support/secret.ts";

/** What Bitbucket knows this installation by: exactly one of its three ways to authenticate. */
export type Credentials =
  | { readonly kind: "oauth-consumer"; readonly clientId: string; readonly clientSecret: Secret }
  | { readonly kind: "api-token"; readonly email: string; readonly token: Secret }
  | { readonly kind: "access-token"; readonly token: Secret };
