/** Paints what depends on the layout: once a frame, when the layout is known anyway, and whenever a size has changed. */
export class Painter {
  #frame = 0;
  #observer: ResizeObserver | null = null;
  #watched: Element | null = null;

  constructor(private readonly paint: () => void) {}

  /** Paints when this element, or one of those in it, changes its size; null: there is none now. */
  watch(element: Element | null, within: Iterable<Element> = []): void {
    if (element === this.#watched) return;
    this.#observer ??= new ResizeObserver(() => this.soon());
    this.#observer.disconnect();
    if (element !== null) for (const each of [element, ...within]) this.#observer.observe(each);
    this.#watched = element;
  }

  soon(): void {
    if (this.#frame !== 0 || this.#watched === null) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.paint();
    });
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#observer?.disconnect();
    this.#observer = this.#watched = null;
  }
}
