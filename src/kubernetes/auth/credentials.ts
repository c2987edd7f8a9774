import type { Secret } from "../../support/secret.ts";

/** What a request proves itself with; empty for an anonymous one. */
export interface Proof {
  readonly token?: Secret;
  readonly identity?: ClientIdentity;
}

/** A client certificate and its key, PEM. */
export interface ClientIdentity {
  readonly cert: string;
  readonly key: Secret;
}

/** Where proofs come from: they may rotate, so each request asks. */
export interface Credentials {
  /** @throws {KubernetesError} when there is none to be had. */
  current(signal: AbortSignal): Promise<Proof>;
  /** The server did not accept this proof: the next `current` reads it anew, unless that has happened since. */
  refused(proof: Proof): void;
}

/** The same proof for ever; none at all for a server that asks for none. */
export function fixedCredentials(proof: Proof): Credentials {
  return { current: async () => proof, refused: () => {} };
}

/** Several sources side by side, such as a certificate and a token; the first that has a part gives it. */
export function combinedCredentials(sources: readonly Credentials[]): Credentials {
  return {
    async current(signal) {
      const proofs = await Promise.all(sources.map((source) => source.current(signal)));
      return proofs.reduceRight<Proof>((later, earlier) => ({ ...later, ...earlier }), {});
    },
    refused(proof) {
      for (const source of sources) source.refused(proof);
    },
  };
}
