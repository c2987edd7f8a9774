/** Everything that can go wrong with Kubernetes: what happened (`message`) and the next step (`remedy`). Carries no secret. */
export class KubernetesError extends Error {
  override readonly name: string = "KubernetesError";
  /** The next step for the person who reads this; one sentence. */
  readonly remedy: string;
  /** The HTTP status, when there was a reply. */
  readonly status: number | undefined;
  /** Kubernetes' own reason (`Status.reason`), such as Forbidden, when it gave one. */
  readonly reason: string | undefined;

  constructor(
    message: string,
    remedy: string,
    options?: ErrorOptions & { readonly status?: number; readonly reason?: string },
  ) {
    super(message, options);
    this.remedy = remedy;
    this.status = options?.status;
    this.reason = options?.reason;
  }
}
