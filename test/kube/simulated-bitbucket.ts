import { readFile } from "node:fs/promises";
import { Background } from "./background.ts";

/** A registration as Bitbucket shows it. */
export interface Registered {
  readonly uuid: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly state: { readonly status: string };
}

/** A registration that was just made, with what its agent logs in with. */
export interface Registration extends Registered {
  readonly oauth_client: { readonly id: string; readonly secret: string };
}

const RUNNERS = "/internal/workspaces/woodpeckernew/pipelines-config/runners";

/** `sandbox --only bitbucket` in a process of its own, and a hand in its world through the API. */
export class SimulatedBitbucket {
  readonly process: Background;
  /** The variables that it tells people to set, the secret's file among them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clientId: string;
  readonly clientSecret: string;

  private constructor(process: Background, environment: Readonly<Record<string, string>>, clientSecret: string) {
    this.process = process;
    this.environment = environment;
    this.clientId = environment.BITBUCKET_OAUTH_CLIENT_ID ?? "";
    this.clientSecret = clientSecret;
  }

  /** @param folder where it is started */
  static async start(
    command: readonly [program: string, ...args: string[]],
    folder: string,
  ): Promise<SimulatedBitbucket> {
    const process = new Background("sandbox", command, { folder, env: {} });
    await process.said(/^ {2}export BITBUCKET_OAUTH_CLIENT_SECRET_FILE=.*$/m);
    const environment = Object.fromEntries(
      [...process.output.matchAll(/^ {2}export (\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
    );
    const secret = await readFile(environment.BITBUCKET_OAUTH_CLIENT_SECRET_FILE ?? "", "utf8");
    return new SimulatedBitbucket(process, environment, secret);
  }

  /** All registrations of the workspace. */
  async runners(): Promise<readonly Registered[]> {
    const { values } = (await this.#call("GET", `${RUNNERS}?pagelen=100`)) as { values: Registered[] };
    return values;
  }

  /** Registers as the original does: under the group's bare name. */
  async register(name: string, labels: readonly string[]): Promise<Registration> {
    return (await this.#call("POST", RUNNERS, { name, labels })) as Registration;
  }

  /** Disables as the original does. */
  async disable(uuid: string): Promise<void> {
    await this.#call("PUT", `${RUNNERS}/${encodeURIComponent(uuid)}/state`, { status: "DISABLED" });
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const token = await this.#token();
    const reply = await fetch(`${this.environment.BITBUCKET_API_URL}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
  }

  async #token(): Promise<string> {
    const basic = Buffer.from(`${this.clientId}:${this.clientSecret}`).toString("base64");
    const reply = await fetch(this.environment.BITBUCKET_OAUTH_TOKEN_URL ?? "", {
      method: "POST",
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    return ((await reply.json()) as { access_token: string }).access_token;
  }
}
