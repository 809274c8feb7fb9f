/** The window on many rows of one height: which of them are drawn, and how it scrolls. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer, type Range } from '@tanstack/virtual-core';
import type { Part } from './part.ts';

/** Rows that are drawn beyond each edge of the window. */
const OVERSCAN = 10;
/** When the first rows fill the window, those beyond it follow after so many milliseconds: the first are seen sooner. */
const BEYOND_MS = 50;

/** A component with a `.scroll` element, which has a row that the keys move. */
type Host = Part & { readonly active: number };

export class RowWindow {
  /** The height of a row in pixels. */
  rowHeight = 28;
  /**
   * How many elements draw rows: as many as can be needed at once, so that no two rows in sight share one, and none becomes
   * another's while it is pressed.
   */
  ring = 1;
  /** The row that the keys move is drawn, but out of sight and far from the others. */
  far = false;
  #virtualizer: Virtualizer<HTMLElement, HTMLElement> | null = null;
  #stop: (() => void) | null = null;
  /** Rows beyond the window are drawn too. */
  #drawsBeyond = false;
  #timer = 0;

  constructor(
    private readonly host: Host,
    private readonly total: () => number,
  ) {}

  /** The rows to draw, by their numbers. */
  indexes(): number[] {
    const indexes = (this.#virtualizer?.getVirtualItems() ?? []).map(({ index }) => index);
    this.ring = Math.max(this.ring, this.#inSight + 2 * OVERSCAN + 2);
    return indexes;
  }

  get isScrolling(): boolean {
    return this.#virtualizer?.isScrolling ?? false;
  }

  /** How many rows Page Down goes. */
  get page(): number {
    return Math.max(1, Math.floor((this.#scroller?.clientHeight ?? 400) / this.rowHeight) - 2);
  }

  /** Before a drawing: takes what has changed. */
  willDraw(): void {
    this.#virtualizer?.setOptions(this.#options());
  }

  /** After a drawing. */
  didDraw(): void {
    if (this.#virtualizer === null && this.#scroller !== null) this.#open();
    this.#virtualizer?._willUpdate();
    const isFull = this.#inSight > 0 && this.total() > this.#inSight;
    if (this.#drawsBeyond || this.#timer !== 0 || !isFull) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      this.#drawsBeyond = true;
      this.host.requestUpdate();
    }, BEYOND_MS);
  }

  toTop(): void {
    this.#virtualizer?.scrollToOffset(0);
  }

  /** Scrolls no further than it takes to see the row that the keys move. */
  reveal(): void {
    const { active } = this.host;
    this.#virtualizer?.setOptions({ ...this.#options(), count: Math.max(this.total(), active + 1) });
    this.#virtualizer?.scrollToIndex(active, { align: 'auto' });
  }

  close(): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    this.#drawsBeyond = false;
    this.#stop?.();
    this.#stop = this.#virtualizer = null;
  }

  /** How many rows fill the window. */
  get #inSight(): number {
    return Math.ceil((this.#virtualizer?.scrollRect?.height ?? 0) / this.rowHeight);
  }

  get #scroller(): HTMLElement | null {
    return this.host.querySelector<HTMLElement>('.scroll');
  }

  #open(): void {
    const probe = getComputedStyle(this.host).getPropertyValue('--row').trim();
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.rowHeight = Math.round((probe.endsWith('rem') ? parseFloat(probe) * rem : parseFloat(probe)) || 28);
    this.#virtualizer = new Virtualizer(this.#options());
    this.#stop = this.#virtualizer._didMount();
    this.host.requestUpdate();
  }

  #options(): ConstructorParameters<typeof Virtualizer<HTMLElement, HTMLElement>>[0] {
    const scroller = this.#scroller;
    const height = this.rowHeight;
    return {
      count: this.total(),
      getScrollElement: () => scroller,
      estimateSize: () => height,
      overscan: OVERSCAN,
      // The sticky header covers the first row of the window.
      scrollPaddingStart: height + 2,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      rangeExtractor: (range) => this.#range(range),
      onChange: () => {
        this.host.requestUpdate();
      },
    };
  }

  /** What is seen, and the row that has the focus wherever it is: a row that is taken away would lose it. */
  #range({ startIndex, endIndex, overscan, count }: Range): number[] {
    const { active } = this.host;
    const [beyond, ring] = this.#drawsBeyond ? [overscan, this.ring] : [0, 1];
    // As many rows as the ring has elements, so that none is taken away or made while rows scroll.
    const first = Math.max(0, Math.min(startIndex - beyond, count - ring));
    const last = Math.min(count - 1, Math.max(endIndex + beyond, first + ring - 1));
    const indexes = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
    this.far = active < count && (active < first || active > last);
    if (this.far && active < first) indexes.unshift(active);
    else if (this.far) indexes.push(active);
    return indexes;
  }
}
