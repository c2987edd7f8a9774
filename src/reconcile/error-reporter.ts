import type { Trouble } from "../domain/report.ts";
import { messageOf, remedyOf } from "../support/errors.ts";
import type { Worlds } from "./dependencies.ts";

/** Tells what failed and where: a scope's or group's name. The next pass starts from what is there. */
export type TellTrouble = (where: string, error: unknown) => void;

/** The same trouble is not logged again for so long, however often it comes. */
const SILENCE_MS = 300_000;

/**
 * Says what failed, with its remedy, to whoever shows the state, and to the log: once in five minutes, in between at debug level, since
 * an outage fails every pass.
 */
export function troubleTeller(
  { clock, log }: Pick<Worlds, "clock" | "log">,
  reporter: { trouble(trouble: Trouble): void },
): TellTrouble {
  const loggedAt = new Map<string, number>();
  return (where, error) => {
    const now = clock.now();
    const message = messageOf(error);
    const remedy = remedyOf(error);
    // Stamps and counts in a message do not make it another one.
    const key = `${where}\n${message.replace(/\d+/g, "#")}`;
    for (const [other, at] of loggedAt) if (now - at >= SILENCE_MS) loggedAt.delete(other);
    if (loggedAt.has(key)) {
      log.debug("Failed again", { group: where, error });
    } else {
      loggedAt.set(key, now);
      log.error("Failed", { group: where, error });
    }
    reporter.trouble({ where, at: now, message, remedy });
  };
}
