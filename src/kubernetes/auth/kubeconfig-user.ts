import { Secret } from "../../support/secret.ts";
import { KubernetesError } from "../errors.ts";
import { type CredentialSource, combinedCredentials, fixedCredential } from "./credentials.ts";
import { type Environment, execCredentials } from "./exec-plugin.ts";
import { certificateCredentials, type FileDependencies, type Pem, tokenFileCredentials } from "./file-credentials.ts";
import type { ExecEntry, UserEntry } from "./kubeconfig-file.ts";
import type { RunCommand } from "./run-command.ts";

/** What it takes to turn a kubeconfig's user into credentials. */
export interface KubeconfigDependencies extends FileDependencies {
  readonly env: Environment;
  readonly runCommand: RunCommand;
}

/**
 * The credentials of a kubeconfig's user: a client certificate, and beside it a token file, a token or a plugin, in this order.
 *
 * @throws {KubernetesError} for what is incomplete, what API servers no longer take, and impersonation, which must not be ignored.
 */
export function userCredentials(
  user: UserEntry | undefined,
  clusterInfo: Readonly<Record<string, unknown>>,
  where: string,
  dependencies: KubeconfigDependencies,
): CredentialSource {
  if (user === undefined) return fixedCredential({});
  refuseUnsupported(user, where);
  const sources = [certificateOf(user, where, dependencies), bearerOf(user, clusterInfo, where, dependencies)];
  return combinedCredentials(sources.filter((source) => source !== undefined));
}

/** @throws {KubernetesError} when it is not base64. */
export function decoded(base64: string, field: string, where: string): string {
  const compact = base64.replaceAll(/\s/g, "");
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return Buffer.from(compact, "base64").toString("utf8");
  throw new KubernetesError(`${field} in ${where} is not base64 text`, `Encode it: base64 -w0 < FILE.`);
}

function refuseUnsupported(user: UserEntry, where: string): void {
  const refuse = (what: string, instead: string) => {
    throw new KubernetesError(`The user in ${where} has ${what}, which is not supported`, instead);
  };
  if (user.username !== undefined || user.password !== undefined) {
    refuse(
      "a user name and password",
      "Use a token, a client certificate or an exec plugin: API servers take no passwords.",
    );
  }
  if (user["auth-provider"] != null) {
    refuse(
      "an auth-provider",
      "Use its exec plugin instead, such as gke-gcloud-auth-plugin: kubectl has dropped auth-provider too.",
    );
  }
  if (user.as !== undefined) {
    refuse(
      "impersonation (as)",
      "Give the user the permissions it needs, or use the credentials of the account itself.",
    );
  }
}

function certificateOf(
  user: UserEntry,
  where: string,
  dependencies: KubeconfigDependencies,
): CredentialSource | undefined {
  const cert = pemOf(user, "client-certificate", where);
  const key = pemOf(user, "client-key", where);
  if (cert === undefined && key === undefined) return undefined;
  if (cert !== undefined && key !== undefined) return certificateCredentials(cert, key, dependencies);
  throw new KubernetesError(
    `The user in ${where} has a client ${cert === undefined ? "key without its certificate" : "certificate without its key"}`,
    "Add client-certificate(-data) and client-key(-data), both.",
  );
}

function pemOf(user: UserEntry, field: "client-certificate" | "client-key", where: string): Pem | undefined {
  const data = user[`${field}-data`];
  if (data !== undefined) return { text: decoded(data, `${field}-data`, where) };
  const path = user[field];
  return path === undefined ? undefined : { path };
}

function bearerOf(
  user: UserEntry,
  clusterInfo: Readonly<Record<string, unknown>>,
  where: string,
  dependencies: KubeconfigDependencies,
): CredentialSource | undefined {
  if (user.tokenFile !== undefined) return tokenFileCredentials(user.tokenFile, dependencies);
  if (user.token !== undefined) return fixedCredential({ token: new Secret(user.token) });
  if (user.exec == null) return undefined;
  return execCredentials(pluginOf(user.exec, clusterInfo, where), dependencies);
}

function pluginOf(exec: ExecEntry, clusterInfo: Readonly<Record<string, unknown>>, where: string) {
  if (exec.command === undefined) {
    throw new KubernetesError(`The exec entry in ${where} has no command`, "Name the credential plugin to run.");
  }
  return {
    apiVersion: exec.apiVersion ?? "",
    command: exec.command,
    args: exec.args,
    env: Object.fromEntries(exec.env.map(({ name, value }) => [name, value ?? ""])),
    installHint: exec.installHint,
    interactiveMode: exec.interactiveMode,
    cluster: exec.provideClusterInfo ? clusterInfo : undefined,
  };
}
