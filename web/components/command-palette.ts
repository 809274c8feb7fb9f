/** Everything that can be done, in one field. Opens on Ctrl+K and `:`. */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { GROUPS, possible, type Action, type Desk } from '../actions.ts';
import { icon } from '../icons.ts';
import { t, tn } from '../i18n.ts';
import { show } from '../show.ts';
import { keyCaps } from './key-caps.ts';
import { Part } from './part.ts';

interface Found {
  readonly action: Action;
  readonly text: string;
  readonly note: string | null;
}

/** What fits what was typed, the best first, in the order of the table where nothing tells them apart. */
export function matching(found: readonly Found[], typed: string): Found[] {
  const words = typed.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [...found];
  const scored = found.flatMap((each) => {
    const text = each.text.toLowerCase();
    const hay = `${text} ${each.action.id} ${t(`do.group.${each.action.group}`)} ${each.note ?? ''}`.toLowerCase();
    let score = 0;
    for (const word of words) {
      if (!hay.includes(word)) return [];
      const at = text.indexOf(word);
      // In the name before anywhere else; where a word of it begins before the middle of one; and early before late.
      score += at < 0 ? 200 : (at === 0 || /[\s(“]/.test(text[at - 1] ?? '') ? 0 : 100) + Math.min(at, 99);
    }
    return [{ each, score }];
  });
  return scored.sort((a, b) => a.score - b.score).map(({ each }) => each);
}

export class CommandPalette extends Part {
  static override properties = { ...Part.properties, desk: { attribute: false }, open: { state: true }, typed: { state: true }, active: { state: true } };
  declare desk: Desk;
  declare open: boolean;
  declare typed: string;
  declare active: number;

  constructor() {
    super();
    this.open = false;
    this.typed = '';
    this.active = 0;
  }

  show(text: string): void {
    this.typed = text;
    this.active = 0;
    this.open = true;
  }

  /** Does what a key does that was pressed before the field was there. */
  press(key: string): void {
    this.querySelector('input')?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  }

  get #found(): Found[] {
    const { model } = this;
    const all = possible(model).map((action): Found => ({ action, text: action.text?.(model) ?? t(action.name), note: action.note?.(model) ?? null }));
    const found = matching(all, this.typed);
    const wanted = this.typed.trim();
    if (wanted === '' || model.image === null) return found;
    const search: Action = { id: 'find files', group: 'go', icon: 'search', name: 'filter', run: () => model.look({ tab: 'files', filter: wanted }) };
    return [...found, { action: search, text: t('do.find', { text: show(wanted) }), note: null }];
  }

  /** What is found, by groups in the order of their best action; without a text in the order of the table. */
  get #ordered(): Found[] {
    const found = this.#found;
    const groups = [...new Set(this.typed.trim() === '' ? GROUPS : found.map(({ action }) => action.group))];
    return groups.flatMap((group) => found.filter(({ action }) => action.group === group));
  }

  override render(): TemplateResult {
    if (!this.open) return html`<dialog class="card palette" aria-label=${t('do.commands')}></dialog>`;
    const ordered = this.#ordered;
    const groups = [...new Set(ordered.map(({ action }) => action.group))];
    const active = Math.min(this.active, ordered.length - 1);
    return html`<dialog class="card palette" aria-label=${t('do.commands')} @close=${this.#closed} @click=${this.#outside} @keydown=${this.#key}>
      <div class="q">${icon('search')}<input role="combobox" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list" aria-label=${t('do.commands')} placeholder=${t('do.placeholder')}
        aria-activedescendant=${active < 0 ? nothing : `palette-${active}`} .value=${this.typed} spellcheck="false" autocomplete="off" autofocus @input=${this.#typing}><button class="plain" aria-label=${t('close')} @click=${this.#close}><kbd>Esc</kbd></button></div>
      <div class="results" role="listbox" id="palette-list" aria-label=${t('do.commands')} tabindex="-1">${groups.map((group) => this.#group(group, ordered, active))}
        ${ordered.length === 0 ? html`<p class="none dim">${t('do.none')}</p>` : nothing}</div>
      <p class="vh" role="status">${tn('do.found', ordered.length)}</p>
      <div class="foot" aria-hidden="true"><span><kbd>↑</kbd> <kbd>↓</kbd> ${t('do.choose')}</span><span><kbd>Enter</kbd> ${t('do.do')}</span></div></dialog>`;
  }

  #group(group: Action['group'], ordered: readonly Found[], active: number): TemplateResult | typeof nothing {
    if (!ordered.some(({ action }) => action.group === group)) return nothing;
    return html`<div role="group" aria-labelledby="palette-g-${group}"><div class="title" id="palette-g-${group}">${t(`do.group.${group}`)}</div>
      ${ordered.map((found, index) => (found.action.group === group ? this.#option(found, index, index === active) : nothing))}</div>`;
  }

  #option({ action, text, note }: Found, index: number, active: boolean): TemplateResult {
    return html`<div role="option" id="palette-${index}" data-action=${action.id} aria-selected=${active} @click=${(): void => this.#run(action)} @pointermove=${(): void => void (this.active = index)}
      >${icon(action.icon)}<span class="what">${marked(text, this.typed)}${note === null ? nothing : html` <code>${note}</code>`}</span><span class="keys">${action.keys === undefined ? nothing : keyCaps(action.keys)}</span></div>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const dialog = this.querySelector('dialog');
    if (changed.has('open') && this.open && dialog?.open === false) dialog.showModal();
    if (this.open) this.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }

  #typing(event: Event): void {
    this.typed = (event.target as HTMLInputElement).value;
    this.active = 0;
    const list = this.querySelector('.results');
    if (list !== null) list.scrollTop = 0;
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    // By what is typed now, which may not be drawn yet.
    const ordered = this.#ordered;
    const last = ordered.length - 1;
    const active = Math.min(this.active, last);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: active >= last ? 0 : active + 1, ArrowUp: active <= 0 ? last : active - 1, PageDown: Math.min(last, active + 8), PageUp: Math.max(0, active - 8),
    };
    const next = moves[event.key];
    const chosen = ordered[active];
    if (next !== undefined) this.active = next;
    else if (event.key === 'Enter' && (event.target as HTMLElement).matches('input') && chosen !== undefined) this.#run(chosen.action);
    else return;
    event.preventDefault();
  }

  #run(action: Action): void {
    this.#close();
    action.run(this.model, this.desk);
  }

  #close(): void {
    this.querySelector('dialog')?.close();
  }

  #closed(): void {
    this.open = false;
  }

  #outside(event: MouseEvent): void {
    if (event.target instanceof HTMLDialogElement) event.target.close();
  }
}

/** The text with the parts that were typed in bold. */
function marked(text: string, typed: string): unknown[] {
  const words = typed.trim().split(/\s+/).filter((word) => word !== '').map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  if (words.length === 0) return [text];
  return text.split(new RegExp(`(${words.join('|')})`, 'gi')).map((piece, index) => (index % 2 === 1 ? html`<b>${piece}</b>` : piece));
}

customElements.define('command-palette', CommandPalette);
