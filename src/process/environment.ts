import type { Flavour } from "../domain/remote-runner.ts";
import { UsageError } from "../support/errors.ts";
import { shown } from "../support/shown.ts";

/** What a process of the program may touch of its surroundings. */
export interface Surroundings {
  readonly env: Environment;
  readonly out: (text: string) => void;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** The environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable of the environment holds something that it cannot mean. */
class BadVariable extends UsageError {
  override readonly name = "BadVariable";
}

/** The address that a variable holds; undefined when it is unset or empty. @throws {BadVariable} */
export function serverUrl(env: Environment, variable: string): string | undefined {
  const text = env[variable]?.trim() ?? "";
  if (text === "") return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new BadVariable(
    // Its text is not told: it may hold a password.
    `${variable} is not the address of a server.`,
    `Set ${variable} to an address that begins with https:// (or http://), or unset it for Bitbucket Cloud's.`,
  );
}

/** Which of Bitbucket's two runner APIs to use: `auto` finds out with a read. @throws {BadVariable} */
export function flavourFrom(env: Environment): "auto" | Flavour {
  const text = env.BITBUCKET_API_FLAVOUR || "auto";
  if (text === "auto" || text === "public" || text === "internal") return text;
  throw new BadVariable(
    `BITBUCKET_API_FLAVOUR is "${shown(text)}".`,
    "Set BITBUCKET_API_FLAVOUR to auto, public or internal, or unset it.",
  );
}
