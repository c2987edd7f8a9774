import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Deployment } from "kubernetes-types/apps/v1.d.ts";
import type { Job } from "kubernetes-types/batch/v1.d.ts";
import type { ConfigMap, Pod, Secret } from "kubernetes-types/core/v1.d.ts";
import { Secret as Kept } from "../../src/support/secret.ts";
import { parseTemplate } from "../../src/template/parse.ts";
import { type BuiltProgram, buildProgram } from "../support/built-program.ts";
import type { KubeAssets } from "../support/kube-assets.ts";
import { runProgram } from "../support/run-program.ts";
import { anInput } from "../support/templates.ts";
import { Background } from "./background.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { CREDENTIALS, copyOverlay } from "./overlays.ts";
import { type Registered, SimulatedBitbucket } from "./simulated-bitbucket.ts";

const CONTROL_NAMESPACE = "bitbucket-runner-control-plane";
/** What Bitbucket shows of the seed's group. */
const LABELS = ["self.hosted", "linux", "gke.runner", "autoscaler.created"];
const WORKSPACE_UUID = "{6321d246-a40a-4776-8497-372a41771e65}";

/** Both planes as they are at a moment, runners only. */
export interface Planes {
  readonly registrations: readonly Registered[];
  readonly jobs: readonly Job[];
  readonly secrets: readonly Secret[];
  readonly pods: readonly Pod[];
}

/** What an installation is made of. */
interface Parts {
  readonly plane: ControlPlane;
  readonly bitbucket: SimulatedBitbucket;
  readonly program: BuiltProgram;
  /** Of both processes. */
  readonly env: Readonly<Record<string, string>>;
  /** `--config`, `--template` and `--http-port`. */
  readonly args: readonly string[];
  /** The job template's text. */
  readonly template: string;
}

/**
 * The guide's installation: its OAuth overlay applied to a real API server, and the program as it is built, with the ConfigMaps, credentials
 * and ServiceAccount that its pods would have, pointed at that server and at the simulated Bitbucket.
 */
export class Installed {
  readonly plane: ControlPlane;
  readonly bitbucket: SimulatedBitbucket;
  readonly #parts: Parts;
  readonly #running: Background[] = [];

  private constructor(parts: Parts) {
    this.plane = parts.plane;
    this.bitbucket = parts.bitbucket;
    this.#parts = parts;
  }

  /**
   * @param configure what differs in the installation's configuration file. @param load the same for the simulated Bitbucket's, which sizes its
   * load by it.
   */
  static async open(
    assets: KubeAssets,
    options: { readonly configure: (config: string) => string; readonly load: (config: string) => string },
  ): Promise<Installed> {
    const [plane, program, overlay] = await Promise.all([
      startControlPlane(assets, { with: ["controller-manager", "scheduler", "kwok"] }),
      buildProgram(),
      copyOverlay("oauth"),
    ]);
    let bitbucket: SimulatedBitbucket | undefined;
    try {
      const load = join(program.folder, "load.yaml");
      await writeFile(load, options.load(await readFile(join(overlay.folder, "runners_config.yaml"), "utf8")));
      bitbucket = await SimulatedBitbucket.start(
        [
          ...program.command,
          ...["sandbox", "--only", "bitbucket", "--kubeconfig", plane.kubeconfig, "--speed", "1", "--port", "0"],
          ...["--scenario", "brief", "--config", load],
        ],
        program.folder,
      );

      const { clientId, clientSecret, environment } = bitbucket;
      await overlay.edit("runners_config.yaml", options.configure);
      await overlay.edit("kustomization.yaml", (text) =>
        text
          .replace(base64(CREDENTIALS.oauth.bitbucketOauthClientId ?? ""), base64(clientId))
          .replace(base64(CREDENTIALS.oauth.bitbucketOauthClientSecret ?? ""), base64(clientSecret)),
      );
      await kubectl(plane, ["apply", "-k", overlay.folder]);
      const pod = await whatThePodGets(plane, program.folder);
      return new Installed({
        plane,
        bitbucket,
        program,
        template: pod.template,
        args: ["--config", pod.config, "--template", pod.templatePath, "--http-port", "0"],
        env: {
          ...pod.env,
          BITBUCKET_API_URL: environment.BITBUCKET_API_URL ?? "",
          BITBUCKET_OAUTH_TOKEN_URL: environment.BITBUCKET_OAUTH_TOKEN_URL ?? "",
          KUBECONFIG: await plane.serviceAccountKubeconfig(CONTROL_NAMESPACE, "runners-autoscaler"),
        },
      });
    } catch (error) {
      await bitbucket?.process.stop();
      await Promise.all([plane.stop(), program.remove()]);
      throw error;
    } finally {
      await overlay.remove();
    }
  }

  /** Starts one of the two processes; it runs until the end of the test. */
  start(command: "controller" | "cleaner"): Background {
    const { program, args, env } = this.#parts;
    const process = new Background(command, [...program.command, command, ...args], {
      folder: program.folder,
      env: { ...env, LOG_LEVEL: "debug" },
    });
    this.#running.push(process);
    return process;
  }

