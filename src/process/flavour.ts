import type { Flavour } from "../domain/remote-runner.ts";
import { RemediedError } from "../support/errors.ts";

/** The environment's `BITBUCKET_API_FLAVOUR` is no flavour. */
class UnknownFlavour extends RemediedError {
  override readonly name = "UnknownFlavour";

  constructor(message: string) {
    super(message, "Set BITBUCKET_API_FLAVOUR to auto, public or internal, or unset it.");
  }
}

/** Which of Bitbucket's two runner APIs to use: `auto` finds out with a read. @throws {UnknownFlavour} */
export function flavourFrom(env: Readonly<Record<string, string | undefined>>): "auto" | Flavour {
  const text = env.BITBUCKET_API_FLAVOUR || "auto";
  if (text === "auto" || text === "public" || text === "internal") return text;
  throw new UnknownFlavour(`BITBUCKET_API_FLAVOUR is "${text}".`);
}
