import type { Credentials } from "../port.ts";

/** Authenticates requests. */
export interface Authorization {
  readonly kind: Credentials["kind"];
  /** The `authorization` header for a request that is sent now. @throws {BitbucketError} when there is none. */
  header(signal: AbortSignal): Promise<string>;
  /** A request with this header was let in. */
  accepted(header: string): void;
  /** A request with this header was refused (401). @returns whether another header may be better: then try once more. */
  refused(header: string): boolean;
  /** Secrets, to take out of what servers echo. */
  secrets(): readonly string[];
}

/** The header of an API token or access token: it never changes. */
export function fixedAuthorization(credentials: Exclude<Credentials, { kind: "oauth-consumer" }>): Authorization {
  const token = credentials.token.reveal();
  const header = credentials.kind === "api-token" ? basic(credentials.email, token) : `Bearer ${token}`;
  return {
    kind: credentials.kind,
    header: () => Promise.resolve(header),
    accepted: () => undefined,
    refused: () => false,
    secrets: () => secretsIn(token, header),
  };
}

/** HTTP Basic. */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
}

/** A secret, and the header that carries it. */
export function secretsIn(secret: string, header: string): readonly string[] {
  return [secret, header.slice(header.indexOf(" ") + 1)];
}
