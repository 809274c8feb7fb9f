/** All keys on one card, and what this browser keeps. Opens on `?`. */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { ACTIONS, BROWSER_KEYS, TREE_KEYS, type Group } from '../actions.ts';
import { Cache, type Held } from '../engine/cache.ts';
import { bytes } from '../format.ts';
import { icon } from '../icons.ts';
import { t, tn, type Key } from '../i18n.ts';
import { keyCaps, OR } from './key-caps.ts';

type Line = readonly [what: Key, ...keys: string[]];

/** The lines of some groups of actions; a series is one line. */
function lines(...groups: readonly Group[]): Line[] {
  const able = ACTIONS.filter(({ group, keys }) => keys !== undefined && groups.includes(group));
  const told = new Set<Key>();
  return able.flatMap(({ name, keys = [], also = [], series }): Line[] => {
    if (series === undefined) return [[name, ...keys, ...(also.length === 0 ? [] : [OR, ...also])]];
    if (told.has(series)) return [];
    told.add(series);
    const all = able.filter((other) => other.series === series);
    return [[series, ...keys, '–', ...(all.at(-1)?.keys ?? [])]];
  });
}

const SECTIONS: readonly { readonly title: Key; readonly lines: readonly Line[] }[] = [
  { title: 'help.anywhere', lines: [...lines('page', 'go'), ...BROWSER_KEYS] },
  { title: 'help.tree', lines: [...TREE_KEYS, ...lines('look')] },
  { title: 'help.layers', lines: lines('layers') },
  { title: 'help.copy', lines: lines('copy') },
];

const OFF = 'layerscope-single-keys';

/** Whether single letters act: for people who dictate, or whose keys slip, they can be turned off. */
export function singleKeys(): boolean {
  try {
    return localStorage.getItem(OFF) !== 'off';
  } catch {
    return true;
  }
}

function setSingleKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, 'off');
  } catch {
    // Storage is forbidden: they stay on.
  }
}

export class HelpDialog extends LitElement {
  static override properties = { held: { state: true } };
  /** Null until it is known, and where this browser keeps nothing. */
  declare held: Held | null;
  #cache = new Cache();

  constructor() {
    super();
    this.held = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  show(): void {
    this.requestUpdate();
    void this.#count();
    this.querySelector('dialog')?.showModal();
  }

  override render(): TemplateResult {
    return html`<dialog class="card help" aria-labelledby="help-h" @click=${this.#outside}><header><h2 id="help-h">${t('help')}</h2>
      <button class="icon small" aria-label=${t('close')} @click=${(): void => this.querySelector('dialog')?.close()}>${icon('x')}</button></header>
      <div class="body keys-card">${SECTIONS.map(({ title, lines }) => html`<div><h3>${t(title)}</h3><dl>${lines.map(([what, ...keys]) => html`<dt>${t(what)}</dt><dd>${keyCaps(keys)}</dd>`)}</dl></div>`)}</div>
      <label class="body single"><input type="checkbox" .checked=${singleKeys()} @change=${(event: Event): void => setSingleKeys((event.target as HTMLInputElement).checked)}> ${t('help.single-keys')}</label>
      ${this.held === null ? nothing : html`<p class="body single kept" role="status"><span>${this.held.layers === 0 ? t('kept.none') : tn('kept', this.held.layers, { size: bytes(this.held.bytes) })}</span>
        ${this.held.layers === 0 ? nothing : html`<button class="text-btn" @click=${this.#forget}>${t('kept.forget')}</button>`}</p>`}</dialog>`;
  }

  async #count(): Promise<void> {
    this.held = await this.#cache.held();
  }

  async #forget(): Promise<void> {
    await this.#cache.clear();
    await this.#count();
  }

  /** A click on the veil closes; the dialog's own box is its children. */
  #outside(event: MouseEvent): void {
    if (event.target instanceof HTMLDialogElement) event.target.close();
  }
}

customElements.define('help-dialog', HelpDialog);
