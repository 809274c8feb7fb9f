/** The files in which two images differ, as an accessible tree grid. Rows live in the worker and are drawn only where they are seen. */
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Client } from '../client.ts';
import { CompareRows } from '../compare-rows.ts';
import { icon } from '../icons.ts';
import { number, t } from '../i18n.ts';
import type { ChangeKind, CompareQuery, CompareView, Difference } from '../protocol.ts';
import { compareRow } from './compare-row.ts';
import { errorCard } from './error-card.ts';
import { isPlain } from './keys.ts';
import { signOf, skeleton } from './marks.ts';
import { Part, vars } from './part.ts';
import { RowWindow } from './row-window.ts';
import { waitingRow } from './tree-row.ts';

const KINDS = ['added', 'removed', 'modified', 'metadata'] as const satisfies readonly ChangeKind[];
type Kind = (typeof KINDS)[number];
/** Keys that come together are one question. */
const FILTER_AFTER_MS = 120;

/** Dispatches `pick` with the row that is selected; null: none is. */
export class CompareTree extends Part {
  static override properties = { ...Part.properties, view: { attribute: false }, active: { state: true }, without: { state: true }, filter: { state: true } };
  declare view: CompareView;
  /** The row that the keys move. */
  declare active: number;
  /** Kinds of change that are not shown. */
  declare without: ReadonlySet<Kind>;
  declare filter: string;
  readonly #rows = new CompareRows(() => this.#arrived());
  #client: Client | null = null;
  #version = -1;
  #query = '';
  #picked: string | null = null;
  #located: string | null = null;
  readonly #window = new RowWindow(this, () => this.#rows.total);
  #focusNext = false;
  /** Grows with each step to a difference: a newer one ends those before. */
  #stepping = 0;
  #timer = 0;
  /** What stands in the field of the filter while the rows do not know it yet. */
  #typed: string | null = null;

