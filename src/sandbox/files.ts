import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { exampleConfig, shippedTemplate } from "./embedded.ts";

/** The name of a sandbox's own folder, in the folder that it is started in. */
export const FOLDER = ".sandbox";

/** What a sandbox keeps on disk. */
export interface SandboxFiles {
  /** Its path from where the sandbox was started, for people. */
  readonly folder: string;
  readonly kubeconfig: string;
  readonly config: string;
  readonly template: string;
  logOf(name: string): string;
}

/**
 * Makes `.sandbox/` in `folder`, with the kubeconfig of the simulated cluster, and the example's configuration and the shipped template where
 * the user has none of their own.
 */
export async function writeFiles(
  folder: string,
  own: { readonly configPath: string | undefined; readonly templatePath: string | undefined },
  kubernetesUrl: string,
): Promise<SandboxFiles> {
  const path = join(folder, FOLDER);
  await mkdir(path, { recursive: true });
  const write = async (name: string, text: string) => {
    await writeFile(join(path, name), text);
    return join(path, name);
  };
  return {
    folder: relative(folder, path),
    kubeconfig: await write("kubeconfig", kubeconfig(kubernetesUrl)),
    config: own.configPath ?? (await write("runners_config.yaml", await exampleConfig())),
    template: own.templatePath ?? (await write("job.yaml.template", await shippedTemplate())),
    logOf: (name) => join(path, `${name}.log`),
  };
}

/** Without a namespace in its context: kubectl then shows `default`, where the example's runners are. */
function kubeconfig(server: string): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: sandbox
    cluster:
      server: ${server}
users:
  - name: sandbox
    user: {}
contexts:
  - name: sandbox
    context:
      cluster: sandbox
      user: sandbox
current-context: sandbox
`;
}
