/** Names and what they stand for; those of the scopes around it are known too. */
export class Scope<T> {
  readonly #own: Map<string, T>;
  readonly #around: Scope<T> | undefined;

  constructor(around?: Scope<T>, own: Iterable<readonly [string, T]> = []) {
    this.#around = around;
    this.#own = new Map(own);
  }

  set(name: string, value: T): void {
    this.#own.set(name, value);
  }

  has(name: string): boolean {
    return this.#own.has(name) || (this.#around?.has(name) ?? false);
  }

  get(name: string): T | undefined {
    return this.#own.has(name) ? this.#own.get(name) : this.#around?.get(name);
  }

  names(): readonly string[] {
    return [...(this.#around?.names() ?? []), ...this.#own.keys()];
  }
}
