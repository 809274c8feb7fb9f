/** What a layer changed in a text file: the file after the layer, compared with the file before. */
import { html, type PropertyValues, type TemplateResult } from 'lit';
import { errorView } from '../client.ts';
import { isBinary, readText } from '../content.ts';
import { diffLines, type DiffLine, type Hunk } from '../diff.ts';
import { bytes } from '../format.ts';
import { number, t } from '../i18n.ts';
import type { ErrorView } from '../protocol.ts';
import { pieces } from '../show.ts';
import { errorCard } from './error-card.ts';
import './long-list.ts';
import { Part } from './part.ts';

/** Larger files are not compared: two of them, and what they are made into, have to fit in memory. */
export const DIFF_LIMIT = 4 * 1024 * 1024;

type Row = DiffLine | { readonly hunk: Hunk };

type Found =
  | { readonly kind: 'rows'; readonly rows: readonly Row[]; readonly capped: boolean }
  | { readonly kind: 'same' | 'binary' | 'too-large' };

export class FileDiff extends Part {
  static override properties = { ...Part.properties, path: {}, older: { type: Number }, newer: { type: Number }, found: { state: true }, error: { state: true } };
  declare path: string;
  /** The layer up to which the older file is. */
  declare older: number;
  /** The layer that changed it. */
  declare newer: number;
  declare found: Found | null;
  declare error: ErrorView | null;
  #asked = 0;
  #draw: (index: number) => TemplateResult = () => html``;

  constructor() {
    super();
    this.found = null;
    this.error = null;
  }

  protected override willUpdate(changed?: PropertyValues<this>): void {
    super.willUpdate();
    if (changed === undefined || !(changed.has('path') || changed.has('older') || changed.has('newer'))) return;
    this.found = this.error = null;
    void this.#load();
  }

  async #load(): Promise<void> {
    const ask = (this.#asked += 1);
    try {
      const [before, after] = [await this.#version(this.older), await this.#version(this.newer)];
      if (ask !== this.#asked) return;
      const found = compare(before, after);
      if (found.kind === 'rows') this.#draw = (index) => draw(found.rows[index]);
      this.found = found;
    } catch (error) {
      if (ask === this.#asked) this.error = errorView(error);
    }
  }

  /** The bytes after a layer; null when there are too many. */
  async #version(layer: number): Promise<Uint8Array | null> {
    const { client } = this.model;
    const scope = { scope: 'up-to', layer } as const;
    const node = (await client?.request('node', { scope, path: this.path })) ?? null;
    if (client === null || node === null) return new Uint8Array();
    const { bytes, size } = await client.request('content', { scope, node, from: 0, length: DIFF_LIMIT });
    return size > DIFF_LIMIT ? null : new Uint8Array(bytes);
  }

  override render(): TemplateResult {
    const { found, error } = this;
    if (error !== null) return errorCard(this.model, error);
    if (found === null) return html`<p class="dim" role="status">${t('reading')}</p>`;
    if (found.kind !== 'rows') return html`<p class="dim" role="status">${t(`diff.${found.kind}`, { limit: bytes(DIFF_LIMIT) })}</p>`;
    return html`${found.capped ? html`<p class="dim">${t('diff.capped')}</p>` : ''}
      <long-list .count=${found.rows.length} .draw=${this.#draw} .label=${t('diff.label', { layer: this.newer })} kind="code diff"></long-list>`;
  }
}

function compare(before: Uint8Array | null, after: Uint8Array | null): Found {
  if (before === null || after === null) return { kind: 'too-large' };
  if (isBinary(before) || isBinary(after)) return { kind: 'binary' };
  const hunks = diffLines(readText(before, false).text, readText(after, false).text);
  if (hunks.length === 0) return { kind: 'same' };
  return { kind: 'rows', rows: hunks.flatMap((hunk): Row[] => [{ hunk }, ...hunk.lines]), capped: hunks.some(({ capped }) => capped) };
}

const CLASS = { '+': 'added', '-': 'removed', ' ': '' } as const;
const SHOWN_SIGN = { '+': '+', '-': '−', ' ': '' } as const;

function draw(row: Row | undefined): TemplateResult {
  if (row === undefined) return html``;
  if ('hunk' in row) {
    const first = row.hunk.lines[0];
    return html`<div class="diff-line hunk"><span></span><span></span><span></span><span>${t('diff.from-line', { n: number(first?.before ?? first?.after ?? 1) })}</span></div>`;
  }
  const word = row.sign === ' ' ? '' : t(row.sign === '+' ? 'change.added' : 'change.removed');
  return html`<div class="diff-line ${CLASS[row.sign]}"><span>${row.before ?? ''}</span><span>${row.after ?? ''}</span><span aria-hidden="true">${SHOWN_SIGN[row.sign]}</span><span>${word === '' ? '' : html`<span class="vh">${word} </span>`}${pieces(row.text, { lines: true })}${row.open ? html` <span class="dim">${t('diff.no-end')}</span>` : ''}</span></div>`;
}

customElements.define('file-diff', FileDiff);
