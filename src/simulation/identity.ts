import { installationId } from "../domain/mark.ts";
import type { Consumer } from "../simulator/bitbucket/credentials.ts";
import type { KubernetesWorld } from "../simulator/kubernetes/world.ts";

/** Where the program runs in a real cluster; its name is a part of the installation's mark. */
export const CONTROL_NAMESPACE = "bitbucket-runner-control-plane";

/** What the program logs in with at the simulated Bitbucket, where no other is made for the occasion. */
export const CONSUMER: Consumer = documentedConsumer("gke-runner-autoscaler", "planted-consumer-secret");

/** An OAuth consumer set up as the documentation says. */
export function documentedConsumer(id: string, secret: string): Consumer {
  return {
    id,
    secret,
    privacy: "private",
    callbackUrl: "https://bitbucket.org",
    scopes: ["account", "repository", "pipeline:write", "runner:write"],
    admin: true,
  };
}

/** The mark of the program in that cluster: what stands between `[` and `-` in its runners' names. */
export function installationOf(cluster: KubernetesWorld): string {
  const kubeSystem = cluster.get("namespaces", undefined, "kube-system");
  return installationId(kubeSystem?.metadata.uid ?? "", CONTROL_NAMESPACE);
}
