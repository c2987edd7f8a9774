/**
 * Everything that can go wrong with Bitbucket. Each says what happened (`message`) and what to do about it (`remedy`), and carries
 * no secret: request bodies, tokens and credentials never enter a message.
 */
export class BitbucketError extends Error {
  override readonly name: string = "BitbucketError";
  /** The next step for the person who reads this; one sentence. */
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}
