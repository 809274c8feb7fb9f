/** Tells of changes at once, and then no oftener than eyes can follow. The last change is always told. */
export class Pace {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #last = Number.NEGATIVE_INFINITY;

  /** `interval`: the least milliseconds between two calls of `tell`. */
  constructor(
    private readonly tell: () => void,
    private readonly interval: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Something changed. */
  changed(): void {
    if (this.#timer !== null) return;
    const wait = this.#last + this.interval - this.now();
    if (wait <= 0) this.flush();
    else this.#timer = setTimeout(() => this.flush(), wait);
  }

  /** Something changed that the user waits for. */
  flush(): void {
    this.stop();
    this.#last = this.now();
    this.tell();
  }

  /** Forgets what was not told yet. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
