import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../simulator/virtual-clock.ts";
import { silentLog } from "../../support/log.ts";
import type { ClusterAccess } from "./access.ts";
import type { Credential } from "./credentials.ts";
import { kubeconfigAccess } from "./kubeconfig.ts";
import type { CommandOutcome } from "./run-command.ts";

const never = new AbortController().signal;

/** Matches a text. */
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Files as a machine would have them; a missing one fails as Node says it. */
function files(contents: Readonly<Record<string, string>>) {
  return async (path: string) => {
    const content = contents[path];
    if (content !== undefined) return content;
    throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: "ENOENT" });
  };
}

interface Ran {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

function access(contents: Readonly<Record<string, string>>, paths = Object.keys(contents), ran: Ran[] = []) {
  const runCommand = async (command: string, args: readonly string[], env: Ran["env"]): Promise<CommandOutcome> => {
    ran.push({ command, args, env });
    const { apiVersion } = JSON.parse(env.KUBERNETES_EXEC_INFO ?? "{}") as { apiVersion: string };
    const stdout = JSON.stringify({ apiVersion, kind: "ExecCredential", status: { token: "from-plugin" } });
    return { kind: "ended", exitCode: 0, stdout, stderr: "" };
  };
  const parts = {
    readFile: files(contents),
    env: { PATH: "/bin" },
    runCommand,
    clock: new VirtualClock(0),
    log: silentLog,
  };
  return kubeconfigAccess(paths, parts);
}

/** A credential with its secrets laid open. */
function open({ token, identity }: Credential) {
  return {
    ...(token && { token: token.reveal() }),
    ...(identity && { cert: identity.cert, key: identity.key.reveal() }),
  };
}

const credentialOf = async ({ credentials }: ClusterAccess) => open(await credentials.current(never));

/** A kubeconfig of one context, given the fields of its cluster and its user. */
function config(cluster: string, user = "{}", context = ""): string {
  return `
apiVersion: v1
kind: Config
current-context: main
clusters: [{name: c, cluster: {server: "https://kube.example:6443", ${cluster}}}]
users: [{name: u, user: ${user}}]
contexts: [{name: main, context: {cluster: c, user: u, ${context}}}]
`;
}

describe("a cluster", () => {
  test("is the one of the current context", async () => {
    const {
      server,
      tls,
      proxy,
      namespace,
      describe: described,
    } = await access({
      "/k/config": config("", "{}", "namespace: ci"),
    });
    expect({ server, tls, proxy, namespace }).toEqual({
      server: "https://kube.example:6443",
      tls: {},
      proxy: undefined,
      namespace: "ci",
    });
    expect(described).toBe('https://kube.example:6443 (context "main" of /k/config)');
  });

  test.each<[string, string, unknown]>([
    ["an authority in the file", `certificate-authority-data: ${base64("PEM of the CA")}`, { ca: "PEM of the CA" }],
    ["an authority beside the file", "certificate-authority: pki/ca.crt", { ca: "CA file" }],
    ["an authority somewhere else", "certificate-authority: /etc/ca.crt", { ca: "other CA file" }],
    [
      "both: the data counts",
      `certificate-authority: pki/ca.crt, certificate-authority-data: ${base64("data")}`,
      { ca: "data" },
    ],
    ["a name to expect", "tls-server-name: kube.internal", { serverName: "kube.internal" }],
    ["no verification", "insecure-skip-tls-verify: true", { skipTlsVerify: true }],
  ])("with %s", async (_, fields, tls) => {
    const contents = { "/k/config": config(fields), "/k/pki/ca.crt": "CA file", "/etc/ca.crt": "other CA file" };
    expect((await access(contents, ["/k/config"])).tls).toEqual(tls);
  });

  test("behind a proxy", async () => {
    expect((await access({ "/k": config("proxy-url: http://proxy:3128") })).proxy).toBe("http://proxy:3128");
  });
});

describe("a user", () => {
  const more = { "/k/pki/client.crt": "cert file\n", "/k/pki/client.key": "key file\n", "/k/token": "file token\n" };
  const data = `client-certificate-data: ${base64("cert")}, client-key-data: ${base64("key")}`;

  test.each<[string, string, unknown]>([
    ["nothing", "{}", {}],
    ["a token", "{token: abc}", { token: "abc" }],
    ["a token that YAML takes for a number", "{token: 12345}", { token: "12345" }],
    ["a token that YAML takes for an octal number", "{token: 0123}", { token: "0123" }],
    ["a token that YAML takes for a boolean", "{token: on}", { token: "on" }],
    ["a token file", "{tokenFile: token}", { token: "file token" }],
    ["both: the file counts", "{token: abc, tokenFile: token}", { token: "file token" }],
    ["a certificate in the file", `{${data}}`, { cert: "cert", key: "key" }],
    [
      "a certificate beside the file",
      "{client-certificate: pki/client.crt, client-key: pki/client.key}",
      { cert: "cert file", key: "key file" },
    ],
    [
      "a mixture",
      `{client-certificate-data: ${base64("cert")}, client-key: pki/client.key}`,
      { cert: "cert", key: "key file" },
    ],
    ["a certificate and a token", `{${data}, token: abc}`, { cert: "cert", key: "key", token: "abc" }],
  ])("with %s", async (_, user, credential) => {
    expect(await credentialOf(await access({ "/k/config": config("", user), ...more }, ["/k/config"]))).toEqual(
      credential,
    );
  });

  test("with a plugin, which is run with its arguments and environment", async () => {
    const ran: Ran[] = [];
    const user = `{exec: {apiVersion: client.authentication.k8s.io/v1, command: gke-gcloud-auth-plugin, args: [--user, 7],
      env: [{name: REGION, value: eu}], interactiveMode: IfAvailable}}`;
    expect(await credentialOf(await access({ "/k/config": config("", user) }, ["/k/config"], ran))).toEqual({
      token: "from-plugin",
    });
    expect(ran).toMatchObject([
      { command: "gke-gcloud-auth-plugin", args: ["--user", "7"], env: { PATH: "/bin", REGION: "eu" } },
    ]);
    expect(JSON.parse(ran[0]?.env.KUBERNETES_EXEC_INFO ?? "")).toEqual({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      spec: { interactive: false },
    });
  });

  test("with a plugin beside the file, which wants to know the cluster", async () => {
    const ran: Ran[] = [];
    const cluster = `certificate-authority-data: ${base64("CA")}, tls-server-name: n, proxy-url: "http://p",
      extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: x}}]`;
    const user =
      "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./bin/plugin, args: null, env: null, provideClusterInfo: true}}";
    await credentialOf(await access({ "/k/config": config(cluster, user) }, ["/k/config"], ran));
    expect(ran[0]?.command).toBe("/k/bin/plugin");
    expect(JSON.parse(ran[0]?.env.KUBERNETES_EXEC_INFO ?? "")).toEqual({
      apiVersion: "client.authentication.k8s.io/v1beta1",
      kind: "ExecCredential",
      spec: {
        interactive: false,
        cluster: {
          server: "https://kube.example:6443",
          "certificate-authority-data": base64("CA"),
          "tls-server-name": "n",
          "proxy-url": "http://p",
          config: { audience: "x" },
        },
      },
    });
  });
});

describe("several files", () => {
  const first = `
current-context: ""
clusters: [{name: c, cluster: {server: "https://first.example", certificate-authority: ca.crt}}]
contexts: [{name: main, context: {cluster: c, user: u}}]
`;
  const second = `
current-context: main
clusters: [{name: c, cluster: {server: "https://second.example", proxy-url: "http://proxy"}}, {name: d, cluster: {server: "https://d"}}]
users: [{name: u, user: {tokenFile: token}}]
contexts: [{name: main, context: {cluster: d, user: u, namespace: x}}]
`;

  test("for each name the first file that has it counts, with all that it says; paths are relative to their own file", async () => {
    const contents = { "/a/config": first, "/b/config": second, "/a/ca.crt": "CA of a", "/b/token": "token of b" };
    const found = await access(contents, ["/gone", "/a/config", "/b/config"]);
    expect(found).toMatchObject({
      server: "https://first.example",
      tls: { ca: "CA of a" },
      proxy: undefined,
      namespace: undefined,
    });
    expect(await credentialOf(found)).toEqual({ token: "token of b" });
  });

  test("JSON, and lists that are null, are fine", async () => {
    const text = JSON.stringify({
      "current-context": "main",
      preferences: {},
      clusters: [{ name: "c", cluster: { server: "http://127.0.0.1:1", extensions: null } }],
      users: null,
      contexts: [{ name: "main", context: { cluster: "c", user: "" } }],
    });
    expect((await access({ "/k": text })).server).toBe("http://127.0.0.1:1");
  });
});

describe("is refused, with a way out", () => {
  const exec = (fields: string) =>
    config("", `{exec: {apiVersion: client.authentication.k8s.io/v1, command: p, ${fields}}}`);

  test.each<[string, Record<string, string>, RegExp, RegExp]>([
    ["no file", {}, /Cannot read \/none/, /exists/],
    ["an empty file", { "/k": "" }, /No current-context in \/k/, /use-context/],
    ["no YAML", { "/k": "clusters: [\ntoken: hunter2" }, /\/k:2 cannot be used/, /kubectl config view/],
    ["a key that appears twice", { "/k": "a: 1\na: 2" }, /\/k:2 cannot be used: a key appears twice/, /Correct/],
    ["an alias that leads nowhere", { "/k": "a: 1\nb: *hunter2" }, /\/k:2 cannot be used: an alias/, /Correct/],
    ["two documents", { "/k": "a: 1\n---\nb: hunter2" }, /\/k:2 cannot be used: a second YAML document/, /Correct/],
    ["another kind of file", { "/k": "clusters: {hunter2: 1}" }, /not what it should be: clusters/, /Correct/],
    ["a context that is not there", { "/k": "current-context: gone" }, /No context "gone"/, /\(none\)/],
    [
      "a context without cluster",
      { "/k": "current-context: m\ncontexts: [{name: m, context: {}}]" },
      /names no cluster/,
      /add/,
    ],
    [
      "a cluster that is not there",
      { "/k": config("").replace("cluster: c,", "cluster: x,") },
      /No cluster "x"/,
      /\(c\)/,
    ],
    ["a user that is not there", { "/k": config("").replace("user: u,", "user: x,") }, /No user "x"/, /\(u\)/],
    ["no server", { "/k": config("").replace(/server: "[^"]*",/, "") }, /server in \/k is missing/, /scheme/],
    ["a server without scheme", { "/k": config("").replace("https://", "") }, /no http or https URL/, /https:\/\//],
    ["a SOCKS proxy", { "/k": config("proxy-url: socks5://p") }, /proxy-url in \/k is no http/, /scheme/],
    [
      "a certificate that is not base64",
      { "/k": config("certificate-authority-data: '***'") },
      /not base64/,
      /base64 -w0/,
    ],
    ["an authority that is not there", { "/k": config("certificate-authority: ca") }, /Cannot read \/ca/, /exists/],
    [
      "trust and no trust",
      { "/k": config(`insecure-skip-tls-verify: true, certificate-authority-data: ${base64("x")}`) },
      /both/,
      /Remove/,
    ],
    ["half a client certificate", { "/k": config("", "{client-certificate: c}") }, /without its key/, /both/],
    ["the other half", { "/k": config("", "{client-key: c}") }, /without its certificate/, /both/],
    ["a password", { "/k": config("", "{username: a, password: hunter2}") }, /user name and password/, /exec plugin/],
    [
      "an auth-provider",
      { "/k": config("", "{auth-provider: {name: gcp}}") },
      /auth-provider/,
      /gke-gcloud-auth-plugin/,
    ],
    ["impersonation", { "/k": config("", "{as: admin}") }, /impersonation/, /permissions/],
    ["a plugin without command", { "/k": config("", "{exec: {apiVersion: x}}") }, /no command/, /plugin/],
    [
      "a plugin of another time",
      { "/k": exec("apiVersion: x").replace("apiVersion: client.authentication.k8s.io/v1, ", "") },
      /speaks x/,
      /v1/,
    ],
    ["a plugin that needs a terminal", { "/k": exec("interactiveMode: Always") }, /needs a terminal/, /unattended/],
  ])("%s", async (_, contents, message, remedy) => {
    const paths = Object.keys(contents).length === 0 ? ["/none"] : Object.keys(contents);
    const failure: unknown = await access(contents, paths).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: "KubernetesError",
      message: like(message),
      remedy: like(remedy),
    });
    expect(String(failure)).not.toContain("hunter2");
  });

  test("a file that may not be read is not passed over", async () => {
    const denied = async () => {
      throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
    };
    const runCommand = async (): Promise<CommandOutcome> => ({ kind: "not-found" });
    const parts = { readFile: denied, env: {}, runCommand, clock: new VirtualClock(0), log: silentLog };
    await expect(kubeconfigAccess(["/a", "/b"], parts)).rejects.toThrow(/Cannot read \/a.*EACCES/);
  });
});
