import { dirname, resolve } from "node:path";
import * as z from "zod";
import { isObject } from "../../support/json.ts";
import { Lines } from "../../support/lines.ts";
import { shown, shownNames } from "../../support/shown.ts";
import { documentsIn } from "../../yaml/document.ts";
import { YAML_PROBLEM_KINDS } from "../../yaml/problem.ts";
import { contentOf, PlainScalar } from "../../yaml/tree.ts";
import { KubernetesError } from "../errors.ts";

/** What YAML takes for a number or a boolean counts as the text that was written. Empty is absent. */
const text = z
  .union([z.string(), z.instanceof(PlainScalar)])
  .nullish()
  .transform((value) => (value instanceof PlainScalar ? value.source : value || undefined));

const flag = z
  .instanceof(PlainScalar)
  .refine(({ value }) => typeof value === "boolean")
  .nullish()
  .transform((scalar) => scalar?.value === true);

/** Anything: handed on as it is. */
const anything = z.unknown().transform(plainValue);

function plainValue(content: unknown): unknown {
  if (content instanceof PlainScalar) return content.value;
  if (Array.isArray(content)) return content.map(plainValue);
  if (!isObject(content)) return content;
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, plainValue(value)]));
}

/** Lists may be absent or null. */
function listOf<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
}

/** The fields of https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ that this program uses, or must refuse. */
const Cluster = z.object({
  server: text,
  "certificate-authority": text,
  "certificate-authority-data": text,
  "insecure-skip-tls-verify": flag,
  "tls-server-name": text,
  "proxy-url": text,
  extensions: listOf(z.object({ name: z.string(), extension: anything.optional() })),
});

const Exec = z.object({
  apiVersion: text,
  command: text,
  args: listOf(text.transform((value) => value ?? "")),
  env: listOf(z.object({ name: z.string(), value: text })),
  installHint: text,
  provideClusterInfo: flag,
  interactiveMode: text,
});

const User = z.object({
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  as: text,
  "auth-provider": z.unknown().optional(),
  exec: Exec.nullish(),
});

const Context = z.object({ cluster: text, user: text, namespace: text });

const File = z.object({
  "current-context": text,
  clusters: listOf(z.object({ name: text, cluster: Cluster.nullish() })),
  users: listOf(z.object({ name: text, user: User.nullish() })),
  contexts: listOf(z.object({ name: text, context: Context.nullish() })),
});

/** A cluster, as a kubeconfig describes it. */
export type ClusterEntry = z.infer<typeof Cluster>;
/** A user, as a kubeconfig describes it. */
export type UserEntry = z.infer<typeof User>;
type ContextEntry = z.infer<typeof Context>;
/** A user's credential plugin, as a kubeconfig describes it. */
export type ExecEntry = z.infer<typeof Exec>;

/** What one file, or several merged, say. Paths in it are absolute, or relative to the working directory. */
export interface Kubeconfig {
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
}

/**
 * Reads one kubeconfig's text (YAML or JSON). Relative paths in it are relative to its own folder.
 *
 * @throws {KubernetesError} with path and line; never quotes the text, which holds credentials.
 */
export function parseKubeconfig(source: string, path: string): Kubeconfig {
  const [document, second] = documentsIn(source);
  const lineAt = (offset: number) => `${shown(path)}:${new Lines(source).placeOf(offset).line}`;
  const [problem] = document?.problems ?? [];
  if (problem !== undefined) throw flawed(lineAt(problem.offset), YAML_PROBLEM_KINDS[problem.kind]);
  if (second !== undefined) throw flawed(lineAt(second.start), "a second YAML document begins there");
  const file = File.safeParse(document?.tree === undefined ? {} : (contentOf(document.tree) ?? {}));
  if (!file.success) {
    const fields = file.error.issues.map(({ path: at }) => at.join(".") || "the whole file");
    throw flawed(shown(path), `not what it should be: ${shownNames(fields, fields.length)}`);
  }
  const { clusters, users, contexts } = file.data;
  const at = (relative: string | undefined) => relative && resolve(dirname(path), relative);
  return {
    currentContext: file.data["current-context"],
    clusters: firstByName(clusters.map(({ name, cluster }) => [name, cluster && clusterAt(cluster, at)])),
    users: firstByName(users.map(({ name, user }) => [name, user && userAt(user, at)])),
    contexts: firstByName(contexts.map(({ name, context }) => [name, context])),
  };
}

/** Several files as one: for each name, and for the current context, the first file that has it counts, with all it says. */
export function mergeKubeconfigs(files: readonly Kubeconfig[]): Kubeconfig {
  return {
    currentContext: files.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
    clusters: firstByName(files.flatMap(({ clusters }) => [...clusters])),
    users: firstByName(files.flatMap(({ users }) => [...users])),
    contexts: firstByName(files.flatMap(({ contexts }) => [...contexts])),
  };
}

function firstByName<T>(entries: readonly (readonly [string | undefined, T | null | undefined])[]): Map<string, T> {
  const map = new Map<string, T>();
  for (const [name, value] of entries) {
    if (name !== undefined && value != null && !map.has(name)) map.set(name, value);
  }
  return map;
}

type At = (path: string | undefined) => string | undefined;

function clusterAt(cluster: ClusterEntry, at: At): ClusterEntry {
  return { ...cluster, "certificate-authority": at(cluster["certificate-authority"]) };
}

function userAt(user: UserEntry, at: At): UserEntry {
  return {
    ...user,
    "client-certificate": at(user["client-certificate"]),
    "client-key": at(user["client-key"]),
    tokenFile: at(user.tokenFile),
    // A bare name is looked up on the PATH.
    exec: user.exec && {
      ...user.exec,
      command: user.exec.command?.includes("/") ? at(user.exec.command) : user.exec.command,
    },
  };
}

function flawed(where: string, what: string): KubernetesError {
  return new KubernetesError(
    `The kubeconfig ${where} cannot be used: ${what}`,
    "Correct the file; `kubectl config view` shows how kubectl reads it.",
  );
}
