/** A promise of the product that was seen broken. The numbers are those of docs/invariants.md. */
export interface Breach {
  readonly invariant: 1 | 2 | 3 | 4;
  /** World time. */
  readonly at: number;
  readonly what: string;
}
