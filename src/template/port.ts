import type { Scope } from "../domain/scope.ts";
import type { GroupSettings } from "../domain/settings.ts";
import type { Secret } from "../support/secret.ts";

/** The user's job template, ready to make a runner's objects. */
export interface JobTemplate {
  /**
   * The Secret and the Job of one runner: what the user wrote, plus this program's labels and annotations; nothing is left out.
   *
   * @throws {TemplateError} with line, snippet and name when the template does not render to exactly one Secret and one Job that fit.
   */
  render(input: TemplateInput): RenderedRunner;
}

export interface TemplateInput {
  readonly group: GroupSettings;
  readonly scope: Scope;
  /** With braces. */
  readonly runnerUuid: string;
  readonly oauthClientId: string;
  readonly oauthClientSecret: Secret;
  /** Put on the Job, its pod template and the Secret (labels), and on the Job and the Secret (annotations). */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RenderedRunner {
  readonly job: Readonly<Record<string, unknown>>;
  /** Makes the Secret's object once the Job that will own it exists: its `ownerReferences` name the Job's uid. */
  secretOwnedBy(jobUid: string): Readonly<Record<string, unknown>>;
}
