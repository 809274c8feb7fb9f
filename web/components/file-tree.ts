/**
 * The files as an accessible tree grid. Rows live in the worker and are drawn only where they are seen; the keys work on
 * the data, so that End goes to the last row and not to the last one drawn.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { bytes } from '../format.ts';
import { icon } from '../icons.ts';
import { currentLanguage, t } from '../i18n.ts';
import type { Client } from '../client.ts';
import type { RowQuery, RowView } from '../protocol.ts';
import { Rows } from '../rows.ts';
import type { Sort } from '../state.ts';
import { errorCard } from './error-card.ts';
import { scopeLabel, treeTools } from './tree-tools.ts';
import { isPlain } from './keys.ts';
import { skeleton } from './marks.ts';
import { Part, vars } from './part.ts';
import { ring, type RingItem } from './ring.ts';
import { RowWindow } from './row-window.ts';
import { columnClasses, treeRow, waitingRow } from './tree-row.ts';

/** How many rows ahead of those that are drawn another page of them is asked for. */
const AHEAD = 48;
/** How long letters count as one word for type-ahead. */
const TYPE_AHEAD_MS = 600;
/** Moving fast through rows should not ask for the details of each. */
const SELECT_AFTER_MS = 90;

/** Dispatches `pick` with a node when a row is selected (null: the path is not in this tree), and `details` when its details are asked for. */
export class FileTree extends Part {
  static override properties = { ...Part.properties, active: { state: true } };
  protected override readonly hears = ['change', 'found'] as const;
  /** The row that the keys move; always within the total. */
  declare active: number;
  readonly #rows = new Rows(() => this.#arrived());
  #query = '';
  #client: Client | null = null;
  #version = -1;
  #found = 0;
  readonly #window = new RowWindow(this, () => this.#rows.total);
  /** The focus was on a row before this update. */
  #hadFocus = false;
  #focusNext = false;
  #typed = '';
  #typedAt = 0;
  #pickTimer = 0;
  #located: string | null = null;
  /** Grows with each path that is looked for, and when a row is picked instead. */
  #locating = 0;
  /** The path that was selected when a row was picked whose own path is not known yet. */
  #left: string | null = null;
  #picked: number | null = null;
  /** The scope in which the selected path was last found. */
  #pickedIn = '';

