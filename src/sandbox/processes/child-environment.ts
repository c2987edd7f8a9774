import { ANCHOR_VARIABLE, type Anchor } from "../../support/clock.ts";
import type { Secret } from "../../support/secret.ts";

/** What controller and cleaner find in their environment. */
export interface ChildSurroundings {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly bitbucketUrl: string;
  readonly kubeconfig: string;
  readonly anchor: Anchor;
  /** Of the sandbox's own environment: what has nothing to do with where and as whom the processes work. */
  readonly kept: Readonly<Record<string, string>>;
}

/** The environment of an ordinary installation, pointed at both simulated servers, and nothing else: no proxy, no other credentials. */
export function childEnvironment(surroundings: ChildSurroundings): Readonly<Record<string, string>> {
  const { clientId, clientSecret, bitbucketUrl, kubeconfig, anchor, kept } = surroundings;
  return {
    ...kept,
    BITBUCKET_OAUTH_CLIENT_ID: clientId,
    BITBUCKET_OAUTH_CLIENT_SECRET: clientSecret.reveal(),
    ...bitbucketAddress(bitbucketUrl),
    KUBECONFIG: kubeconfig,
    [ANCHOR_VARIABLE]: JSON.stringify(anchor),
  };
}

/** The variables that point the program at another Bitbucket than the real one. */
export function bitbucketAddress(url: string): Readonly<Record<string, string>> {
  return { BITBUCKET_API_URL: url, BITBUCKET_OAUTH_TOKEN_URL: `${url}/site/oauth2/access_token` };
}
