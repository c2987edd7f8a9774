import { createHash } from "node:crypto";
import { base32 } from "../support/base32.ts";
import { isObject, parseJson } from "../support/json.ts";
import type { RemoteRunner } from "./remote-runner.ts";
import { type Scope, scopeUuid } from "./scope.ts";

/** The label that the original puts on every runner it registers, and this program as well. */
export const AUTOSCALER_LABEL = "autoscaler.created";

export const INSTALLATION_LABEL = "runners-autoscaler/installation";
export const GROUP_LABEL = "runners-autoscaler/group";
/** Lets one selector find a scope's Jobs, whatever their group. */
export const SCOPE_LABEL = "runners-autoscaler/scope";
/** The template's own label, without braces. */
export const RUNNER_UUID_LABEL = "runner_uuid";
export const NAME_ANNOTATION = "runners-autoscaler/name";
export const SCOPE_ANNOTATION = "runners-autoscaler/scope";
export const DRAIN_ANNOTATION = "runners-autoscaler/drain";
/** On a Secret that was emptied: ISO 8601. */
export const EMPTIED_ANNOTATION = "runners-autoscaler/emptied-at";
/** On a Job whose registration is gone while its containers still run: since when by Bitbucket's clock, ISO 8601. */
export const UNREGISTERED_ANNOTATION = "runners-autoscaler/registration-gone-at";
/** On a Job whose runner somebody enabled while it was draining: Bitbucket's clock then, ISO 8601. */
export const FREED_ANNOTATION = "runners-autoscaler/enabled-by-hand-at";

/** Bitbucket cuts or refuses longer names. */
const LONGEST_NAME = 50;

/**
 * Names one installation: 8 base32 characters of SHA-256 over the `kube-system` namespace's uid (unique per cluster) and the control
 * namespace's name (unique in it).
 */
export function installationId(kubeSystemUid: string, controlNamespace: string): string {
  return base32(createHash("sha256").update(`${kubeSystemUid}\n${controlNamespace}`).digest()).slice(0, 8);
}

/** Names a group by what it is, not by what it is called: scope uuid and full label set, so that renames change nothing. */
export function groupKey(scope: Scope, labels: readonly string[]): string {
  const text = [scopeUuid(scope), ...[...new Set(labels)].sort()].join("\n");
  return base32(createHash("sha256").update(text).digest()).slice(0, 16);
}

/** Names a scope in a label. */
export function scopeLabel(scope: Scope): string {
  return base32(createHash("sha256").update(scopeUuid(scope)).digest()).slice(0, 16);
}

/** The Bitbucket name of one registration attempt: `<group, shortened> [<installation>-<attempt>]`. */
export function runnerName(groupName: string, installation: string, attempt: string): string {
  const mark = ` [${installation}-${attempt}]`;
  const space = LONGEST_NAME - mark.length;
  return `${[...groupName].slice(0, space).join("").trimEnd()}${mark}`;
}

/** Whether a registration carries this installation's mark: its name and the autoscaler's label together. */
export function carriesMark(runner: Pick<RemoteRunner, "name" | "labels">, installation: string): boolean {
  return runner.name.includes(`[${installation}-`) && runner.labels.includes(AUTOSCALER_LABEL);
}

/** Whether a name carries any installation's mark. */
export function carriesSomeMark(name: string): boolean {
  return /\[[a-z2-7]{8}-[a-z0-9]+\]/.test(name);
}

/** A runner whose objects are to be known as this installation's. */
export interface MarkedRunner {
  readonly installation: string;
  readonly scope: Scope;
  readonly groupKey: string;
  readonly uuid: string;
  /** As registered. */
  readonly name: string;
}

/** What its Job and its Secret carry. */
export interface RunnerMarks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The labels and annotations by which a runner's objects are known as this installation's. */
export function runnerMarks({ installation, scope, groupKey: key, uuid, name }: MarkedRunner): RunnerMarks {
  return {
    labels: {
      [INSTALLATION_LABEL]: installation,
      [GROUP_LABEL]: key,
      [SCOPE_LABEL]: scopeLabel(scope),
      [RUNNER_UUID_LABEL]: bareUuid(uuid),
    },
    annotations: { [NAME_ANNOTATION]: name, [SCOPE_ANNOTATION]: writeScope(scope) },
  };
}

/** Selects this installation's objects: all of them, or those of one scope or one group. */
export function ownSelector(
  installation: string,
  within: { readonly scope?: Scope; readonly groupKey?: string } = {},
): string {
  const { scope, groupKey: key } = within;
  return [
    `${INSTALLATION_LABEL}=${installation}`,
    ...(scope === undefined ? [] : [`${SCOPE_LABEL}=${scopeLabel(scope)}`]),
    ...(key === undefined ? [] : [`${GROUP_LABEL}=${key}`]),
  ].join(",");
}

/** `{uuid}` → `uuid`, as used in object names and labels. */
export function bareUuid(uuid: string): string {
  return uuid.replace(/^\{(.*)\}$/, "$1");
}

/** `uuid` → `{uuid}`, as Bitbucket writes it. */
export function bracedUuid(uuid: string): string {
  return `{${bareUuid(uuid)}}`;
}

/** The Job's name for a runner, as the original names it. */
export function jobName(uuid: string): string {
  return `runner-${bareUuid(uuid)}`;
}

/** The Secret's name for a runner, as the original names it. */
export function secretName(uuid: string): string {
  return `runner-oauth-credentials-${bareUuid(uuid)}`;
}

/** The annotation that tells a later reader where a Job's runner is registered. */
export function writeScope(scope: Scope): string {
  return JSON.stringify(scope);
}

/** Reads {@link writeScope}; undefined for text that is not one. */
export function readScope(text: string | undefined): Scope | undefined {
  if (text === undefined) return undefined;
  const value = parseJson(text);
  if (!isObject(value) || !isNamed(value.workspace)) return undefined;
  if (value.repository === undefined) return { workspace: value.workspace };
  return isNamed(value.repository) ? { workspace: value.workspace, repository: value.repository } : undefined;
}

function isNamed(value: unknown): value is Scope["workspace"] {
  return isObject(value) && typeof value.uuid === "string" && typeof value.slug === "string";
}
