import { pino } from "pino";
import type { Log, LogFields } from "../../support/log.ts";
import type { Redactor } from "../redaction/redaction.ts";
import type { LogLevel } from "./log-level.ts";
import { type Loggable, loggable } from "./loggable.ts";
import { textLine } from "./text-line.ts";

export interface LogOptions {
  /** text: `LEVEL: message field=value [group]`. json: one object a line: `level`, `time`, the fields, `msg`. */
  readonly format: "text" | "json";
  readonly level: LogLevel;
  /** Takes each line, its line feed included. */
  readonly write: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly redactor: Redactor;
}

/**
 * The process's log. Every text on its way out passes the redactor; errors show their message and remedy, and their stack only where
 * `level` is debug.
 */
export function createLog({ format, level, write, now, redactor }: LogOptions): Log {
  const sink = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      // Fields arrive as plain JSON: pino's own way with a field named err would add to it.
      serializers: { err: (value: unknown) => value },
      formatters: { level: (label) => ({ level: label }) },
      ...(format === "text" && { hooks: { streamWrite: asText } }),
    },
    { write },
  );
  const options = { redactor, stacks: level === "debug" ? "with" : "without" } as const;
  const at = (label: LogLevel) => (message: string, fields?: LogFields) => {
    if (sink.isLevelEnabled(label)) sink[label](lineFields(loggable(fields ?? {}, options)), redactor.redact(message));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** The log's own names stay its own: a field of the same name gets a `_` behind it. */
function lineFields(fields: Loggable): Record<string, Loggable> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).map(([name, value]: [string, Loggable]) => [
      ["level", "time", "msg"].includes(name) ? `${name}_` : name,
      value,
    ]),
  );
}

function asText(line: string): string {
  const {
    level,
    time: _time,
    msg,
    ...fields
  } = JSON.parse(line) as Record<string, Loggable> & {
    readonly level: string;
    readonly msg: string;
  };
  return `${textLine({ level, msg, fields })}\n`;
}
