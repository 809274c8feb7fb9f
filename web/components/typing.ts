/**
 * What is being typed into a field, until it is taken. Keys that come together are one question, and what is drawn in
 * between takes no letter away.
 */
export class Typing {
  #timer = 0;
  #text: string | null = null;

  /** What stands in the field, of which `taken` is known. */
  shown(taken: string): string {
    return this.#text ?? taken;
  }

  type(text: string, take: (text: string) => void, wait: number): void {
    this.stop();
    this.#text = text;
    this.#timer = window.setTimeout(() => {
      this.#text = null;
      take(text);
    }, wait);
  }

  /** Forgets what was not taken yet. */
  stop(): void {
    window.clearTimeout(this.#timer);
    this.#text = null;
  }
}
