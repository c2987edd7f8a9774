import type { ProxyEnvironment } from "../../http/proxy.ts";
import type { CredentialSource } from "./credentials.ts";

/** Everything it takes to reach a cluster, wherever that was written down. */
export interface ClusterAccess {
  /** The API server's URL. */
  readonly server: string;
  readonly tls: TlsTrust;
  /** URL of an HTTP proxy, or what the environment says of proxies. */
  readonly proxy: string | ProxyEnvironment | undefined;
  readonly credentials: CredentialSource;
  /** The namespace that the context (or the pod) is in. */
  readonly namespace: string | undefined;
  /** For people: where this was found. */
  readonly describe: string;
}

/** How the server has to prove itself. */
export interface TlsTrust {
  /** PEM of the authorities to trust, instead of the public ones. */
  readonly ca?: string;
  /** The name to expect in the certificate, when it is not the URL's host. */
  readonly serverName?: string;
  readonly skipTlsVerify?: true;
}
