/** A long list of lines of which only those in sight are drawn. Lines may be of any height: they are measured. */
import { elementScroll, measureElement, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { vars } from './part.ts';
import { inTurn } from './turns.ts';

export class LongList extends LitElement {
  static override properties = { count: { type: Number }, draw: { attribute: false }, label: {}, kind: {}, height: { type: Number } };
  declare count: number;
  /** Draws one line. */
  declare draw: (index: number) => TemplateResult;
  declare label: string;
  /** Class of the scrolling region. */
  declare kind: string;
  /** Pixels of an ordinary line. */
  declare height: number;
  #virtualizer: Virtualizer<HTMLElement, HTMLElement> | null = null;
  #stop: (() => void) | null = null;

  constructor() {
    super();
    this.count = 0;
    this.draw = (): TemplateResult => html``;
    this.label = '';
    this.kind = '';
    this.height = 20;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override scheduleUpdate(): void | Promise<unknown> {
    return inTurn(() => super.scheduleUpdate());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.#stop = this.#virtualizer = null;
  }

  override render(): TemplateResult {
    const items = this.#virtualizer?.getVirtualItems() ?? [];
    return html`<div class="lines ${this.kind}" tabindex="0" role="region" aria-label=${this.label}><div class="all" ${vars({ '--height': `${this.#virtualizer?.getTotalSize() ?? 0}px` })}>
      ${repeat(items, (item) => item.key, (item) => html`<div class="ln" data-index=${item.index} ${vars({ translate: `0 ${item.start}px` })}>${this.draw(item.index)}</div>`)}
    </div></div>`;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('count') || changed.has('height')) this.#virtualizer?.setOptions(this.#options());
    // Other lines under the same numbers: their heights are not known yet.
    if (changed.has('draw')) this.#virtualizer?.measure();
  }

  protected override updated(): void {
    if (this.#virtualizer === null) {
      this.#virtualizer = new Virtualizer(this.#options());
      this.#stop = this.#virtualizer._didMount();
      this.requestUpdate();
    }
    this.#virtualizer._willUpdate();
    for (const line of this.querySelectorAll<HTMLElement>('.ln')) this.#virtualizer.measureElement(line);
  }

  /** Scrolls to a line. */
  reveal(index: number): void {
    this.#virtualizer?.scrollToIndex(index, { align: 'center' });
  }

  #options(): ConstructorParameters<typeof Virtualizer<HTMLElement, HTMLElement>>[0] {
    const { height } = this;
    return {
      count: this.count,
      getScrollElement: () => this.querySelector<HTMLElement>('.lines'),
      estimateSize: () => height,
      overscan: 10,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      measureElement,
      onChange: () => this.requestUpdate(),
    };
  }
}

customElements.define('long-list', LongList);
