import { parseJson } from "./json.ts";
import { RunnerResource } from "./resources.ts";

/** What a runner can be told to be. */
export type SettableStatus = "DISABLED" | "ENABLED";

/**
 * How the public API wants a runner's new status spelt: it documents the statuses in capitals for replies and nothing for requests, and
 * clients in the wild send both. Starts with capitals and changes over whenever what was sent had no effect. Whether the runner is disabled
 * is for a later read to say; this only makes the next attempt a different one.
 */
export class StatusSpelling {
  #lowerCase = false;

  of(status: SettableStatus): string {
    return this.#lowerCase ? status.toLowerCase() : status;
  }

  /** It was not understood. */
  refused(): void {
    this.#lowerCase = !this.#lowerCase;
  }

  /** It was accepted; when the reply shows the runner, and that nothing changed, it was not understood either. */
  answered(status: SettableStatus, replyText: string): void {
    const runner = RunnerResource.safeParse(parseJson(replyText));
    if (!runner.success || typeof runner.data.state?.status !== "string") return;
    const isDisabled = runner.data.state.status === "DISABLED" || runner.data.state.cordoned === true;
    if (isDisabled !== (status === "DISABLED")) this.refused();
  }
}
