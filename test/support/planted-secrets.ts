import { CONSUMER } from "../../src/simulation/identity.ts";
import type { BitbucketWorld } from "../../src/simulator/bitbucket/world.ts";
import type { ChooseFault } from "../../src/simulator/faults.ts";

/** Every secret that the processes get to know in a simulated Bitbucket: none of them may be logged. */
export class PlantedSecrets {
  /** To be among the faults of each process: wants none, and notes what the requests log in with. */
  readonly noteRequest: ChooseFault;
  /** What they are, by the secrets themselves. */
  readonly #known = new Map<string, string>([[CONSUMER.secret, "the consumer's secret"]]);

  constructor(bitbucket: BitbucketWorld) {
    this.noteRequest = (request) => {
      const [scheme = "", token = ""] = request.headers.authorization?.split(" ") ?? [];
      if (token !== "") this.#known.set(token, `${scheme} credentials`);
      return undefined;
    };
    bitbucket.onEvent((event) => {
      if (event.type !== "runner-created") return;
      const secret = bitbucket.runners.find(event.runner)?.oauthClientSecret.reveal();
      if (secret !== undefined) this.#known.set(secret, `the secret of runner ${event.runner}`);
    });
  }

  /** Those that stand in what was logged, plain or as a Kubernetes Secret holds them: what they are, not what they say. */
  foundIn(lines: readonly string[]): readonly string[] {
    const text = lines.join("");
    return [...this.#known].flatMap(([secret, what]) =>
      text.includes(secret) || text.includes(Buffer.from(secret).toString("base64")) ? [what] : [],
    );
  }
}
