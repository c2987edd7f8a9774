import { execFile } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Agent, request } from "undici";
import type { KubeAssets } from "../support/kube-assets.ts";
import { Children } from "./children.ts";

/** Of the control plane, what a test wants besides etcd and the API server. kwok brings one large node that runs every pod. */
export type Part = "controller-manager" | "scheduler" | "kwok";

/** A real Kubernetes control plane on loopback, for one test file. */
export interface ControlPlane {
  /** https://127.0.0.1:PORT */
  readonly url: string;
  /** The certificate authority of `url`, PEM. */
  readonly ca: string;
  /** Path of a kubeconfig that may do everything. */
  readonly kubeconfig: string;
  /** Writes a kubeconfig that is this ServiceAccount, with a token as its pods get it, and gives its path. */
  serviceAccountKubeconfig(namespace: string, name: string): Promise<string>;
  /** Runs kubectl as administrator. Never throws for what kubectl says: look at `code`. */
  kubectl(args: readonly string[], input?: string): Promise<{ stdout: string; stderr: string; code: number }>;
  /** Ends every process and removes everything from the disk. */
  stop(): Promise<void>;
}

/** Starts a control plane: 2 s, and half a second for a node. @throws {Error} with the failing program's last words. */
export async function startControlPlane(
  assets: KubeAssets,
  options: { readonly with?: readonly Part[] } = {},
): Promise<ControlPlane> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(assets, options.with ?? []);
    } catch (error) {
      // Between looking for a free port and listening on it somebody else can take it.
      if (attempt === 3 || !String(error).includes("address already in use")) throw error;
    }
  }
}

async function start(assets: KubeAssets, parts: readonly Part[]): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), "kube-"));
  const children = new Children(folder);
  const adminToken = randomUUID();
  const kubeconfig = join(folder, "admin.kubeconfig");
  const certificate = join(folder, "pki", "apiserver.crt");
  const serviceAccountKey = join(folder, "service-account.key");
  let agent: Agent | undefined;

  const stop = async () => {
    await agent?.destroy();
    await children.stop();
    await rm(folder, { recursive: true, force: true });
  };

  try {
    const [etcdPort, etcdPeerPort, port] = await freePorts();
    const url = `https://127.0.0.1:${port}`;
    const etcdUrl = `http://127.0.0.1:${etcdPort}`;
    await mkdir(join(folder, "pki"));
    await writeFile(serviceAccountKey, newPrivateKey(), { mode: 0o600 });
    await writeFile(join(folder, "tokens.csv"), `${adminToken},admin,admin,system:masters\n`, { mode: 0o600 });

    children.start("etcd", assets.etcd, [
      ...["--data-dir", join(folder, "etcd"), "--unsafe-no-fsync"],
      ...["--listen-client-urls", etcdUrl, "--advertise-client-urls", etcdUrl],
      ...["--listen-peer-urls", `http://127.0.0.1:${etcdPeerPort}`],
    ]);
    children.start("kube-apiserver", assets["kube-apiserver"], [
      ...["--etcd-servers", etcdUrl, "--bind-address", "127.0.0.1", "--secure-port", `${port}`],
      ...["--cert-dir", join(folder, "pki"), "--token-auth-file", join(folder, "tokens.csv")],
      ...["--service-account-issuer", "https://kubernetes.default.svc"],
      ...["--service-account-key-file", serviceAccountKey, "--service-account-signing-key-file", serviceAccountKey],
      ...["--authorization-mode", "RBAC", "--allow-privileged", "--service-cluster-ip-range", "10.96.0.0/16"],
      // Endpoints may not be loopback addresses: do without the `kubernetes` service's.
      ...["--endpoint-reconciler-type", "none"],
    ]);

    await until(children, "the API server's certificate", async () => existsSync(certificate));
    const ca = await readFile(certificate, "utf8");
    const api = new Agent({ connect: { ca } });
    agent = api;
    const call = (method: "GET" | "POST", path: string, body?: unknown) =>
      callApi(api, `${url}${path}`, adminToken, method, body);
    await until(children, "the API server", async () => (await call("GET", "/readyz")).status === 200);

    await writeKubeconfig(kubeconfig, { url, ca, token: adminToken, namespace: "default" });
    if (parts.includes("controller-manager")) {
      children.start("kube-controller-manager", assets["kube-controller-manager"], [
        ...["--kubeconfig", kubeconfig, "--leader-elect=false", "--secure-port", "0"],
        ...["--service-account-private-key-file", serviceAccountKey, "--root-ca-file", certificate],
        ...["--kube-api-qps", "200", "--kube-api-burst", "400"],
      ]);
    }
    if (parts.includes("scheduler")) {
      children.start("kube-scheduler", assets["kube-scheduler"], [
        ...["--kubeconfig", kubeconfig, "--leader-elect=false", "--secure-port", "0"],
      ]);
    }
    if (parts.includes("kwok")) {
      children.start("kwok", assets.kwok, [
        ...["--kubeconfig", kubeconfig, "--manage-all-nodes=true", "--enable-crds="],
        ...["--config", fileURLToPath(new URL("kwok-stages.yaml", import.meta.url))],
      ]);
      await call("POST", "/api/v1/nodes", NODE);
      await until(children, "the node", async () => isReady((await call("GET", "/api/v1/nodes/node-a")).body));
    }
    if (parts.includes("controller-manager")) {
      // Without it no pod is admitted to the namespace.
      const path = "/api/v1/namespaces/default/serviceaccounts/default";
      await until(children, "the default ServiceAccount", async () => (await call("GET", path)).status === 200);
    }

    return {
      url,
      ca,
      kubeconfig,
      async serviceAccountKubeconfig(namespace, name) {
        const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
        const reply = await call("POST", path, {
          apiVersion: "authentication.k8s.io/v1",
          kind: "TokenRequest",
          spec: {},
        });
        const token = (reply.body as { status?: { token?: string } }).status?.token;
        if (token === undefined) throw new Error(`no token for ${namespace}/${name}: ${JSON.stringify(reply.body)}`);
        const file = join(folder, `${namespace}.${name}.kubeconfig`);
        await writeKubeconfig(file, { url, ca, token, namespace });
        return file;
      },
      kubectl: (args, input) =>
        runKubectl(assets.kubectl, ["--kubeconfig", kubeconfig, "--cache-dir", join(folder, "cache"), ...args], input),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const NODE = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "node-a", labels: { "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" } },
  status: {
    capacity: { cpu: "256", memory: "1Ti", pods: "250" },
    allocatable: { cpu: "256", memory: "1Ti", pods: "250" },
  },
};

