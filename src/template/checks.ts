import { bracedUuid, jobName, secretName } from "../domain/mark.ts";
import { isObject } from "../support/json.ts";
import type { Path } from "../yaml/tree.ts";
import { listAt, objectAt, valueAt } from "./kube-object.ts";
import { labelFault } from "./label-syntax.ts";
import type { Fault, Manifest, Manifests } from "./manifests.ts";
import type { Variables } from "./variables.ts";

/** What this program itself puts on the objects. */
export interface OwnMarks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The labels that a template must set, on the Secret and on the pod; on the Job it may. Their values are known. */
const KNOWN_LABELS = ["account_uuid", "runner_uuid", "runner_namespace"] as const;
const CREDENTIAL_KEYS = ["oauth_client_id", "oauth_client_secret"];
const POD = ["spec", "template"];
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Everything about the Secret and the Job that would keep the runner from working, or this program from finding them again. */
export function faultsOf({ secret, job }: Manifests, variables: Variables, own: OwnMarks): Fault[] {
  const uuid = variables.runner_uuid ?? "";
  return [
    ...identity(secret, "v1", secretName(uuid), variables),
    ...requiredLabels(secret, ["metadata", "labels"], variables),
    ...otherLabels(secret, ["metadata", "labels"], own),
    ...annotations(secret, own),
    ...credentials(secret),
    ...identity(job, "batch/v1", jobName(uuid), variables),
    ...sameLabels(job, ["metadata", "labels"], variables),
    ...otherLabels(job, ["metadata", "labels"], own),
    ...annotations(job, own),
    ...requiredLabels(job, [...POD, "metadata", "labels"], variables),
    ...otherLabels(job, [...POD, "metadata", "labels"], own),
    ...oneAgent(job, uuid),
  ];
}

function identity(
  manifest: Manifest,
  apiVersion: string,
  name: string,
  { runner_namespace: namespace }: Variables,
): Fault[] {
  return [
    ...expect(manifest, ["apiVersion"], [apiVersion]),
    ...expect(manifest, ["metadata", "name"], [name]),
    ...(valueAt(manifest.object, ["metadata", "namespace"]) === undefined
      ? []
      : expect(manifest, ["metadata", "namespace"], [namespace ?? ""])),
  ];
}

function requiredLabels(manifest: Manifest, path: Path, variables: Variables): Fault[] {
  return KNOWN_LABELS.flatMap((label) => expect(manifest, [...path, label], [variables[label] ?? ""]));
}

function sameLabels(manifest: Manifest, path: Path, variables: Variables): Fault[] {
  const given = KNOWN_LABELS.filter((label) => valueAt(manifest.object, [...path, label]) !== undefined);
  return given.flatMap((label) => expect(manifest, [...path, label], [variables[label] ?? ""]));
}

function otherLabels(manifest: Manifest, path: Path, own: OwnMarks): Fault[] {
  return eachOf(manifest, path, (key, value) =>
    isKnownLabel(key) ? undefined : (labelFault(key, value) ?? clash("label", key, value, own.labels)),
  );
}

function isKnownLabel(key: string): boolean {
  return (KNOWN_LABELS as readonly string[]).includes(key);
}

function annotations(manifest: Manifest, own: OwnMarks): Fault[] {
  return eachOf(manifest, ["metadata", "annotations"], (key, value) =>
    value === null || typeof value === "string"
      ? clash("annotation", key, value, own.annotations)
      : `the annotation "${key}" is not text`,
  );
}

/** What is wrong with each entry of a map that may be absent. */
function eachOf(manifest: Manifest, path: Path, wrong: (key: string, value: unknown) => string | undefined): Fault[] {
  const map = valueAt(manifest.object, path) ?? {};
  if (!isObject(map)) return [{ message: `${path.join(".")} is not a map`, offset: manifest.offsetOf(path) }];
  return Object.entries(map).flatMap(([key, value]) => {
    const message = wrong(key, value);
    return message === undefined ? [] : [{ message, name: key, offset: manifest.offsetOf([...path, key]) }];
  });
}

function clash(what: string, key: string, value: unknown, own: Readonly<Record<string, string>>): string | undefined {
  if (!Object.hasOwn(own, key) || own[key] === value) return undefined;
  return `the ${what} "${key}" is set by this program itself: remove it from the template`;
}

function credentials(secret: Manifest): Fault[] {
  const data = objectAt(secret.object, ["data"]);
  const missing = CREDENTIAL_KEYS.filter((key) => {
    const given = valueAt(data, [key]) ?? valueAt(secret.object, ["stringData", key]);
    return typeof given !== "string" || given === "";
  });
  // Kubernetes, too, ignores line ends in base64.
  const isBase64 = (value: unknown) => typeof value === "string" && BASE64.test(value.replace(/[\r\n]/g, ""));
  const unreadable = Object.entries(data).filter(([, value]) => value !== null && !isBase64(value));
  return [
    ...missing.map((key) => ({
      message: `the Secret's data lacks "${key}": <%${key}_base64%>`,
      name: key,
      offset: secret.offsetOf(["data"]),
    })),
    ...unreadable.map(([key]) => ({
      message: `the Secret's data has a value under "${key}" that is not base64`,
      name: key,
      offset: secret.offsetOf(["data", key]),
    })),
  ];
}

/** A Job that runs one agent at a time, as this runner. */
function oneAgent(job: Manifest, uuid: string): Fault[] {
  const containers: Path = [...POD, "spec", "containers"];
  const value = bracedUuid(uuid);
  const named = listAt(job.object, containers).some((container) =>
    listAt(container, ["env"]).some(
      (entry) => isObject(entry) && entry.name === "RUNNER_UUID" && entry.value === value,
    ),
  );
  const single = (["parallelism", "completions"] as const).filter(
    (field) => (valueAt(job.object, ["spec", field]) ?? 1) !== 1,
  );
  return [
    ...expect(job, [...POD, "spec", "restartPolicy"], ["OnFailure", "Never"]),
    ...(named
      ? []
      : [
          {
            message: 'no container has the env RUNNER_UUID with the value "{<%runner_uuid%>}"',
            name: "RUNNER_UUID",
            offset: job.offsetOf(containers),
          },
        ]),
    ...single.map((field) => ({
      message: `spec.${field} must be 1: two agents with one registration stop each other`,
      name: field,
      offset: job.offsetOf(["spec", field]),
    })),
  ];
}

function expect(manifest: Manifest, path: Path, allowed: readonly string[]): Fault[] {
  const value = valueAt(manifest.object, path);
  if (typeof value === "string" && allowed.includes(value)) return [];
  const kind = String(manifest.object.kind);
  const wanted = allowed.map((each) => `"${each}"`).join(" or ");
  const found = typeof value === "string" ? `is "${value}"` : value === undefined ? "is missing" : "is not text";
  return [
    {
      message: `the ${kind}'s ${path.join(".")} ${found}; it must be ${wanted}`,
      name: String(path.at(-1)),
      offset: manifest.offsetOf(path),
    },
  ];
}
