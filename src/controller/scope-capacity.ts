/** Places left in a scope (Bitbucket allows 100 runners), shared by the groups that create side by side in one pass. */
export class ScopeRoom {
  #left: number;

  constructor(left: number) {
    this.#left = Math.max(0, left);
  }

  /** Takes up to `wanted` places for good. @returns how many it got */
  take(wanted: number): number {
    const got = Math.min(wanted, this.#left);
    this.#left -= got;
    return got;
  }
}
