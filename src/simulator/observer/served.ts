/** A request that leaves a process: what the observer needs to know of it. Times are the world's. */
export interface SentRequest {
  /** Tells the processes apart. */
  readonly process: number;
  readonly method: string;
  readonly url: string;
  readonly sentAt: number;
}

/** A request that is about to be acted upon: when it reached the server, and of which moment a reply to it tells. */
export interface ServedRequest extends SentRequest {
  readonly at: number;
  readonly asOf: number;
}

/** A read of one runner. */
type Look = Pick<ServedRequest, "sentAt" | "asOf">;

/**
 * What each process has been shown: its latest looks, by runner, and when its pass began. From that, and from that alone, follows what it could
 * have known.
 */
export class Served {
  readonly #looks = new Map<string, Look[]>();
  readonly #ledgerRead = new Map<number, number>();
  readonly #passes = new Map<number, number>();
  /** Of which moments the listings of a scope told that each process was shown, oldest first. */
  readonly #listings = new Map<string, number[]>();
  /** The request that is being acted upon. */
  current: ServedRequest | undefined;

  note(request: ServedRequest): void {
    this.current = request;
    const { pathname, searchParams } = new URL(request.url);
    // One of a single runner only asks whether the scope is served.
    const isOfRunners = /\/pipelines-config\/runners$/.test(pathname) && searchParams.get("pagelen") !== "1";
    if (request.method !== "GET") return;
    const scope = keyOf(request.process, scopeOf(pathname));
    if (isOfRunners) this.#listings.set(scope, [...(this.#listings.get(scope) ?? []).slice(-MOST), request.asOf]);
    // A pass reads the ledger, the cluster, and then all runners; the ledger alone is also read in the middle of one.
    if (/\/configmaps\/[^/]+$/.test(pathname)) this.#ledgerRead.set(request.process, request.sentAt);
    if (isOfRunners) this.#passes.set(request.process, this.#ledgerRead.get(request.process) ?? request.sentAt);
    const uuid = /\/pipelines-config\/runners\/([^/]+)$/.exec(pathname)?.[1];
    if (uuid === undefined) return;
    const key = keyOf(request.process, decodeURIComponent(uuid));
    const looks = (this.#looks.get(key) ?? []).slice(-4);
    this.#looks.set(key, [...looks, { sentAt: request.sentAt, asOf: request.asOf }]);
  }

  /** The last look at a runner that a request's process began before it sent that. */
  lookBehind(runner: string, { process, sentAt }: SentRequest): Look | undefined {
    return this.#looks.get(keyOf(process, runner))?.findLast((look) => look.sentAt < sentAt);
  }

  /** Of which moments the process of the current request was shown all runners of the scope that it is about. */
  get #shown(): readonly number[] {
    const { current } = this;
    const { pathname } = new URL(current?.url ?? "http://nowhere");
    return (current && this.#listings.get(keyOf(current.process, scopeOf(pathname)))) ?? [];
  }

  /** Of which moment the listing tells that the process of the current request was shown last. */
  get listedAsOf(): number | undefined {
    return this.#shown.at(-1);
  }

  /**
   * Whether the process of the current request was shown all runners as they were at some time in between: several times, since a reply may have
   * been lost, or not have been believed.
   */
  wasShownBetween(from: number, to: number): boolean {
    return this.#shown.filter((asOf) => asOf >= from && asOf <= to).length >= SEVERAL;
  }

  /** When the pass of the current request's process began: it read its configuration right before. */
  get passBegan(): number | undefined {
    return this.current === undefined ? undefined : this.#passes.get(this.current.process);
  }
}

/** Listings are remembered for longer than anybody holds a runner in a history. */
const MOST = 500;
/** So many listings in a row are not lost. */
const SEVERAL = 4;

/** The workspace or repository that a request about runners is about: the same on either API. */
function scopeOf(pathname: string): string {
  return /\/(?:workspaces|repositories)\/.*?(?=\/pipelines-config\/)/.exec(pathname)?.[0] ?? "";
}

function keyOf(process: number, about: string): string {
  return `${process} ${about}`;
}
