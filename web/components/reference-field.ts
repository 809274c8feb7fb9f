/** The one field: at rest a reference drawn by its parts, focused an input. */
import { html, nothing, type TemplateResult } from 'lit';
import { bytes, shortDigest } from '../format.ts';
import { icon } from '../icons.ts';
import { t } from '../i18n.ts';
import type { Choice } from '../protocol.ts';
import { looksLikeReference, parts } from '../reference.ts';
import { show } from '../show.ts';
import './choice-menu.ts';
import type { MenuOption } from './choice-menu.ts';
import { Part } from './part.ts';

/** Offered before anything is known about an image. */
const COMMON = [
  'linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/arm/v6', 'linux/386', 'linux/ppc64le', 'linux/riscv64', 'linux/s390x', 'windows/amd64',
] as const;
const ANY = '';

/** The platforms of the image that is chosen, as a menu. */
export function platformOptions(choices: readonly Choice[], number: number): MenuOption[] {
  return choices.filter((choice) => choice.number === number).map((choice) => ({ value: String(choice.id), text: choice.platform ?? t('platform.none'), ...noteOf(choice) }));
}

/** The images of an archive, each by its first name. */
export function imageOptions(choices: readonly Choice[]): MenuOption[] {
  const first = new Map<number, Choice>();
  for (const choice of choices) if (!first.has(choice.number)) first.set(choice.number, choice);
  return [...first.values()].map((choice) => ({ value: String(choice.number), text: imageName(choice) }));
}

export function imageName(choice: Choice): string {
  return choice.names[0] ?? t('image.number', { number: choice.number });
}

function noteOf(choice: Choice): Partial<MenuOption> {
  if (choice.state === 'absent') return { note: t('choice.absent'), disabled: true };
  if (choice.state === 'failed') return { note: t('choice.failed') };
  return choice.size === null ? {} : { note: bytes(choice.size) };
}

export class ReferenceField extends Part {
  static override properties = { ...Part.properties, big: { type: Boolean }, platform: { state: true }, bad: { state: true } };
  /** On the start page, with its button. */
  declare big: boolean;
  declare platform: string;
  declare bad: boolean;

  constructor() {
    super();
    this.big = false;
    this.platform = ANY;
    this.bad = false;
  }

  get #value(): string {
    const { model } = this;
    const opened = model.view.opened;
    if (opened === null || (this.big && opened.kind !== 'reference' && opened.kind !== 'layout')) return '';
    if (opened.kind === 'layout') return `oci+${opened.url}`;
    return opened.kind === 'reference' ? opened.reference : model.name;
  }

  override render(): TemplateResult {
    const value = this.#value;
    const field = html`<form class="ref ${this.bad ? 'bad' : ''}" role="search" @submit=${this.#submit}>
      ${icon('box')}
      <span class="in">${value === '' ? nothing : this.#pretty(value)}<input name="reference" aria-label=${t('field.label')} placeholder=${t('field.placeholder')}
        .value=${value} spellcheck="false" autocomplete="off" autocapitalize="off" enterkeyhint="go" aria-invalid=${this.bad ? 'true' : nothing}
        aria-describedby=${this.bad ? 'ref-bad' : nothing} @input=${(): void => void (this.bad = false)} @focus=${(event: FocusEvent): void => (event.target as HTMLInputElement).select()} @blur=${this.#settle}></span>
      ${this.#menus()}
      <button class="vh" tabindex="-1">${t('field.inspect')}</button>
    </form>`;
    const message = this.bad ? html`<p class="field-bad" id="ref-bad" role="alert">${icon('alert')}${t('field.bad')}</p>` : nothing;
    if (!this.big) return html`${field}${message}`;
    return html`<div class="ask">${field}<button class="btn main" @click=${(): void => this.#form?.requestSubmit()}>${t('field.inspect')}</button></div>${message}`;
  }

  #pretty(value: string): TemplateResult {
    const { host, repository, tail } = this.model.view.opened?.kind === 'reference' ? parts(value) : { host: '', repository: value, tail: '' };
    return html`<span class="pretty" aria-hidden="true"><span class="h">${show(host)}</span><span class="r">${show(repository)}</span><span class="g">${show(tail)}</span></span>`;
  }

  #menus(): TemplateResult {
    const { model } = this;
    const { overview, choice } = model;
    if (overview === null) {
      const options = [{ value: ANY, text: t('platform.any') }, ...COMMON.map((platform) => ({ value: platform, text: platform }))];
      const value = model.phase.name === 'start' || model.phase.name === 'explain' ? this.platform : (model.view.platform ?? ANY);
      return html`<choice-menu .label=${t('platform')} .options=${options} .value=${value} .text=${value === ANY ? t('platform') : value}
        @choose=${(event: CustomEvent<string>): void => void (this.platform = event.detail)}></choice-menu>`;
    }
    const images = imageOptions(overview.choices);
    const number = choice?.number ?? 0;
    const digest = model.image?.digest ?? null;
    return html`${digest === null || overview.source.kind !== 'registry' ? nothing : this.#copyDigest(digest)}
      ${images.length < 2 ? nothing : html`<choice-menu class="images" .label=${t('image')} .options=${images} .value=${String(number)} @choose=${this.#chooseImage}></choice-menu>`}
      <choice-menu .label=${t('platform')} .options=${platformOptions(overview.choices, number)} .value=${choice === null ? '' : String(choice.id)}
        .text=${choice?.platform ?? t('platform')} @choose=${this.#choosePlatform}></choice-menu>`;
  }

  #copyDigest(digest: string): TemplateResult {
    const label = t('copy-what', { what: t('image-digest') });
    return html`<button type="button" class="part opt mid" title="${label}: ${digest}" @click=${(): void => void this.model.copy(digest, t('image-digest'))}><span class="vh">${label} </span>@${shortDigest(digest)} ${icon('copy')}</button>`;
  }

  #choosePlatform(event: CustomEvent<string>): void {
    const choice = this.model.overview?.choices.find(({ id }) => String(id) === event.detail);
    if (choice !== undefined) this.model.choose(choice);
  }

  #chooseImage(event: CustomEvent<string>): void {
    const { model } = this;
    const same = (model.overview?.choices ?? []).filter(({ number }) => String(number) === event.detail);
    const choice = same.find(({ platform }) => platform === model.choice?.platform) ?? same.find(({ state }) => state !== 'absent') ?? same[0];
    if (choice !== undefined) model.choose(choice);
  }

  /** At rest the field shows what is open, not what was half typed. */
  #settle(event: FocusEvent): void {
    const value = this.#value;
    if (value !== '' && !this.bad) (event.target as HTMLInputElement).value = value;
  }

  get #form(): HTMLFormElement | null {
    return this.querySelector('form');
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const input = this.querySelector('input');
    const text = input?.value.trim() ?? '';
    const named = this.model.view.opened?.kind;
    if (text === '' || (text === this.#value && named !== 'reference' && named !== 'layout')) {
      // Nothing was typed: the name of a file is no reference.
      input?.focus();
    } else if (!looksLikeReference(text)) {
      this.bad = true;
      input?.focus();
    } else {
      this.bad = false;
      input?.blur();
      this.model.openText(text, this.model.overview === null && this.platform !== ANY ? this.platform : null);
    }
  }
}

customElements.define('reference-field', ReferenceField);