  constructor() {
    super();
    this.active = 0;
    this.without = new Set();
    this.filter = '';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#window.close();
    window.clearTimeout(this.#timer);
    this.#typed = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  get #asked(): CompareQuery {
    const shows = (kind: Kind): boolean => !this.without.has(kind);
    return { added: shows('added'), removed: shows('removed'), modified: shows('modified'), metadata: shows('metadata'), filter: this.filter };
  }

  // ---- what is looked at ---------------------------------------------------------------------

  protected override willUpdate(): void {
    super.willUpdate();
    const { client, other, view } = this.model;
    const query = JSON.stringify(this.#asked);
    if (client !== this.#client || other.version !== this.#version || query !== this.#query) {
      this.#rows.look(client, this.#asked);
      if (query !== this.#query) {
        this.active = 0;
        this.#window.toTop();
      }
      this.#client = client;
      this.#version = other.version;
      this.#query = query;
      this.#located = null;
      this.#want();
    }
    this.#window.willDraw();
    if (view.path === null) this.#located = this.#picked = null;
    else if (view.path !== this.#located && view.path !== this.#picked) void this.#locate(view.path);
  }

  /** Opens the way to the selected path: after a link, Back, or a choice elsewhere. */
  async #locate(path: string): Promise<void> {
    this.#located = path;
    const { client } = this.model;
    const query = this.#query;
    const found = await client?.request('compare-locate', { query: this.#asked, path }).catch(() => null);
    if (found == null || query !== this.#query || this.#located !== path) return;
    this.#rows.look(client, this.#asked);
    this.active = found.row;
    this.#picked = path;
    this.#want();
    this.#window.reveal();
  }

  #arrived(): void {
    this.active = Math.max(0, Math.min(this.active, this.#rows.total - 1));
    const row = this.#rows.at(this.active);
    // What was gone to has arrived.
    if (row !== undefined && row.path === this.#picked) this.#tell(row);
    this.requestUpdate();
  }

  #want(): void {
    this.#rows.want(0, 0);
    for (const index of this.#window.indexes()) this.#rows.want(index, index);
    this.#rows.want(this.active, this.active);
  }

  // ---- drawing -------------------------------------------------------------------------------

  override render(): TemplateResult {
    const rows = this.#rows;
    return html`<h3 class="vh">${t('compare.files')}</h3>${this.#tools()}
      <div class="scroll" tabindex="-1"><div class="grid cmp-grid" role="treegrid" aria-label=${t('compare.grid')} aria-rowcount=${rows.total + 1} aria-colcount="6" @keydown=${this.#key} @click=${this.#click}>
        <div role="rowgroup" class="head"><div role="row" aria-rowindex="1"><span role="columnheader"><span class="vh">${t('column.change')}</span></span><span role="columnheader">${t('column.name')}</span>
          <span role="columnheader" class="c-w">${t('compare.differs-in')}</span><span role="columnheader" class="num-r c-a">A</span><span role="columnheader" class="num-r c-b">B</span><span role="columnheader" class="num-r">B − A</span></div></div>
        <div role="rowgroup" class="body" ${vars({ '--height': `${rows.total * this.#window.rowHeight}px` })}>
          ${repeat(this.#window.indexes(), (index) => index, (index) => this.#row(index))}</div>
      </div>${this.#instead()}</div>`;
  }

  #row(index: number): TemplateResult {
    const place = { index, top: index * this.#window.rowHeight, active: index === this.active };
    const row = this.#rows.at(index);
    return row === undefined ? waitingRow(place) : compareRow(row, { ...place, selected: row.path === this.#picked });
  }

  #tools(): TemplateResult {
    const { other } = this.model;
    const { totals } = this.view;
    const none = this.#rows.total === 0;
    return html`<div class="tool"><label class="field ${this.#rows.error?.name === 'pattern' ? 'bad' : ''}">${icon('search')}<span class="vh">${t('filter')}</span>
        <input id="filter" type="search" placeholder=${t('filter.placeholder')} .value=${this.#typed ?? this.filter} spellcheck="false" autocomplete="off"
          @input=${(event: Event): void => this.#type((event.target as HTMLInputElement).value)} @keydown=${this.#filterKey}><kbd class="hide-tree-xs">/</kbd></label>
        <button class="icon small" aria-label=${t('do.previous-difference')} title="${t('do.previous-difference')} (p)" ?disabled=${none} @click=${(): void => void this.step(-1)}>${icon('up')}</button>
        <button class="icon small" aria-label=${t('do.next-difference')} title="${t('do.next-difference')} (n)" ?disabled=${none} @click=${(): void => void this.step(1)}>${icon('down')}</button></div>
      <div class="facets" role="group" aria-label=${t('facets')}>
        ${KINDS.map((kind) => html`<button class="facet kind" aria-pressed=${!this.without.has(kind)} @click=${(): void => this.#flip(kind)}><span class="sign ${kind}" aria-hidden="true">${signOf(kind)}</span>${t(`change.${kind}`)} <span class="n">${number(totals[kind])}</span></button>`)}
        <button class="facet" aria-pressed=${other.ignoresTimes} @click=${(): void => other.ignoreTimes(!other.ignoresTimes)}>${t('compare.ignore-times')}</button></div>`;
  }

  #instead(): TemplateResult | typeof nothing {
    const rows = this.#rows;
    if (rows.total > 0) return nothing;
    if (rows.error !== null) return html`<div class="block">${errorCard(this.model, rows.error, { kind: 'warn' })}</div>`;
    if (!rows.known) return skeleton([34, 52, 41, 66, 38]);
    const limited = this.filter !== '' || this.without.size > 0;
    return html`<div class="empty">${icon(limited ? 'search' : 'check')}<h3>${t(limited ? 'compare.none-shown' : 'compare.no-files')}</h3>
      ${limited ? html`<div class="acts"><button class="btn" @click=${this.#showAll}>${t('compare.show-all')}</button></div>` : nothing}</div>`;
  }

  protected override updated(): void {
    this.#window.didDraw();
    this.#want();
    if (!this.#focusNext) return;
    const row = this.querySelector<HTMLElement>(`.body [role=row][data-index="${this.active}"]`);
    if (row === null) return;
    this.#focusNext = false;
    row.focus({ preventScroll: true });
  }

  // ---- moving --------------------------------------------------------------------------------

  #go(index: number): void {
    this.active = Math.max(0, Math.min(index, this.#rows.total - 1));
    this.#focusNext = true;
    this.#rows.want(this.active, this.active);
    this.#window.reveal();
    const row = this.#rows.at(this.active);
    if (row !== undefined) this.#pick(row);
    this.requestUpdate();
  }

  /** To the next path that differs, or the one before, and round again; opens the directories on the way. */
  async step(by: 1 | -1): Promise<void> {
    const mine = (this.#stepping += 1);
    let index = this.#picked === null ? (by === 1 ? -1 : 0) : this.active;
    for (let looked = 0; looked <= this.#rows.total; looked += 1) {
      index += by;
      if (index < 0) index = this.#rows.total - 1;
      else if (index >= this.#rows.total) index = 0;
      const row = await this.#rows.load(index);
      if (row === undefined || mine !== this.#stepping) return;
      if (row.change !== 'unchanged') {
        this.#go(index);
        return;
      }
      if (row.place?.expanded !== false) continue;
      const before = this.#rows.total;
      await this.#toggle(row, true);
      await this.#rows.load(index);
      if (by === -1) index += this.#rows.total - before + 1;
    }
  }

  #pick(row: Difference): void {
    this.#picked = this.#located = row.path;
    this.#tell(row);
    if (row.path !== this.model.view.path) this.model.look({ path: row.path }, 'replace');
  }

  #tell(row: Difference): void {
    this.dispatchEvent(new CustomEvent('pick', { detail: row }));
  }

  async #toggle({ place }: Difference, expand: boolean): Promise<void> {
    const { client } = this.model;
    if (place === undefined || place.expanded === null || place.expanded === expand) return;
    await client?.request('compare-toggle', { query: this.#asked, row: place.row, expand }).catch(() => {});
    this.#rows.look(client, this.#asked);
    this.#focusNext = true;
    this.#want();
  }

  /** The row of the directory around a row, as far as its rows are here. */
  #parentOf(index: number): number | null {
    const level = this.#rows.at(index)?.place?.level ?? 1;
    for (let above = index - 1; above >= 0; above -= 1) {
      const row = this.#rows.at(above);
      if (row === undefined) return null;
      if ((row.place?.level ?? 1) < level) return above;
    }
    return null;
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (!isPlain(event) || !(event.target as HTMLElement).matches('.body [role=row]')) return;
    const row = this.#rows.at(this.active);
    const { page } = this.#window;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: this.active + 1, ArrowUp: this.active - 1, Home: 0, End: this.#rows.total - 1, PageDown: this.active + page, PageUp: this.active - page,
    };
    const to = moves[event.key];
    if (to !== undefined) this.#go(to);
    else if (row === undefined) return;
    else if (event.key === 'ArrowRight') {
      if (row.place?.expanded === true) this.#go(this.active + 1);
      else void this.#toggle(row, true);
    } else if (event.key === 'ArrowLeft') {
      const parent = this.#parentOf(this.active);
      if (row.place?.expanded === true) void this.#toggle(row, false);
      else if (parent !== null) this.#go(parent);
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.#pick(row);
      if (row.place?.expanded != null) void this.#toggle(row, !row.place.expanded);
    } else return;
    event.preventDefault();
  };

  readonly #click = (event: MouseEvent): void => {
    const element = (event.target as HTMLElement).closest<HTMLElement>('.body [role=row]');
    const row = element === null ? undefined : this.#rows.at(Number(element.dataset['index']));
    if (element === null || row === undefined) return;
    this.active = Number(element.dataset['index']);
    this.#focusNext = true;
    this.#pick(row);
    // The second click of a double click must not undo the first.
    if (event.detail < 2 && row.place?.expanded != null) void this.#toggle(row, !row.place.expanded);
  };

  // ---- choosing ------------------------------------------------------------------------------

  #flip(kind: Kind): void {
    const hidden = new Set(this.without);
    if (!hidden.delete(kind)) hidden.add(kind);
    this.without = hidden;
  }

  readonly #showAll = (): void => {
    this.without = new Set();
    this.filter = '';
  };

  #type(text: string): void {
    window.clearTimeout(this.#timer);
    this.#typed = text;
    this.#timer = window.setTimeout(() => {
      this.#typed = null;
      this.filter = text;
    }, FILTER_AFTER_MS);
  }

  readonly #filterKey = (event: KeyboardEvent): void => {
    const input = event.target as HTMLInputElement;
    if (event.key === 'Escape' && input.value !== '') {
      event.preventDefault();
      input.value = '';
      this.#type('');
    } else if (event.key === 'Escape') input.blur();
    else if (event.key === 'ArrowDown') {
      event.preventDefault();
      this.querySelector<HTMLElement>('.body [role=row][tabindex="0"]')?.focus();
    }
  };
}

customElements.define('compare-tree', CompareTree);
