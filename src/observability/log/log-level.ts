import { UsageError } from "../../support/errors.ts";
import { shown } from "../../support/shown.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** The words of other loggers, which people carry over. */
const ALSO: Readonly<Record<string, LogLevel>> = { trace: "debug", warning: "warn", fatal: "error", critical: "error" };

/** `LOG_LEVEL` is set to something that is not a level. */
export class UnknownLogLevel extends UsageError {
  override readonly name = "UnknownLogLevel";

  constructor(message: string) {
    super(message, `Set LOG_LEVEL to one of ${LOG_LEVELS.join(", ")}, or unset it for info.`);
  }
}

/**
 * How much to log: `DEBUG=true` as the original, else `LOG_LEVEL` in either case, else info.
 *
 * @throws {UnknownLogLevel} when `LOG_LEVEL` is another word.
 */
export function logLevel(env: Readonly<Record<string, string | undefined>>): LogLevel {
  if (/^(true|1|yes|on)$/i.test(env.DEBUG?.trim() ?? "")) return "debug";
  const word = env.LOG_LEVEL?.trim().toLowerCase() ?? "";
  if (word === "") return "info";
  const level = LOG_LEVELS.find((each) => each === word) ?? ALSO[word];
  if (level === undefined) throw new UnknownLogLevel(`LOG_LEVEL is "${shown(word)}", which is not a log level.`);
  return level;
}
