import { parseJson } from "../../support/json.ts";
import { RunnerResource } from "./resources.ts";

/** What a runner can be told to be. */
export type SettableStatus = "DISABLED" | "ENABLED";

/** The forms seen in the wild, the likeliest first. */
const FORMS: readonly ((status: SettableStatus) => Readonly<Record<string, unknown>>)[] = [
  (status) => ({ state: { status } }),
  (status) => ({ disabled: status === "DISABLED" }),
  (status) => ({ enabled: status === "ENABLED" }),
];

/**
 * How the public API wants to be told a runner's new status: nothing documents it, and clients differ. Starts with the likeliest form and
 * moves on to the next whenever what was sent had no effect. Whether the runner is disabled is for a later read to say; this only makes the
 * next attempt a different one.
 */
export class StatusForm {
  #used = 0;

  /** How many forms there are to try. */
  static readonly count = FORMS.length;

  /** The part of the request's body that tells the status. */
  of(status: SettableStatus): Readonly<Record<string, unknown>> {
    return FORMS[this.#used % FORMS.length]?.(status) ?? {};
  }

  /** It was not understood. */
  refused(): void {
    this.#used += 1;
  }

  /** It was accepted; when the response shows the runner, and that nothing changed, it was not understood either. */
  answered(status: SettableStatus, responseText: string): void {
    const runner = RunnerResource.safeParse(parseJson(responseText));
    if (!runner.success || typeof runner.data.state?.status !== "string") return;
    const isDisabled = runner.data.state.status === "DISABLED" || runner.data.state.cordoned === true;
    if (isDisabled !== (status === "DISABLED")) this.refused();
  }
}
