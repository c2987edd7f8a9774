/** Facts of a log line. Values are what a JSON line can hold; secrets are never among them. */
export type LogFields = Readonly<Record<string, unknown>>;

/** A log: the message is constant, the values are fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Says nothing. */
export const silentLog: Log = { debug: noop, info: noop, warn: noop, error: noop };

function noop(): void {}
