import type { BitbucketWorld } from "../bitbucket/world.ts";
import type { KubeObject } from "../kubernetes/objects.ts";

/** What is on one side only. Names, for people. */
export interface Leftovers {
  /** Registrations of the program without a Job. */
  readonly registrations: readonly string[];
  /** Jobs of the program without a registration. */
  readonly jobs: readonly string[];
  /** Runners' Secrets without a Job. */
  readonly secrets: readonly string[];
}

/** Compares both worlds as they are now. @param mark the text between `[` and `-` in the names of the program's runners */
export function leftovers(
  bitbucket: BitbucketWorld,
  jobs: readonly KubeObject[],
  secrets: readonly KubeObject[],
  mark: string,
): Leftovers {
  const uuidOf = (name: string, prefix: string) =>
    name.startsWith(prefix) ? `{${name.slice(prefix.length)}}` : undefined;
  const runners = bitbucket.glance().filter((runner) => runner.name.includes(`[${mark}-`));
  const registered = new Set(bitbucket.glance().map((runner) => runner.uuid));
  const withJob = new Set(jobs.flatMap((job) => uuidOf(job.metadata.name, "runner-") ?? []));
  return {
    registrations: runners.filter((runner) => !withJob.has(runner.uuid)).map((runner) => runner.name),
    jobs: jobs
      .map((job) => job.metadata.name)
      .filter((name) => name.startsWith("runner-") && !registered.has(uuidOf(name, "runner-") ?? "")),
    secrets: secrets
      .map((secret) => secret.metadata.name)
      .filter(
        (name) =>
          name.startsWith("runner-oauth-credentials-") && !withJob.has(uuidOf(name, "runner-oauth-credentials-") ?? ""),
      ),
  };
}
