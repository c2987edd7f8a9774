import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, type Server } from "node:net";
import type { TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { VirtualClock } from "../simulator/virtual-clock.ts";
import { type Clock, clockOf } from "../support/clock.ts";
import { silentLog } from "../support/log.ts";
import { seededRandom } from "../support/random.ts";
import { NAMESPACES } from "./client/kind.ts";
import { type ConnectionOptions, connectKubernetes } from "./connection.ts";

const never = new AbortController().signal;

/** Matches a text. */
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const fixture = (name: string) => readFileSync(new URL(`auth/fixtures/${name}`, import.meta.url), "utf8");

/** Pauses take no time, and deadlines never come: what is tested here is real. */
const hasty: Clock = clockOf({
  now: () => 0,
  monotonic: () => 0,
  sleep: (ms, signal) =>
    ms < 30_000
      ? Promise.resolve()
      : new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted")))),
});

/** What a server saw of one request. */
interface Seen {
  /** The client certificate's common name. */
  readonly client: string | undefined;
  readonly token: string | undefined;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

/** An API server with the test authority's certificate, which answers every request with a Namespace. */
async function apiServer(clientCertificate: "required" | "asked for"): Promise<{ port: number; seen: Seen[] }> {
  const seen: Seen[] = [];
  const tls = { key: fixture("server.key"), cert: fixture("server.crt"), ca: fixture("ca.crt") };
  const demand = { requestCert: true, rejectUnauthorized: clientCertificate === "required" };
  const server = createHttpsServer({ ...tls, ...demand }, (request, response) => {
    const certificate = (request.socket as TLSSocket).getPeerCertificate();
    const client = (certificate as { subject?: { CN?: string } }).subject?.CN;
    const { authorization } = request.headers;
    seen.push({ client, token: authorization });
    if (authorization === "Bearer stale") response.statusCode = 401;
    response.end(JSON.stringify({ metadata: { name: "ci" } }));
  });
  return { port: await listening(server), seen };
}

function kubeconfig(cluster: Record<string, unknown>, user: Record<string, unknown> = {}): string {
  return JSON.stringify({
    "current-context": "main",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
    contexts: [{ name: "main", context: { cluster: "c", user: "u", namespace: "runners" } }],
  });
}

const pki = Object.fromEntries(
  ["ca.crt", "client.crt", "client.key", "renewed.crt", "renewed.key", "server.crt"].map((name) => [
    `/pki/${name}`,
    fixture(name),
  ]),
);

async function connected(contents: Readonly<Record<string, string>>, more: Partial<ConnectionOptions> = {}) {
  const readFile = async (path: string) => {
    const content = contents[path] ?? pki[path];
    if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
    return content;
  };
  const env = { KUBECONFIG: "/config" };
  const connection = await connectKubernetes({
    env,
    readFile,
    clock: hasty,
    random: seededRandom(1),
    log: silentLog,
    ...more,
  });
  onTestFinished(() => connection.close());
  return { ...connection, read: () => connection.client.get(NAMESPACES, { name: "ci" }, never) };
}

const ca = { "certificate-authority": "/pki/ca.crt" };
const first = { "client-certificate": "/pki/client.crt", "client-key": "/pki/client.key" };

describe("over TLS", () => {
  test("both sides prove themselves by the kubeconfig's authority and certificate", async () => {
    const { port, seen } = await apiServer("required");
    const server = `https://127.0.0.1:${port}`;
    const {
      read,
      namespace,
      describe: described,
    } = await connected({ "/config": kubeconfig({ server, ...ca }, first) });
    expect(await read()).toEqual({ metadata: { name: "ci" } });
    expect(seen).toEqual([{ client: "first", token: undefined }]);
    expect({ namespace, describe: described }).toEqual({
      namespace: "runners",
      describe: `${server} (context "main" of /config)`,
    });
  });

  test("a renewed client certificate is presented within a minute", async () => {
    const { port, seen } = await apiServer("required");
    const clock = new VirtualClock(0);
    const contents = {
      "/config": kubeconfig(
        { server: `https://127.0.0.1:${port}`, ...ca },
        { "client-certificate": "/cert", "client-key": "/key" },
      ),
      "/cert": fixture("client.crt"),
      "/key": fixture("client.key"),
    };
    const { read } = await connected(contents, { clock });
    await read();
    Object.assign(contents, { "/cert": fixture("renewed.crt"), "/key": fixture("renewed.key") });
    await read();
    await clock.advance(60_000);
    await read();
    expect(seen.map(({ client }) => client)).toEqual(["first", "first", "renewed"]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["an authority that is not known", {}],
    ["a name that is not in the certificate", { ...ca, "tls-server-name": "other.example" }],
  ])("%s ends the attempt, with the way out", async (_, cluster) => {
    const { port, seen } = await apiServer("asked for");
    const server = `https://127.0.0.1:${port}`;
    const { read } = await connected({ "/config": kubeconfig({ server, ...cluster }) });
    await expect(read()).rejects.toMatchObject({
      name: "KubernetesError",
      status: undefined,
      remedy: like(/certificate-authority/),
    });
    expect(seen).toEqual([]);
  });

  test.each([
    ["a name to expect instead of the URL's", { ...ca, "tls-server-name": "kubernetes.example" }],
    ["no verification, where the file says so", { "insecure-skip-tls-verify": true }],
  ])("%s", async (_, cluster) => {
    const { port } = await apiServer("asked for");
    const { read } = await connected({ "/config": kubeconfig({ server: `https://127.0.0.1:${port}`, ...cluster }) });
    expect(await read()).toEqual({ metadata: { name: "ci" } });
  });

  test.each([
    ["an authority that is no PEM", { "certificate-authority": "/config" }, {}],
    ["a key that belongs to another certificate", ca, { ...first, "client-key": "/pki/renewed.key" }],
  ])("%s", async (_, cluster, user) => {
    const { read } = await connected({ "/config": kubeconfig({ server: "https://127.0.0.1:1", ...cluster }, user) });
    await expect(read()).rejects.toMatchObject({ name: "KubernetesError", remedy: like(/PEM/) });
  });
});

describe("through a proxy", () => {
  /** Takes every name for the API server's. */
  async function proxyTo(port: number): Promise<{ url: string; asked: (string | undefined)[] }> {
    const asked: (string | undefined)[] = [];
    const proxy = createHttpServer();
    proxy.on("connect", (request, socket) => {
      asked.push(request.url);
      const upstream = connect(port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [upstream, socket]) end.on("error", () => {});
    });
    return { url: `http://127.0.0.1:${await listening(proxy)}`, asked };
  }

  const server = "https://kubernetes.example";

  test("that the kubeconfig names", async () => {
    const { port, seen } = await apiServer("required");
    const proxy = await proxyTo(port);
    const { read } = await connected({ "/config": kubeconfig({ server, ...ca, "proxy-url": proxy.url }, first) });
    await read();
    expect(seen).toEqual([{ client: "first", token: undefined }]);
    expect(proxy.asked).toEqual(["kubernetes.example:443"]);
  });

  test("that the environment names, unless it makes an exception", async () => {
    const { port } = await apiServer("asked for");
    const proxy = await proxyTo(port);
    const contents = { "/config": kubeconfig({ server, ...ca }) };
    const env = { KUBECONFIG: "/config", HTTPS_PROXY: proxy.url };
    await (await connected(contents, { env })).read();
    expect(proxy.asked).toHaveLength(1);
    const local = { "/config": kubeconfig({ server: `https://localhost:${port}`, ...ca }) };
    await (await connected(local, { env })).read();
    expect(proxy.asked).toHaveLength(1);
  });

  test("that is none", async () => {
    const env = { KUBECONFIG: "/config", HTTPS_PROXY: "ftp://user:hunter2@proxy" };
    const connecting = connected({ "/config": kubeconfig({ server }) }, { env });
    await expect(connecting).rejects.toMatchObject({
      name: "KubernetesError",
      message: like(/HTTPS_PROXY/),
    });
    await expect(connecting).rejects.not.toThrow(/hunter2/);
  });
});

describe("in a pod", () => {
  const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
  const env = (port: number) => ({ KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(port) });
  const account = (token: string) => ({
    [`${folder}/ca.crt`]: fixture("ca.crt"),
    [`${folder}/namespace`]: "control-plane",
    [`${folder}/token`]: token,
  });

  test("its service account is used: authority, token, namespace", async () => {
    const { port, seen } = await apiServer("asked for");
    const { read, namespace, describe: described } = await connected(account("abc\n"), { env: env(port) });
    await read();
    expect(seen).toEqual([{ client: undefined, token: "Bearer abc" }]);
    expect(namespace).toBe("control-plane");
    expect(described).toBe(`https://127.0.0.1:${port} (in-cluster, as the pod's service account)`);
  });

  test("a token that the kubelet has replaced is read anew: after a minute, or when the server refuses the old one", async () => {
    const { port, seen } = await apiServer("asked for");
    const contents: Record<string, string> = account("one");
    const clock = new VirtualClock(0);
    const { read } = await connected(contents, { env: env(port), clock });
    const tokenFile = `${folder}/token`;
    await read();
    contents[tokenFile] = "stale";
    await clock.advance(60_000);
    contents[tokenFile] = "stale";
    const refusedFirst = read();
    await expect(refusedFirst).rejects.toMatchObject({ status: 401 });
    contents[tokenFile] = "two";
    await read();
    expect(seen.map(({ token }) => token)).toEqual(
      ["one", "stale", "stale", "stale", "two"].map((it) => `Bearer ${it}`),
    );
  });

  test("an IPv6 address is one", async () => {
    const { describe: described } = await connected(account("t"), {
      env: { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" },
    });
    expect(described).toMatch(/^https:\/\/\[fd00::1\]:443 /);
  });

  test("without a service account it says so", async () => {
    await expect(connected({}, { env: env(1) })).rejects.toThrow(
      /Cannot read .*serviceaccount.*needed to reach Kubernetes/,
    );
  });

  test("KUBECONFIG comes first, ~/.kube/config last", async () => {
    const file = (host: string) => kubeconfig({ server: `https://${host}.example` });
    const contents = { ...account("t"), "/config": file("named"), "/home/me/.kube/config": file("home") };
    const found = async (variables: Record<string, string>) => (await connected(contents, { env: variables })).describe;
    const HOME = "/home/me";
    expect(await found({ ...env(1), HOME, KUBECONFIG: ":/gone:/config:/config" })).toMatch(
      /^https:\/\/named.*of \/gone, \/config\)$/,
    );
    expect(await found({ ...env(1), HOME })).toMatch(/in-cluster/);
    expect(await found({ HOME, KUBECONFIG: "" })).toMatch(/^https:\/\/home/);
  });

  test("and where there is nothing at all, the ways are named", async () => {
    await expect(connected({}, { env: {} })).rejects.toMatchObject({
      message: like(/KUBECONFIG is not set, and this is not a pod/),
      remedy: like(/KUBECONFIG.*pod/),
    });
  });
});

test("a credential plugin is run on this machine, and its token sent", async () => {
  const { port, seen } = await apiServer("asked for");
  const script = `
    const { apiVersion, spec } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
    const token = [process.env.GREETING, spec.cluster.server.startsWith("https:"), process.argv[1]].join("-");
    console.log(JSON.stringify({ apiVersion, kind: "ExecCredential", status: { token } }));`;
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: process.execPath,
    args: ["-e", script, "argument"],
    env: [{ name: "GREETING", value: "hello" }],
    provideClusterInfo: true,
    interactiveMode: "Never",
  };
  const { read } = await connected({ "/config": kubeconfig({ server: `https://127.0.0.1:${port}`, ...ca }, { exec }) });
  await read();
  expect(seen).toEqual([{ client: undefined, token: "Bearer hello-true-argument" }]);
});
