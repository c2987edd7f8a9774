/** Which images are on which nodes, and which cannot be pulled. */
export class Images {
  readonly #present = new Map<string, Set<string>>();
  readonly #broken = new Set<string>();

  isOn(nodeName: string, image: string): boolean {
    return this.#present.get(nodeName)?.has(image) === true;
  }

  canBePulled(image: string): boolean {
    return !this.#broken.has(image);
  }

  pulled(nodeName: string, image: string): void {
    const images = this.#present.get(nodeName) ?? new Set();
    this.#present.set(nodeName, images.add(image));
  }

  /** From now on the image cannot be pulled, and no node has it any more. */
  break(image: string): void {
    this.#broken.add(image);
    for (const images of this.#present.values()) images.delete(image);
  }

  repair(image: string): void {
    this.#broken.delete(image);
  }

  /** The node and what it had are gone. */
  forgetNode(nodeName: string): void {
    this.#present.delete(nodeName);
  }
}