function isReady(node: unknown): boolean {
  const conditions = (node as { status?: { conditions?: { type: string; status: string }[] } }).status?.conditions;
  return conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

/** Waits for something that the children make. Looks often: a start is on every test file's way. */
async function until(children: Children, what: string, isThere: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 40_000; performance.now() < end; ) {
    children.assertAllRun();
    if (await isThere()) return;
    await sleep(25);
  }
  throw new Error(`${what} did not come up in 40 s`);
}

async function callApi(
  dispatcher: Agent,
  url: string,
  token: string,
  method: "GET" | "POST",
  body: unknown,
): Promise<{ status: number; body: unknown }> {
  try {
    const reply = await request(url, {
      dispatcher,
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.body.text();
    return { status: reply.statusCode, body: text.startsWith("{") ? JSON.parse(text) : text };
  } catch (error) {
    // Not listening yet.
    return { status: 0, body: String(error) };
  }
}

/** kubectl and the program read JSON as the YAML that it is. */
async function writeKubeconfig(
  path: string,
  access: { url: string; ca: string; token: string; namespace: string },
): Promise<void> {
  const cluster = {
    server: access.url,
    "certificate-authority-data": Buffer.from(access.ca).toString("base64"),
  };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster }],
    users: [{ name: "test", user: { token: access.token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test", namespace: access.namespace } }],
    "current-context": "test",
  };
  await writeFile(path, JSON.stringify(config, null, 2), { mode: 0o600 });
}

function runKubectl(path: string, args: readonly string[], input: string | undefined) {
  return new Promise<{ stdout: string; stderr: string; code: number }>((resolve) => {
    const child = execFile(path, args, { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ stdout, stderr, code });
    });
    child.stdin?.end(input ?? "");
  });
}

/** Three different ports that nobody listens on. */
async function freePorts(): Promise<[number, number, number]> {
  const servers = await Promise.all([listen(), listen(), listen()]);
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports as [number, number, number];
}

function listen() {
  return new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
