import type { Log, LogFields } from "../../src/support/log.ts";

/** A log that can be looked at. */
export function keptLog(): { readonly log: Log; readonly logged: [string, string, LogFields][] } {
  const logged: [string, string, LogFields][] = [];
  const keep =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void logged.push([level, message, fields]);
  return { log: { debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") }, logged };
}
