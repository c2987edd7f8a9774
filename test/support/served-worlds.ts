import { onTestFinished } from "vitest";
import { type HttpResponse, readText, type Send, textResponse } from "../../src/http/transport.ts";
import { writeFiles } from "../../src/sandbox/files.ts";
import { bitbucketAddress } from "../../src/sandbox/processes/child-environment.ts";
import { serve } from "../../src/sandbox/serving/http-server.ts";
import { documentedConsumer } from "../../src/simulation/identity.ts";
import { bitbucketHttp } from "../../src/simulator/bitbucket/api/http.ts";
import { BitbucketWorld } from "../../src/simulator/bitbucket/world.ts";
import { KubernetesWorld } from "../../src/simulator/kubernetes/world.ts";
import { systemClock } from "../../src/support/clock.ts";
import { seededRandom } from "../../src/support/random.ts";
import { scratchFolder } from "./run-command.ts";

/** A consumer as the documentation has it made. */
export const CONSUMER = documentedConsumer("aB3dE6gH9jK2mN5pQ8", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL");

/** Both worlds behind HTTP in real time, and all that a process needs to work on them. */
export interface ServedWorlds {
  readonly bitbucket: BitbucketWorld;
  readonly cluster: KubernetesWorld;
  /** The environment of the documentation's installation. */
  readonly env: Readonly<Record<string, string>>;
  /** `--config`, `--template` and `--http-port`. */
  readonly files: readonly string[];
  /** Every secret that was given out or sent in until now. */
  readonly secrets: ReadonlySet<string>;
}

/** Opens both worlds for the running test. @param through stands between the program and Bitbucket */
export async function servedWorlds(through: (send: Send) => Send = (send) => send): Promise<ServedWorlds> {
  const { folder } = await scratchFolder();
  const clock = systemClock();
  const bitbucket = new BitbucketWorld({ clock, random: seededRandom(1) });
  bitbucket.addWorkspace({ uuid: "{6321d246-a40a-4776-8497-372a41771e65}", slug: "woodpeckernew" });
  bitbucket.credentials.addConsumer(CONSUMER);
  const cluster = new KubernetesWorld({ clock, random: seededRandom(2), agents: bitbucket });
  const secrets = new Set([CONSUMER.secret]);
  const [front, api] = await Promise.all([
    serve(noting(through(bitbucketHttp(bitbucket)), secrets), { host: "127.0.0.1", port: 0 }),
    serve(cluster.send, { host: "127.0.0.1", port: 0 }),
  ]);
  onTestFinished(async () => {
    cluster.stop();
    bitbucket.close();
    await Promise.all([front.close(), api.close()]);
  });
  const { config, template, kubeconfig } = await writeFiles(
    folder,
    { configPath: undefined, templatePath: undefined },
    api.url,
  );
  return {
    bitbucket,
    cluster,
    env: {
      BITBUCKET_OAUTH_CLIENT_ID: CONSUMER.id,
      BITBUCKET_OAUTH_CLIENT_SECRET: CONSUMER.secret,
      ...bitbucketAddress(front.url),
      KUBECONFIG: kubeconfig,
    },
    files: ["--config", config, "--template", template, "--http-port", "0"],
    secrets,
  };
}

/** Notes what the program must keep to itself: tokens, and what a registration is answered with. */
function noting(send: Send, secrets: Set<string>): Send {
  return async (request): Promise<HttpResponse> => {
    const reply = await send(request);
    const text = await readText(reply);
    for (const [, secret = ""] of text.matchAll(/"(?:access_token|refresh_token|secret)":\s*"([^"]+)"/g))
      secrets.add(secret);
    return textResponse(reply.status, reply.headers, text);
  };
}
