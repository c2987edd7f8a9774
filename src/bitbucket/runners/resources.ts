import * as z from "zod";
import type { Busy, RemoteRunner, RunnerStatus } from "../../domain/remote-runner.ts";

/**
 * A runner as Bitbucket sends it: only the fields used here, unknown ones ignored. What a decision hangs on must have its type; what may be
 * missing may also be null.
 */
export const RunnerResource = z.object({
  uuid: z.string().min(1),
  name: z.string().nullish(),
  labels: z.array(z.string()).nullish(),
  created_on: z.string().nullish(),
  state: z
    .object({
      status: z.string().nullish(),
      cordoned: z.boolean().nullish(),
      updated_on: z.string().nullish(),
      version: z.unknown().optional(),
      step: z.unknown().optional(),
    })
    .nullish(),
});
export type RunnerResource = z.infer<typeof RunnerResource>;

/** The response to a registration: the only one that ever holds the secret. */
export const RegisteredRunner = z.object({
  uuid: z.string().min(1),
  oauth_client: z.object({ id: z.string().min(1), secret: z.string().min(1) }),
});

/** A workspace as Bitbucket sends it. */
export const WorkspaceResource = z.object({ uuid: z.string().min(1), slug: z.string().min(1) });

/** A repository as Bitbucket sends it; `workspace` may be missing or hold less than a {@link WorkspaceResource}. */
export const RepositoryResource = z.object({
  uuid: z.string().min(1),
  slug: z.string().nullish(),
  full_name: z.string().nullish(),
  workspace: z.unknown().optional(),
});

/** What a runner resource leaves open and the rest of the response, or earlier ones, tell. */
export interface ResponseContext {
  /** Steps are shown to us: no step means idle, not unknown. */
  readonly showsSteps: boolean;
}

/** Whether a step runs on the runner, as far as the resource says. */
export function hasStep(resource: RunnerResource): boolean {
  return resource.state?.step !== undefined && resource.state.step !== null;
}

/** A runner in the program's own words. */
export function remoteRunner(resource: RunnerResource, { showsSteps }: ResponseContext): RemoteRunner {
  const status = statusOf(resource.state?.status);
  return {
    uuid: resource.uuid,
    name: resource.name ?? "",
    labels: resource.labels ?? [],
    status,
    cordoned: resource.state?.cordoned ?? false,
    busy: busyOf(resource, showsSteps),
    connected: hasConnected(resource, status),
    createdAt: parseStamp(resource.created_on),
    stateUpdatedAt: parseStamp(resource.state?.updated_on),
  };
}

const STATUSES: ReadonlySet<string> = new Set<RunnerStatus>([
  "UNREGISTERED",
  "ONLINE",
  "OFFLINE",
  "DISABLED",
  "ENABLED",
  "UNHEALTHY",
]);

function isStatus(status: string): status is RunnerStatus {
  return STATUSES.has(status);
}

function statusOf(status: string | null | undefined): RunnerStatus {
  return status !== undefined && status !== null && isStatus(status) ? status : "OTHER";
}

function busyOf(resource: RunnerResource, showsSteps: boolean): Busy {
  if (hasStep(resource)) return "busy";
  return showsSteps ? "idle" : "unknown";
}

/**
 * Bitbucket shows a version from the first contact on; some statuses and a step come from agents only. DISABLED and ENABLED are set by
 * people, also on runners that never connected.
 */
function hasConnected(resource: RunnerResource, status: RunnerStatus): boolean {
  if (status === "ONLINE" || status === "OFFLINE" || status === "UNHEALTHY" || hasStep(resource)) return true;
  const version = resource.state?.version;
  if (typeof version !== "object" || version === null) return typeof version === "string" && version !== "";
  // `current` is the version that Bitbucket recommends; only `version` is the agent's.
  return "version" in version && typeof version.version === "string" && version.version !== "";
}

/**
 * Milliseconds since the epoch of one of Bitbucket's stamps, which carry up to nanoseconds (`2026-11-23T10:00:00.123456789Z`) and may come
 * without a zone, then UTC is meant. Undefined when there is none that can be read.
 */
export function parseStamp(stamp: string | null | undefined): number | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)?(Z|[+-]\d\d:?\d\d)?$/i.exec(stamp ?? "");
  if (parts === null) return undefined;
  const [, date, time, fraction = "0", zone = "Z"] = parts;
  const offset = zone.toUpperCase() === "Z" ? "Z" : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const at = Date.parse(`${date}T${time}.${fraction.padEnd(3, "0")}${offset}`);
  return Number.isNaN(at) ? undefined : at;
}
