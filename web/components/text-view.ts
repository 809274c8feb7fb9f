/** Text in numbered lines, and a search in it. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Line, Lines, Text } from '../content.ts';
import { icon } from '../icons.ts';
import { number, t } from '../i18n.ts';
import { pieces } from '../show.ts';
import { findAll, MATCHES_MAX, type Match } from '../text-search.ts';
import type { LongList } from './long-list.ts';
import './long-list.ts';
import { inTurn } from './turns.ts';

export class TextView extends LitElement {
  static override properties = { text: { attribute: false }, wanted: { state: true }, at: { state: true } };
  declare text: Text & Lines;
  /** What is searched for. */
  declare wanted: string;
  /** Which match is looked at, from 0. */
  declare at: number;
  #matches: readonly Match[] = [];
  /** Which matches each drawn line has. */
  #byLine = new Map<number, Match[]>();
  #draw: (index: number) => TemplateResult = () => html``;

  constructor() {
    super();
    this.wanted = '';
    this.at = 0;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override scheduleUpdate(): void | Promise<unknown> {
    return inTurn(() => super.scheduleUpdate());
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('text') || changed.has('wanted')) {
      this.#matches = findAll(this.text.lines, this.wanted);
      this.#byLine = new Map();
      for (const match of this.#matches) {
        for (const { line } of match.parts) this.#byLine.set(line, [...(this.#byLine.get(line) ?? []), match]);
      }
      if (changed.has('wanted')) this.at = 0;
    }
    if (changed.has('text') || changed.has('wanted') || changed.has('at')) {
      const { lines } = this.text;
      this.#draw = (index) => this.#line(lines[index], index);
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('wanted') && !changed.has('at')) return;
    const line = this.#matches[this.at]?.parts[0]?.line;
    if (line !== undefined) this.querySelector<LongList>('long-list')?.reveal(line);
  }

  override render(): TemplateResult {
    const { text } = this;
    const note = text.end === 'none' ? t(`encoding.${text.encoding}`) : t('content.encoding', { encoding: t(`encoding.${text.encoding}`), end: text.end === 'mixed' ? t('content.mixed-ends') : text.end });
    return html`<header class="content-head">
        <label class="field in-text">${icon('search')}<span class="vh">${t('text-search')}</span>
          <input type="search" placeholder=${t('text-search')} .value=${this.wanted} spellcheck="false" autocomplete="off"
            @input=${(event: Event): void => void (this.wanted = (event.target as HTMLInputElement).value)} @keydown=${this.#keys}></label>
        ${this.wanted === '' ? nothing : this.#count()}<span class="grow"></span><span>${note}</span></header>
      <long-list .count=${text.lines.length} .draw=${this.#draw} .label=${t('content.text')} kind="code plain"></long-list>`;
  }

  #count(): TemplateResult {
    const count = this.#matches.length;
    const words = count === 0 ? t('text-search.none') : t(count >= MATCHES_MAX ? 'text-search.at-least' : 'text-search.of', { at: number(this.at + 1), n: number(count) });
    return html`<span class="found" role="status">${words}</span>
      <button class="icon small" aria-label=${t('text-search.previous')} title=${t('text-search.previous')} ?disabled=${count === 0} @click=${(): void => this.#step(-1)}>${icon('up')}</button>
      <button class="icon small" aria-label=${t('text-search.next')} title=${t('text-search.next')} ?disabled=${count === 0} @click=${(): void => this.#step(1)}>${icon('down')}</button>`;
  }

  #step(by: 1 | -1): void {
    const count = this.#matches.length;
    if (count > 0) this.at = (this.at + by + count) % count;
  }

  readonly #keys = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      this.#step(event.shiftKey ? -1 : 1);
    } else if (event.key === 'Escape' && this.wanted !== '') {
      event.preventDefault();
      event.stopPropagation();
      this.wanted = '';
    }
  };

  #line(line: Line | undefined, index: number): TemplateResult {
    const text = line?.text ?? '';
    const current = this.#matches[this.at];
    const drawn: unknown[] = [];
    let from = 0;
    for (const match of this.#byLine.get(index) ?? []) {
      for (const part of match.parts) {
        if (part.line !== index) continue;
        drawn.push(pieces(text.slice(from, part.from), { lines: true }), html`<mark class=${match === current ? 'current' : ''}>${pieces(text.slice(part.from, part.to), { lines: true })}</mark>`);
        from = part.to;
      }
    }
    if (from < text.length || drawn.length === 0) drawn.push(pieces(text.slice(from), { lines: true }));
    return html`<span>${line?.number ?? ''}</span><span>${drawn}</span>`;
  }
}

customElements.define('text-view', TextView);
