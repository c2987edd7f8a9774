import type { Secret } from "../../support/secret.ts";

/** What a request proves itself with; empty for an anonymous one. */
export interface Credential {
  readonly token?: Secret;
  readonly identity?: ClientIdentity;
}

/** A client certificate and its key, PEM. */
export interface ClientIdentity {
  readonly cert: string;
  readonly key: Secret;
}

/** Where a credential comes from: it may rotate, so each request asks. */
export interface CredentialSource {
  /** @throws {KubernetesError} when there is none. */
  current(signal: AbortSignal): Promise<Credential>;
  /** The server did not accept this credential: the next `current` reads it again, unless that has happened since. */
  refused(credential: Credential): void;
}

/** The same credential forever; none at all for a server that asks for none. */
export function fixedCredential(credential: Credential): CredentialSource {
  return { current: async () => credential, refused: () => {} };
}

/** Several sources side by side, such as a certificate and a token; the first that has a part gives it. */
export function combinedCredentials(sources: readonly CredentialSource[]): CredentialSource {
  return {
    async current(signal) {
      const credentials = await Promise.all(sources.map((source) => source.current(signal)));
      return credentials.reduceRight<Credential>((later, earlier) => ({ ...later, ...earlier }), {});
    },
    refused(credential) {
      for (const source of sources) source.refused(credential);
    },
  };
}
