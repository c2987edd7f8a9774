/** An error that tells the person who reads it what to do next. The base of every error that is meant for people. */
export class RemediedError extends Error {
  override readonly name: string = "RemediedError";
  /** The next step; one sentence. */
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** What was thrown, as an error. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** What was thrown, in words. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The next step, when the thrower knew one. */
export function remedyOf(thrown: unknown): string | undefined {
  return thrown instanceof RemediedError ? thrown.remedy : undefined;
}

/** Node's code of a failed system call; the error's name when it is something else. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

/** What the program was given is wrong (flags, environment, files): nothing was begun. Commands end with exit code 2 then. */
export class UsageError extends RemediedError {
  override readonly name: string = "UsageError";
}

/** Several such things at once. */
export class UsageErrors extends UsageError {
  override readonly name = "UsageErrors";
  readonly errors: readonly UsageError[];

  constructor(errors: readonly UsageError[]) {
    super(errors.map(({ message }) => message).join(" "), errors.map(({ remedy }) => remedy).join(" "));
    this.errors = errors;
  }
}
