import { RemediedError } from "../support/errors.ts";
/** Everything that can go wrong with Kubernetes: what happened (`message`) and the next step (`remedy`). Carries no secret. */
export class KubernetesError extends RemediedError {
  override readonly name: string = "KubernetesError";
  /** The HTTP status, when there was a response. */
  readonly status: number | undefined;
  /** Kubernetes' own reason (`Status.reason`), such as Forbidden, when it gave one. */
  readonly reason: string | undefined;

  constructor(
    message: string,
    remedy: string,
    options?: ErrorOptions & { readonly status?: number; readonly reason?: string },
  ) {
    super(message, remedy, options);
    this.status = options?.status;
    this.reason = options?.reason;
  }
}