  /** Runs one of the two processes to its end. */
  run(command: "controller" | "cleaner", args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const parts = this.#parts;
    const { folder, command: program } = parts.program;
    return runProgram([...program, command, ...parts.args, ...args], { folder, env: { ...parts.env, ...env } });
  }

  /** What `kubectl` printed, as administrator. @throws {Error} with what it said when it failed. */
  kubectl(args: readonly string[], input?: unknown): Promise<string> {
    return kubectl(this.plane, args, input);
  }

  async planes(): Promise<Planes> {
    const [registrations, text] = await Promise.all([
      this.bitbucket.runners(),
      this.kubectl(["get", "jobs,secrets,pods", "-n", "default", "-o", "json"]),
    ]);
    const { items } = JSON.parse(text) as { items: readonly { kind: string }[] };
    const of = <T>(kind: string) => items.filter((item) => item.kind === kind) as readonly unknown[] as readonly T[];
    return { registrations, jobs: of<Job>("Job"), secrets: of<Secret>("Secret"), pods: of<Pod>("Pod") };
  }

  /** Looks at both planes until something is so. @throws {Error} with what is there instead. */
  async until(what: string, isSo: (planes: Planes) => boolean, withinMs = 40_000): Promise<Planes> {
    for (const end = performance.now() + withinMs; ; await sleep(250)) {
      const planes = await this.planes();
      if (isSo(planes)) return planes;
      if (performance.now() > end) throw new Error(`${what}: not within ${withinMs / 1_000} s\n${summary(planes)}`);
    }
  }

  /** A runner as the original makes it: the group's bare name, a Job without any mark of ours, a Secret that nobody owns. */
  async addOriginalRunner(): Promise<string> {
    const { uuid, oauth_client } = await this.bitbucket.register("Runner group 1", LABELS);
    const runner = parseTemplate(this.#parts.template, "job.yaml.template").render(
      anInput({
        scope: { workspace: { uuid: WORKSPACE_UUID, slug: "woodpeckernew" } },
        runnerUuid: uuid,
        oauthClientId: oauth_client.id,
        oauthClientSecret: new Kept(oauth_client.secret),
        labels: {},
        annotations: {},
      }),
    );
    const secret = runner.secretOwnedBy("nobody") as { readonly metadata: Readonly<Record<string, unknown>> };
    const { ownerReferences: _, ...metadata } = secret.metadata;
    await this.kubectl(["create", "-n", "default", "-f", "-"], {
      apiVersion: "v1",
      kind: "List",
      items: [{ ...secret, metadata }, runner.job],
    });
    return uuid;
  }

  /** Ends everything that was started. */
  async close(): Promise<void> {
    await Promise.all([...this.#running, this.bitbucket.process].map((process) => process.stop()));
    await Promise.all([this.plane.stop(), this.#parts.program.remove()]);
  }
}

/** The uuid that a runner's Job, Secret or pod belongs to, with braces. */
export function runnerOf({ metadata }: Job | Secret | Pod): string {
  return `{${metadata?.labels?.runner_uuid ?? ""}}`;
}

/** What a runner's container would find in its folders and its environment, put into files and variables of this machine. */
async function whatThePodGets(plane: ControlPlane, folder: string) {
  const get = async <T>(what: string): Promise<T> =>
    JSON.parse(await kubectl(plane, ["get", ...what.split(" "), "-n", CONTROL_NAMESPACE, "-o", "json"])) as T;
  const [deployment, secret, config, template] = await Promise.all([
    get<Deployment>("deployment runner-controller"),
    get<Secret>("secret runner-bitbucket-credentials"),
    get<ConfigMap>("configmap runners-autoscaler-config"),
    get<ConfigMap>("configmap runners-autoscaler-job-template"),
  ]);
  const variables = deployment.spec?.template.spec?.containers[0]?.env ?? [];
  const paths = { config: join(folder, "runners_config.yaml"), templatePath: join(folder, "job.yaml.template") };
  const templateText = template.data?.["job.yaml.template"] ?? "";
  await writeFile(paths.config, config.data?.["runners_config.yaml"] ?? "");
  await writeFile(paths.templatePath, templateText);
  return {
    ...paths,
    template: templateText,
    env: Object.fromEntries(
      variables.map(({ name, valueFrom }) => {
        const encoded = secret.data?.[valueFrom?.secretKeyRef?.key ?? ""] ?? "";
        return [name, Buffer.from(encoded, "base64").toString()];
      }),
    ),
  };
}

async function kubectl(plane: ControlPlane, args: readonly string[], input?: unknown): Promise<string> {
  const { stdout, stderr, code } = await plane.kubectl(args, input === undefined ? undefined : JSON.stringify(input));
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: exit code ${code}\n${stderr}`);
  return stdout;
}

function summary({ registrations, jobs, secrets, pods }: Planes): string {
  return [
    ...registrations.map(({ uuid, name, state }) => `registration ${uuid} ${state.status} ${name}`),
    ...jobs.map(({ metadata }) => `Job ${metadata?.name} ${JSON.stringify(metadata?.annotations)}`),
    ...secrets.map(({ metadata }) => `Secret ${metadata?.name}`),
    ...pods.map(({ metadata, status }) => `pod ${metadata?.name} ${status?.phase}`),
  ].join("\n");
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
