import { RemediedError } from "../support/errors.ts";
import type { Surroundings } from "./surroundings.ts";

/** A variable of the environment holds no address. */
class NoServerUrl extends RemediedError {
  override readonly name = "NoServerUrl";

  constructor(variable: string) {
    // Its text is not told: it may hold a password.
    super(
      `${variable} holds no address of a server.`,
      `Set ${variable} to an address that begins with https:// (or http://), or unset it for Bitbucket Cloud's.`,
    );
  }
}

/** The address that a variable holds; undefined when it is unset or empty. @throws {NoServerUrl} */
export function serverUrl(env: Surroundings["env"], variable: string): string | undefined {
  const text = env[variable]?.trim() ?? "";
  if (text === "") return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new NoServerUrl(variable);
  return text;
}
