import * as z from "zod";
import { type Clock, reasonOf } from "../../support/clock.ts";
import { abortable } from "../../support/deadline.ts";
import { parseJson } from "../../support/json.ts";
import { Secret } from "../../support/secret.ts";
import { KubernetesError } from "../errors.ts";
import type { Credential, CredentialSource } from "./credentials.ts";
import type { CommandOutcome, RunCommand } from "./run-command.ts";

/** A credential plugin as a kubeconfig's user names it. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to what of this program's environment a plugin may see. */
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string | undefined;
  readonly interactiveMode: string | undefined;
  /** What the plugin is told of the cluster, when it wants to know (`provideClusterInfo`). */
  readonly cluster: Readonly<Record<string, unknown>> | undefined;
}

/** https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ */
const API_VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
/** Longest tail of a plugin's own message that is passed on. */
const LONGEST_MESSAGE = 300;

const ExecCredential = z.object({
  kind: z.literal("ExecCredential"),
  apiVersion: z.string(),
  status: z.object({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.string().nullish(),
  }),
});

/**
 * Credentials that a program gives, such as gke-gcloud-auth-plugin: it is run when none is known, when the last one has expired, and when the
 * server did not accept it; one run at a time.
 *
 * @throws {KubernetesError} at once when the plugin cannot be used here: another protocol version, or a plugin that needs a terminal.
 */
export function execCredentials(
  plugin: ExecPlugin,
  { env, runCommand, clock }: { readonly env: Environment; readonly runCommand: RunCommand; readonly clock: Clock },
): CredentialSource {
  checkUsable(plugin);
  let known: { readonly credential: Credential; readonly goodUntil: number } | undefined;
  let running: Promise<Credential> | undefined;
  const renew = async () => {
    const environment = { ...forPlugins(env), ...plugin.env, ...request(plugin) };
    const { credential, expiresAt } = readCredential(
      plugin,
      await runCommand(plugin.command, plugin.args, environment),
    );
    // From here on it is a duration: whoever sets the wall clock makes it last no longer.
    known = { credential, goodUntil: clock.monotonic() + expiresAt - clock.now() };
    return credential;
  };
  return {
    async current(signal) {
      if (signal.aborted) throw reasonOf(signal);
      if (known !== undefined && clock.monotonic() < known.goodUntil) return known.credential;
      running ??= renew().finally(() => {
        running = undefined;
      });
      return abortable(running, signal);
    },
    refused({ token, identity }) {
      const ours = known?.credential;
      if (ours?.token !== undefined ? ours.token === token : ours?.identity === identity) known = undefined;
    },
  };
}

/** An environment: of this program, or for a child. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What cloud providers' plugins look at: where programs, homes and certificates are, the language, proxies, and their own settings. Everything else
 * stays here, Bitbucket's credentials above all.
 */
const SEEN_BY_PLUGINS =
  /^(?:PATH|HOME|USER|LOGNAME|USERNAME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SHELL|SYSTEMROOT|APPDATA|XDG_\w+|SSL_CERT_\w+|KUBECONFIG|(?:HTTPS?|NO|ALL)_PROXY|(?:CLOUDSDK|GOOGLE|GCP|GKE|AWS|AZURE|AAD|ARM|DIGITALOCEAN|OCI|IBMCLOUD|ALIBABA_CLOUD|TSH|VAULT)_\w+)$/i;

function forPlugins(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => SEEN_BY_PLUGINS.test(name)));
}

function checkUsable({ apiVersion, command, interactiveMode }: ExecPlugin): void {
  if (!API_VERSIONS.includes(apiVersion)) {
    throw new KubernetesError(
      `The credential plugin "${command}" speaks ${apiVersion || "no version"}, which is not supported`,
      `Set the apiVersion of the kubeconfig's exec entry to ${API_VERSIONS[0]}; newer releases of the plugin support it.`,
    );
  }
  if (interactiveMode === "Always") {
    throw new KubernetesError(
      `The credential plugin "${command}" needs a terminal (interactiveMode: Always)`,
      "Use a token or a client certificate here, or a plugin that can run unattended.",
    );
  }
}

/** The plugin's input, given in its environment. */
function request({ apiVersion, cluster }: ExecPlugin): Environment {
  const spec = { interactive: false, ...(cluster !== undefined && { cluster }) };
  return { KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion, kind: "ExecCredential", spec }) };
}

function readCredential(
  plugin: ExecPlugin,
  outcome: CommandOutcome,
): { readonly credential: Credential; readonly expiresAt: number } {
  if (outcome.kind === "not-found")
    throw broken(plugin, "cannot be run: it is not installed, not on the PATH, or not executable");
  if (outcome.kind === "timed-out") throw broken(plugin, `did not end within ${outcome.afterMs / 1000} s`);
  if (outcome.exitCode !== 0) {
    const words = outcome.stderr.trim().slice(-LONGEST_MESSAGE);
    throw broken(plugin, `ended with exit code ${outcome.exitCode}${words === "" ? "" : `: ${words}`}`);
  }
  // What it wrote is never quoted: it holds the credential.
  const written = ExecCredential.safeParse(parseJson(outcome.stdout));
  if (!written.success) throw broken(plugin, "wrote something that is no ExecCredential with a status");
  const { apiVersion, status } = written.data;
  if (apiVersion !== plugin.apiVersion)
    throw broken(plugin, `answered in ${apiVersion}, asked for ${plugin.apiVersion}`);
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status;
  const credential: Credential = {
    ...(token && { token: new Secret(token) }),
    ...(cert && key && { identity: { cert, key: new Secret(key) } }),
  };
  if (credential.token === undefined && credential.identity === undefined) {
    throw broken(plugin, "gave neither a token nor a client certificate with its key");
  }
  return {
    credential,
    expiresAt: expirationTimestamp == null ? Number.POSITIVE_INFINITY : timeOf(plugin, expirationTimestamp),
  };
}

function timeOf(plugin: ExecPlugin, text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw broken(plugin, "gave an expirationTimestamp that is not a time");
  return at;
}

function broken({ command, installHint }: ExecPlugin, what: string): KubernetesError {
  const hint = installHint?.trim() ?? "";
  return new KubernetesError(
    `The credential plugin "${command}" ${what}`,
    hint === "" ? `Run it by hand to see what it needs: ${command}` : hint,
  );
}
