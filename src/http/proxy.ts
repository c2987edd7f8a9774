import { BlockList, isIP } from "node:net";
import { UsageError, UsageErrors } from "../support/errors.ts";

/** What the environment says about proxies: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, or the same in lower case. */
export interface ProxyEnvironment {
  /** For `http:` URLs. */
  readonly httpProxy?: string;
  /** For `https:` URLs. */
  readonly httpsProxy?: string;
  /** Hosts that are reached directly, as {@link proxyFor} reads them. */
  readonly noProxy?: string;
}

/**
 * The proxies that an environment names; the lower-case variable wins, an empty one is none.
 *
 * @throws {UsageError} with the variable's name (not its value, which may hold a password) when it is not the address of a proxy.
 */
export function proxyEnvironment(environment: Readonly<Record<string, string | undefined>>): ProxyEnvironment {
  const read = (name: string) => environment[name.toLowerCase()] ?? environment[name] ?? "";
  const [http, https] = [proxyUrl("HTTP_PROXY", read("HTTP_PROXY")), proxyUrl("HTTPS_PROXY", read("HTTPS_PROXY"))];
  const wrong = [http, https].filter((proxy) => proxy instanceof UsageError);
  if (wrong[0] !== undefined) throw wrong.length === 1 ? wrong[0] : new UsageErrors(wrong);
  const [httpProxy, httpsProxy] = [http, https].map((proxy) => (proxy instanceof UsageError ? undefined : proxy));
  return {
    ...(httpProxy !== undefined && { httpProxy }),
    ...(httpsProxy !== undefined && { httpsProxy }),
    noProxy: read("NO_PROXY"),
  };
}

/**
 * The proxy for a URL, or undefined when it is reached directly.
 *
 * `noProxy` is a list, separated by commas or spaces, of host names (which stand for their subdomains too, with or without a leading `.` or
 * `*.`), addresses, address ranges (`10.0.0.0/8`, as cluster users write it), each with an optional `:port`; `*` stands for everything.
 * This machine itself is never reached through a proxy. (undici's own `EnvHttpProxyAgent` knows no ranges.)
 */
export function proxyFor(url: string, environment: ProxyEnvironment): string | undefined {
  const { protocol, hostname, port } = new URL(url);
  const proxy = protocol === "https:" ? environment.httpsProxy : environment.httpProxy;
  if (proxy === undefined) return undefined;
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (isThisMachine(host)) return undefined;
  const target = { host, port: port === "" ? (protocol === "https:" ? "443" : "80") : port };
  const entries = (environment.noProxy ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  return entries.some((entry) => covers(entry.toLowerCase(), target)) ? undefined : proxy;
}

function proxyUrl(variable: string, value: string): string | UsageError | undefined {
  const trimmed = value.trim();
  if (trimmed === "") return undefined;
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    return new UsageError(
      `${variable} is not the address of a proxy.`,
      "Give it as http://host:port or https://host:port, or unset it.",
    );
  }
  return url;
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function covers(entry: string, target: { readonly host: string; readonly port: string }): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return rangeHolds(entry, target.host);
  const [, name = "", port] = /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  if (port !== undefined && port !== target.port) return false;
  const host = name.replace(/^\*?\./, "").replace(/^\[|\]$/g, "");
  return host !== "" && (target.host === host || target.host.endsWith(`.${host}`));
}

function rangeHolds(range: string, host: string): boolean {
  const [network = "", bits = ""] = range.split("/");
  const family = isIP(network);
  const prefix = /^\d+$/.test(bits) ? Number(bits) : Number.NaN;
  if (family === 0 || isIP(host) !== family || !(prefix <= (family === 4 ? 32 : 128))) return false;
  const list = new BlockList();
  const type = family === 4 ? "ipv4" : "ipv6";
  list.addSubnet(network, prefix, type);
  return list.check(host, type);
}
