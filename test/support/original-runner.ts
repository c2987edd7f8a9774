import type { SimulatedInstallation } from "../../src/simulation/installation.ts";
import { Secret } from "../../src/support/secret.ts";
import { SHIPPED_TEMPLATE, seedGroup } from "./seed.ts";

const THE_ORIGINAL = { kind: "api", credential: "the original", flavour: "internal" } as const;

/** How a runner of the original differs from the seed's group. */
export interface OriginalOptions {
  /** The whole set, as registered. */
  readonly labels?: readonly string[];
  readonly namespace?: string;
}

/**
 * A runner as the original makes it: registered under the group's bare name, with a Secret that nobody owns and a Job without any mark of
 * ours. Its agent connects by itself.
 *
 * @returns its uuid
 */
export function addOriginalRunner(stage: SimulatedInstallation, options: OriginalOptions = {}): string {
  const { labels = seedGroup().labels, namespace = "default" } = options;
  const workspace = stage.places[0]?.repository.workspace;
  if (workspace === undefined) throw new Error("there is no group whose runner it could be");
  const group = seedGroup({ namespace });
  const registered = stage.bitbucket.runners.register({ workspace }, { name: group.name, labels }, THE_ORIGINAL);
  if ("problem" in registered) throw new Error(registered.problem);
  const { uuid, slug } = workspace;
  const rendered = SHIPPED_TEMPLATE.render({
    group,
    scope: { workspace: { uuid, slug } },
    runnerUuid: registered.uuid,
    oauthClientId: registered.oauthClientId,
    oauthClientSecret: new Secret(registered.oauthClientSecret.reveal()),
    labels: {},
    annotations: {},
  });
  const secret = rendered.secretOwnedBy("none") as { readonly metadata: Readonly<Record<string, unknown>> };
  const { ownerReferences: _, ...metadata } = secret.metadata;
  stage.cluster.create("secrets", namespace, { ...secret, metadata });
  stage.cluster.create("jobs", namespace, rendered.job);
  return registered.uuid;
}

/** The original takes a runner out of service, for its cleaner to delete. */
export function originalDisables(stage: SimulatedInstallation, uuid: string): void {
  const runner = stage.bitbucket.runners.find(uuid);
  if (runner !== undefined) stage.bitbucket.runners.disable(runner, THE_ORIGINAL);
}
