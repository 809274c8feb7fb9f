/** A button with a listbox under it: platforms, images of an archive. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { icon } from '../icons.ts';
import { shown } from '../show.ts';
import { isPlain } from './keys.ts';

export interface MenuOption {
  readonly value: string;
  readonly text: string;
  /** Beside the text: size, "absent". */
  readonly note?: string;
  /** Cannot be chosen, and says so. */
  readonly disabled?: boolean;
}

let menus = 0;

/** Dispatches `choose` with the value as `detail`. */
export class ChoiceMenu extends LitElement {
  static override properties = { label: {}, options: { attribute: false }, value: {}, text: {}, open: { state: true }, active: { state: true } };
  declare label: string;
  declare options: readonly MenuOption[];
  declare value: string;
  /** On the button; the chosen option's text unless given. */
  declare text: string | undefined;
  declare open: boolean;
  declare active: number;
  readonly #id = `menu-${(menus += 1)}`;
  #typed = '';
  #typedAt = 0;

  constructor() {
    super();
    this.label = '';
    this.options = [];
    this.value = '';
    this.open = false;
    this.active = 0;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override render(): TemplateResult {
    const chosen = this.options.find(({ value }) => value === this.value);
    const text = this.text ?? chosen?.text ?? this.value;
    return html`<button type="button" class="part opt" aria-haspopup="listbox" aria-expanded=${this.open} aria-controls=${this.#id}
        @click=${this.#toggle} @keydown=${this.#buttonKey}><span class="vh">${this.label} </span><span class="chosen">${shown(text)}</span>${icon('down', 's')}</button>
      <ul class="menu" role="listbox" id=${this.#id} aria-label=${this.label} tabindex="-1" ?hidden=${!this.open}
        aria-activedescendant=${this.open && this.options.length > 0 ? `${this.#id}-${this.active}` : nothing} @keydown=${this.#listKey} @focusout=${this.#left}>
        ${this.options.map((option, index) => this.#option(option, index))}
      </ul>`;
  }

  #option(option: MenuOption, index: number): TemplateResult {
    return html`<li role="option" id="${this.#id}-${index}" class=${index === this.active ? 'active' : ''} aria-selected=${option.value === this.value}
      aria-disabled=${option.disabled === true ? 'true' : nothing} @click=${(): void => this.#choose(index)} @pointermove=${(): void => void (this.active = index)}
      >${option.value === this.value ? icon('check', 's') : html`<span></span>`}<span class="what">${shown(option.text)}</span>${option.note === undefined ? nothing : html`<span class="note">${option.note}</span>`}</li>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const list = this.querySelector<HTMLElement>('[role=listbox]');
    if (changed.has('open') && this.open) list?.focus();
    if (this.open) list?.children[this.active]?.scrollIntoView({ block: 'nearest' });
  }

  #toggle(): void {
    if (this.open) this.open = false;
    else this.#show(Math.max(0, this.options.findIndex(({ value }) => value === this.value)));
  }

  #show(active: number): void {
    this.active = active;
    this.open = this.options.length > 0;
  }

  #close(): void {
    this.open = false;
    this.querySelector('button')?.focus();
  }

  #left(event: FocusEvent): void {
    // A click on the button closes by itself.
    if (!this.contains(event.relatedTarget as Node | null)) this.open = false;
  }

  #buttonKey(event: KeyboardEvent): void {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    this.#toggle();
  }

  #listKey(event: KeyboardEvent): void {
    const last = this.options.length - 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: Math.min(last, this.active + 1), ArrowUp: Math.max(0, this.active - 1), Home: 0, End: last,
      PageDown: Math.min(last, this.active + 10), PageUp: Math.max(0, this.active - 10),
    };
    const next = moves[event.key];
    if (next !== undefined) this.active = next;
    else if (event.key === 'Enter' || event.key === ' ') this.#choose(this.active);
    else if (event.key === 'Escape') this.#close();
    else if (event.key === 'Tab') {
      this.open = false;
      return;
    } else if (event.key.length === 1 && isPlain(event)) this.#seek(event);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #seek(event: KeyboardEvent): void {
    this.#typed = event.timeStamp - this.#typedAt > 700 ? event.key : this.#typed + event.key;
    this.#typedAt = event.timeStamp;
    const wanted = this.#typed.toLowerCase();
    const found = this.options.findIndex(({ text }) => text.toLowerCase().startsWith(wanted) || text.toLowerCase().includes(`/${wanted}`));
    if (found >= 0) this.active = found;
  }

  #choose(index: number): void {
    const option = this.options[index];
    if (option === undefined || option.disabled === true) return;
    this.#close();
    if (option.value !== this.value) this.dispatchEvent(new CustomEvent('choose', { detail: option.value }));
  }
}

customElements.define('choice-menu', ChoiceMenu);
