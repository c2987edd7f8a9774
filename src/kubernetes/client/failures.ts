import { retryAfterMs, TransportError } from "../../http/transport.ts";
import { messageOf } from "../../support/errors.ts";
import { describeTarget, SECRETS, type Target } from "./kind.ts";
import { RequestError } from "./request-error.ts";
import { objectedFields, readStatus, type Status } from "./status.ts";

/** Kubernetes asks for patience in seconds; nothing that it guards needs longer. */
const LONGEST_RETRY_AFTER_MS = 300_000;

/** What a response that is no success means. `body`: its JSON, when it is JSON. */
export function refusal(
  target: Target,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): RequestError {
  const said = readStatus(body);
  return new RequestError(
    `Kubernetes ${status >= 500 ? "failed" : "refused"} to ${describeTarget(target)}: ${summary(target, status, said)}`,
    remedyFor(target, status, said),
    { status, said, retryAfterMs: retryAfterMs(headers, LONGEST_RETRY_AFTER_MS), ...meaning(target, status, said) },
  );
}

/** No complete response: the connection failed, the time ran out, or what came was cut or no JSON. */
export function noResponse(target: Target, server: string, cause: unknown): RequestError {
  const text = messageOf(cause);
  const sent = cause instanceof TransportError ? cause.sent : "maybe";
  const aboutTls = /CERT|SELF_SIGNED|ERR_TLS|ALERT|EPROTO/i.test(text);
  return new RequestError(
    `Kubernetes gave no usable answer to ${describeTarget(target)}: ${text}`,
    aboutTls
      ? `Check that certificate-authority(-data), tls-server-name and the client certificate of the kubeconfig (in a pod: the service account's ca.crt) belong to ${server}.`
      : `Check that the API server at ${server} is up and can be reached from here; check proxies and network policies too.`,
    { outcome: sent === "no" ? "refused" : "unknown", transient: true, cause },
  );
}

function meaning(
  { verb }: Target,
  status: number,
  said: Status | undefined,
): Pick<RequestError, "outcome" | "transient"> {
  if (status === 429) return { outcome: "refused", transient: true };
  if (status >= 500) return { outcome: "unknown", transient: true };
  // A creation that conflicts raced with another one for the record of a ResourceQuota: nothing was made, and it may be tried again.
  return { outcome: "refused", transient: verb === "create" && status === 409 && said?.reason === "Conflict" };
}

/** The server's own words; for Secrets only its codes and field names, since some servers quote what they could not read. */
function summary({ kind }: Target, status: number, said: Status | undefined): string {
  const reason = [status, said?.reason].filter((part) => part !== undefined && part !== "").join(" ");
  const fields = objectedFields(said);
  const quotesBody = kind.resource === SECRETS.resource && (status === 400 || status === 422 || status >= 500);
  const words = quotesBody ? fields.join(", ") : said?.message;
  return words === undefined || words === "" ? reason : `${reason}: ${words}`;
}

function remedyFor(target: Target, status: number, said: Status | undefined): string {
  const words = said?.message ?? "";
  const at = target.namespace === undefined ? "the cluster" : `namespace "${target.namespace}"`;
  switch (status) {
    case 401:
      return "Check the token or client certificate that this program runs with: it is unknown to the API server, or has expired.";
    case 403:
      if (words.includes("exceeded quota"))
        return `Raise the ResourceQuota of ${at}, or lower the group's max or resources.`;
      if (words.includes("is being terminated"))
        return `Wait until ${at} is gone, or give the group another namespace.`;
      if (words.includes("denied the request"))
        return `Ask the owner of the admission webhook, or change the job template so that it passes.`;
      return `Grant it: add apiGroups: ["${target.kind.group}"], resources: ["${target.kind.resource}"], verbs: ["${target.verb}"] to the ${
        target.namespace === undefined ? "ClusterRole" : `ClusterRole (or a Role in ${at})`
      } of the account that this program runs as.`;
    case 404:
      return said?.details?.kind === "namespaces"
        ? `Create ${at}, or correct the group's namespace.`
        : "Check that the server's URL is that of a Kubernetes API server, with its path if it has one.";
    case 400:
    case 422:
      return "Correct the job template: the server objects to the fields named above.";
    case 429:
      return "The API server is overloaded or limits this client; the request is retried later.";
    default:
      return status >= 500
        ? "Look at the API server's health and log; the request is retried later."
        : "Check that the server's URL is that of a Kubernetes API server, with its path if it has one.";
  }
}
