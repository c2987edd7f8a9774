import type { Send } from "../../http/transport.ts";
import type { ClientIdentity, CredentialSource } from "./credentials.ts";

/** Connections that prove themselves with one identity. */
export interface OpenConnections {
  readonly send: Send;
  close(): Promise<void>;
}

/**
 * Sends over connections that present the current client certificate. When that is renewed, new requests take new connections; what is
 * under way on the old ones may end there, until the renewal after that closes them.
 */
export function rotatingSend(
  open: (identity: ClientIdentity | undefined) => OpenConnections,
  credentials: CredentialSource,
): OpenConnections {
  let latest: { readonly identity: ClientIdentity | undefined; readonly connections: OpenConnections } | undefined;
  let before: OpenConnections | undefined;
  const connectionsFor = async (identity: ClientIdentity | undefined) => {
    if (latest !== undefined && sameIdentity(latest.identity, identity)) return latest.connections;
    const outgoing = before;
    before = latest?.connections;
    latest = { identity, connections: open(identity) };
    const { connections } = latest;
    await outgoing?.close();
    return connections;
  };
  return {
    async send(request) {
      const { identity } = await credentials.current(request.signal ?? new AbortController().signal);
      return (await connectionsFor(identity)).send(request);
    },
    async close() {
      await Promise.all([before?.close(), latest?.connections.close()]);
    },
  };
}

function sameIdentity(a: ClientIdentity | undefined, b: ClientIdentity | undefined): boolean {
  return a?.cert === b?.cert && a?.key.reveal() === b?.key.reveal();
}
