/** How one message reads in text format. */
export interface Phrase {
  /** In front of the text, instead of the level; undefined for the level. */
  readonly lead?: string;
  /** With `{field}` where a field's value goes. */
  readonly text: string;
  /** Fields that the text leaves out. */
  readonly silent: readonly string[];
}

/**
 * Messages whose text form users of the original search their logs for, word for word, with what is ours behind it. All other messages
 * read `LEVEL: message field=value [group]`.
 */
export const PHRASES: ReadonlyMap<string, Phrase> = new Map([
  [
    "Runner created on Bitbucket workspace",
    { text: "Runner created on Bitbucket workspace: {workspace}", silent: ["uuid"] },
  ],
  [
    "Successfully setup runner",
    { lead: "✔", text: "Successfully setup runner UUID {uuid} on workspace {workspace}", silent: [] },
  ],
]);
