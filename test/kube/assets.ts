import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const CONTROL_PLANE = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;
type Program = (typeof CONTROL_PLANE)[number] | "kubectl";

/** Where each program of a real control plane is, and a kubectl to talk to it. */
export type KubeAssets = Readonly<Record<Program, string>>;

/** Where `npm run kube:install` puts the programs. */
const INSTALLED = fileURLToPath(new URL("../../.kube/bin", import.meta.url));

/**
 * The programs of a real control plane: from `KUBEBUILDER_ASSETS`, else from where `npm run kube:install` put them; kubectl may also be on
 * the PATH. Undefined when one is missing: the tests that need it are then skipped, and counted as skipped.
 */
export function findKubeAssets(env: Readonly<Record<string, string | undefined>>): KubeAssets | undefined {
  for (const folder of [env.KUBEBUILDER_ASSETS, INSTALLED]) {
    if (folder === undefined || folder === "") continue;
    const kubectl = firstExecutable("kubectl", [folder, ...(env.PATH ?? "").split(delimiter)]);
    const paths = CONTROL_PLANE.map((program) => firstExecutable(program, [folder]));
    if (kubectl === undefined || paths.includes(undefined)) continue;
    return Object.fromEntries([
      ["kubectl", kubectl],
      ...CONTROL_PLANE.map((program) => [program, join(folder, program)]),
    ]) as KubeAssets;
  }
  return undefined;
}

function firstExecutable(program: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