  constructor() {
    super();
    this.active = 0;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#window.close();
    window.clearTimeout(this.#pickTimer);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  // ---- what is looked at ---------------------------------------------------------------------

  protected override willUpdate(): void {
    super.willUpdate();
    this.#hadFocus = document.activeElement?.matches('file-tree .body [role=row]') === true;
    this.#window.willDraw();
    this.heard();
  }

  /** Asks for the rows of what the model now looks at. The worker finds them while the rest of the page is drawn. */
  protected override heard(): void {
    const { model } = this;
    if (model.image === null) return;
    const query = JSON.stringify(model.query);
    const other = query !== this.#query || model.client !== this.#client;
    if (other || model.treeVersion !== this.#version) {
      this.#rows.look(model.client, model.query);
      if (model.client !== this.#client) this.#pickedIn = '';
      this.#query = query;
      this.#client = model.client;
      this.#version = model.treeVersion;
      this.#found = model.foundVersion;
      this.#located = null;
      if (other) {
        // What was asked for begins at the top, and what is selected is gone to below.
        this.#picked = null;
        this.active = 0;
        this.#window.toTop();
        this.#rows.want(0, 0);
      }
      this.#want();
    } else if (model.foundVersion !== this.#found) {
      // More rows of the same search, after those that are here.
      this.#found = model.foundVersion;
      this.#rows.look(model.client, model.query);
      // What is selected may be among them.
      if (this.#picked === null) this.#located = null;
      this.#want();
    }
    if (model.view.path === null) {
      // Closed; but a row that was picked just now has no path yet.
      if (this.#located !== null) this.#picked = null;
      this.#located = null;
    } else if (model.view.path !== this.#located && model.view.path !== this.#left) void this.#locate(model.view.path);
  }

  /** Opens the way to the selected path and goes there: after a link, Back, or a change of scope. */
  async #locate(path: string): Promise<void> {
    this.#located = path;
    this.#left = null;
    const ask = (this.#locating += 1);
    const client = this.model.client;
    if (client === null) return;
    const query: RowQuery = this.model.query;
    const scope = JSON.stringify(query.scope);
    const found = await client.request('locate', { query, path }).catch(() => null);
    if (ask !== this.#locating || this.#located !== path || JSON.stringify(query) !== this.#query) return;
    if (found === null) {
      this.#picked = null;
      if (this.#rows.searching) return;
      // A filter may hide the row of what is looked at; only another tree can lack the path itself.
      if (scope !== this.#pickedIn) this.dispatchEvent(new CustomEvent('pick', { detail: null }));
      return;
    }
    this.#pickedIn = scope;
    this.#rows.look(client, query);
    this.active = found.row;
    this.#picked = found.node;
    this.#want();
    this.#window.reveal();
    this.dispatchEvent(new CustomEvent('pick', { detail: found.node }));
  }

  #arrived(): void {
    this.active = Math.max(0, Math.min(this.active, this.#rows.total - 1));
    this.requestUpdate();
  }

  #want(): void {
    const drawn = this.#window.indexes();
    if (drawn.length === 0) this.#rows.want(0, 0);
    // One by one: the row with the focus may be far from the others. And what comes next, before it is in sight.
    for (const index of drawn) this.#rows.want(index, index);
    const beyond = Math.min(this.#rows.total - 1, (drawn.at(this.#window.far ? -2 : -1) ?? 0) + AHEAD);
    if (beyond > 0) this.#rows.want(beyond, beyond);
  }

  // ---- drawing -------------------------------------------------------------------------------

  override render(): TemplateResult {
    const { model } = this;
    const layers = model.image?.layers.length ?? 1;
    return html`<h2 class="vh">${t('tab.files')}</h2>${treeTools(model, this.#rows.error?.name === 'pattern')}
      <div class="scroll" tabindex="-1"><div class="grid ${columnClasses(model)}" role="treegrid" aria-label=${scopeLabel(model)} aria-rowcount=${this.#rows.total + 1} aria-colcount="7" @keydown=${this.#key} @click=${this.#click} @focusin=${this.#focused}>
        <div role="rowgroup" class="head"><div role="row" aria-rowindex="1">
          <span role="columnheader" aria-colindex="1"><span class="vh">${t('column.change')}</span></span>
          ${this.#header(2, 'name', t('column.name'))}${this.#header(3, 'size', t('size'), 'end')}
          ${this.#header(4, 'mode', t('mode'), 'mode')}${this.#header(5, 'owner', t('owner'), 'own')}${this.#header(6, 'mtime', t('column.mtime'), 'time')}<span role="columnheader" aria-colindex="7" class="by">${t('column.by')}</span></div></div>
        <div role="rowgroup" class="body" ${vars({ '--height': `${this.#rows.total * this.#window.rowHeight}px` })}>
          ${ring(this.#drawn(this.#window.indexes(), layers), this.#window.isScrolling)}
        </div>
      </div>${this.#instead()}</div>
      ${this.#rows.searching && this.#rows.total > 0 ? html`<div class="search-row" role="status">${icon('search')}<span>${t('tree.searching', { rows: this.#rows.total })}</span></div>` : nothing}
      ${this.#rows.known && this.#rows.incomplete && this.#rows.total > 0 ? html`<div class="stop-row" role="status">${icon('stop')}<span>${t(model.unlisted.length > 0 ? 'tree.unlisted' : this.#rows.preview ? 'tree.preview' : model.meter.busy ? 'tree.arriving' : 'tree.incomplete')}</span></div>` : nothing}`;
  }

  /** The head of a column, which sorts by it. */
  #header(column: number, by: Sort, text: string, kind = ''): TemplateResult {
    const { model } = this;
    const isUp = by === 'name' || by === 'owner';
    const is = model.view.sort === by;
    return html`<span role="columnheader" aria-colindex=${column} class=${kind} aria-sort=${is ? (isUp ? 'ascending' : 'descending') : 'none'}
      ><button @click=${(): void => model.look({ sort: by }, 'replace')}>${text}${is ? icon(isUp ? 'up' : 'down', 's') : nothing}</button></span>`;
  }

  /**
   * The element that draws a row. Rows take turns on a ring of elements, because filling one is far cheaper than making
   * one. The row with the focus has its own while it is out of sight.
   */
  #slot(index: number): number | string {
    return index === this.active && this.#window.far ? 'far' : index % this.#window.ring;
  }

  /** The rows in order, so that each knows the size of the directory around it. */
  #drawn(indexes: readonly number[], layers: number): RingItem[] {
    const { totals } = this.model.image ?? { totals: null };
    const whole = Math.max(this.#rows.topSize, this.model.view.scope === 'merged' ? (totals?.visibleBytes ?? 0) : 0);
    const language = currentLanguage();
    let sizes: number[] = [];
    let last = -2;
    return [...indexes].sort((a, b) => a - b).map((index): RingItem => {
      const row = this.#rows.at(index);
      const active = index === this.active;
      const place = { index, top: index * this.#window.rowHeight, active };
      const key = this.#slot(index);
      if (row === undefined) return { key, index, state: [null, index, active, language], draw: () => waitingRow(place) };
      if (index !== last + 1) sizes = this.#rows.around(index);
      const parentSize = row.level === 1 ? whole : (sizes[row.level - 1] ?? 0);
      sizes[row.level] = row.size;
      last = index;
      const selected = row.node === this.#picked;
      const draw = (): TemplateResult => treeRow(row, { ...place, selected, parentSize, layers });
      return { key, index, state: [row, index, active, selected, parentSize, layers, language], draw };
    });
  }

  /** Where there are no rows, what that means. */
  #instead(): TemplateResult | typeof nothing {
    const { model } = this;
    if (this.#rows.total > 0) return nothing;
    const { filter, changedOnly, ghosts, scope } = model.view;
    const limited = filter !== '' || changedOnly;
    // Layers that are all read make a whole tree: what is here is from before, and the next answer is on its way.
    const isRead = model.image?.layers.every(({ state }) => state === 'verified' || state === 'known') === true;
    const waiting = this.#rows.incomplete && (model.meter.busy || isRead);
    if (!this.#rows.known || (waiting && !limited)) {
      return skeleton([34, 52, 41, 66, 38]);
    }
    if (this.#rows.error !== null) return html`<div class="block">${errorCard(model, this.#rows.error, { kind: 'warn' })}</div>`;
    const { unlisted } = model;
    if (unlisted.length > 0 && !waiting) {
      const size = bytes(unlisted.reduce((sum, layer) => sum + (layer.size ?? 0), 0));
      return html`<div class="empty">${icon('box')}<h3>${t('layer.on-demand', { size })}</h3>
        <div class="acts"><button class="btn main" @click=${(): void => unlisted.forEach(({ number }) => model.retry(number))}>${icon('shield')}${t('layer.read', { size })}</button></div></div>`;
    }
    return html`<div class="empty">${icon('search')}<h3>${this.#rows.searching ? t('tree.searching', { rows: 0 }) : waiting ? t('reading') : filter !== '' ? t('tree.no-match', { filter }) : t(limited ? 'tree.no-change' : 'tree.empty')}</h3>
      ${!limited ? nothing : html`<div class="acts">
        ${filter === '' ? nothing : html`<button class="btn" @click=${(): void => model.look({ filter: '' }, 'replace')}>${t('tree.clear-filter')}</button>`}
        ${!changedOnly ? nothing : html`<button class="btn" @click=${(): void => model.look({ changedOnly: false }, 'replace')}>${t('tree.show-all')}</button>`}
        ${filter === '' || (ghosts && scope === 'merged') ? nothing : html`<button class="btn" @click=${(): void => model.look({ ghosts: true, scope: 'merged' }, 'replace')}>${t('tree.search-all')}</button>`}</div>`}
    </div>`;
  }

  protected override updated(): void {
    this.#window.didDraw();
    this.#want();
    this.#focus();
  }

  /** Moves the focus to the row that the keys moved to, or back to it when its element had to change. */
  #focus(): void {
    if (!this.#focusNext && !(this.#hadFocus && document.activeElement === document.body)) return;
    const row = this.querySelector<HTMLElement>(`[role=row][data-index="${this.active}"]`);
    if (row === null) return;
    this.#focusNext = false;
    row.focus({ preventScroll: true });
  }

  // ---- moving --------------------------------------------------------------------------------

  #go(index: number): void {
    const next = Math.max(0, Math.min(index, this.#rows.total - 1));
    this.active = next;
    this.#focusNext = true;
    this.#window.reveal();
    this.requestUpdate();
    this.#pickSoon();
  }

  #pickSoon(): void {
    window.clearTimeout(this.#pickTimer);
    this.#pickTimer = window.setTimeout(() => {
      const row = this.#rows.at(this.active);
      if (row !== undefined) this.#pick(row);
    }, SELECT_AFTER_MS);
  }

  #pick(row: RowView): void {
    // Whoever points at a row does not want to be led back to the one before.
    this.#locating += 1;
    this.#left = this.model.view.path;
    this.#picked = row.node;
    this.#pickedIn = JSON.stringify(this.model.scope);
    this.dispatchEvent(new CustomEvent('pick', { detail: row.node }));
    this.requestUpdate();
  }

  /** The model learned the path of the row that was picked: it need not be looked for. */
  settle(path: string): void {
    this.#left = null;
    this.#located = path;
  }

  #key(event: KeyboardEvent): void {
    if (!(event.target as HTMLElement).matches('[role=row]') || event.altKey) return;
    const row = this.#rows.at(this.active);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + this.#window.page, PageUp: this.active - this.#window.page,
      Home: 0, End: this.#rows.total - 1,
    };
    const next = moves[event.key];
    const [forward, back] = getComputedStyle(this).direction === 'rtl' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowRight', 'ArrowLeft'];
    if (next !== undefined) this.#go(next);
    else if (event.key === forward) this.#forward(row);
    else if (event.key === back) this.#back(row);
    else if (event.key === 'Enter') this.#enter(row);
    else if (event.key === ' ' && this.#typed === '') {
      if (row !== undefined) this.#pick(row);
    } else if (event.key.length === 1 && isPlain(event) && !'/?[]'.includes(event.key)) this.#seek(event);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #forward(row: RowView | undefined): void {
    if (row?.expanded === false) void this.#toggle(row, true);
    else if (row?.expanded === true) this.#go(this.active + 1);
  }

  #back(row: RowView | undefined): void {
    if (row?.expanded === true) void this.#toggle(row, false);
    else if (row !== undefined && row.level > 1) void this.#toParent(row);
  }

  #enter(row: RowView | undefined): void {
    if (row === undefined) return;
    window.clearTimeout(this.#pickTimer);
    this.#focusNext = false;
    this.#pick(row);
    if (row.expanded !== null) void this.#toggle(row, !row.expanded);
    else this.dispatchEvent(new CustomEvent('details'));
  }

  async #toParent(row: RowView): Promise<void> {
    const found = await this.model.client?.request('parent', { query: this.model.query, node: row.node }).catch(() => null);
    if (found != null) this.#go(found.row);
  }

  async #toggle(row: RowView, expand: boolean): Promise<void> {
    const { client, query } = this.model;
    if (client === null) return;
    await client.request('fold', { query, node: row.node, levels: Number(expand) }).catch(() => null);
    this.#rows.look(client, query);
    this.#want();
  }

  #seek(event: KeyboardEvent): void {
    const fresh = event.timeStamp - this.#typedAt > TYPE_AHEAD_MS;
    this.#typed = fresh ? event.key : this.#typed + event.key;
    this.#typedAt = event.timeStamp;
    // The same letter again goes to the next name with it.
    const text = [...this.#typed].every((letter) => letter === this.#typed[0]) ? (this.#typed[0] ?? '') : this.#typed;
    const from = (text.length === 1 ? this.active + 1 : this.active) % Math.max(1, this.#rows.total);
    window.setTimeout(() => {
      if (performance.now() - this.#typedAt > TYPE_AHEAD_MS) this.#typed = '';
    }, TYPE_AHEAD_MS + 20);
    void this.model.client?.request('seek', { query: this.model.query, text, from }).then(
      (found) => found !== null && this.#go(found.row),
      () => null,
    );
  }

  // ---- pointing ------------------------------------------------------------------------------

  #rowOf(event: Event): { index: number; row: RowView } | null {
    const element = (event.target as HTMLElement).closest<HTMLElement>('.body [role=row]');
    if (element === null) return null;
    const index = Number(element.dataset['index']);
    const row = this.#rows.at(index);
    return row === undefined ? null : { index, row };
  }

  #click(event: MouseEvent): void {
    const hit = this.#rowOf(event);
    if (hit === null || hit.index < 0) return;
    this.active = hit.index;
    this.#focusNext = true;
    this.#pick(hit.row);
    if (hit.row.expanded === null) this.dispatchEvent(new CustomEvent('details', { detail: 'pointer' }));
    // The second click of a double click must not undo the first.
    else if (event.detail < 2) void this.#toggle(hit.row, !hit.row.expanded);
  }

  #focused(event: FocusEvent): void {
    const row = (event.target as HTMLElement).closest<HTMLElement>('.body [role=row]');
    const index = Number(row?.dataset['index'] ?? this.active);
    if (index === this.active) return;
    this.active = index;
    // It was in sight, and keeps its element.
    this.#window.far = false;
  }
}

customElements.define('file-tree', FileTree);
