import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const CONTROL_PLANE = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;

/** Where each program of a real control plane is, and a kubectl to talk to it. */
export type KubeAssets = Readonly<Record<(typeof CONTROL_PLANE)[number] | "kubectl", string>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where `npm run kube:install` puts the programs. */
const INSTALLED = fileURLToPath(new URL("../../.kube/bin", import.meta.url));

/**
 * The programs of a real control plane: from `KUBEBUILDER_ASSETS`, else from where `npm run kube:install` put them. Undefined when one is
 * missing, or kubectl is: the tests that need them are then skipped, and counted as skipped.
 */
export function findKubeAssets(env: Environment): KubeAssets | undefined {
  const kubectl = findKubectl(env);
  const folder = assetFolders(env).find((each) => CONTROL_PLANE.every((program) => isExecutable(join(each, program))));
  if (kubectl === undefined || folder === undefined) return undefined;
  const programs = CONTROL_PLANE.map((program) => [program, join(folder, program)] as const);
  return { kubectl, ...Object.fromEntries(programs) } as KubeAssets;
}

/** kubectl: among the control plane's programs, else on the PATH. */
export function findKubectl(env: Environment): string | undefined {
  return [...assetFolders(env), ...(env.PATH ?? "").split(delimiter)]
    .map((folder) => join(folder, "kubectl"))
    .find(isExecutable);
}

function assetFolders(env: Environment): string[] {
  return [env.KUBEBUILDER_ASSETS ?? "", INSTALLED].filter((folder) => folder !== "");
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
