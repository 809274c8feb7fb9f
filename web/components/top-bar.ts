/** The top line: the mark, the one field, and a few tools. */
import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../icons.ts';
import { currentLanguage, LANGUAGE_NAMES, LANGUAGES, t } from '../i18n.ts';
import { printView } from '../state.ts';
import { mark } from './marks.ts';
import { Part } from './part.ts';
import './reference-field.ts';

export class TopBar extends Part {
  override render(): TemplateResult {
    const { model } = this;
    const atStart = model.phase.name === 'start' || model.phase.name === 'explain' || model.phase.name === 'lost';
    const other = LANGUAGES.find((language) => language !== currentLanguage()) ?? 'en';
    return html`<a class="skip" href="#panel" @click=${this.#skip}>${t('skip')}</a>
      <a class="brand" href="./" aria-label="Layerscope" @click=${this.#home}>${mark()}<span>Layerscope</span></a>
      ${atStart ? nothing : html`<h1 class="vh">${model.name}</h1><reference-field class="in-top" .model=${model}></reference-field>`}
      <div class="tools">
        ${model.image === null ? nothing : html`<button class="btn wide-only" aria-haspopup="dialog" @click=${(): void => this.#palette(t('do.group.copy'))}>${icon('copy')}${t('do.group.copy')}</button>
          <button class="btn wide-only" aria-haspopup="dialog" @click=${(): void => this.#palette(t('do.group.export'))}>${icon('save')}${t('do.group.export')}</button>`}
        <button class="icon" aria-label=${t('do.commands')} aria-haspopup="dialog" title="${t('do.commands')} (Ctrl K)" @click=${(): void => this.#palette('')}>${icon('command')}</button>
        <a class="icon mid language" href=${printView({ ...model.view, language: other }) || './'} hreflang=${other} lang=${other} aria-label=${LANGUAGE_NAMES[other]} title=${LANGUAGE_NAMES[other]} @click=${(event: MouseEvent): void => {
          event.preventDefault();
          void model.speak(other);
        }}>${icon('globe')}</a>
        <button class="icon" aria-label=${t('theme')} title="${t('theme')} (t)" @click=${(): void => model.toggleTheme()}>${icon('sun')}</button>
        <button class="icon mid" aria-label=${t('help')} title="${t('help')} (?)" @click=${(): boolean => this.dispatchEvent(new CustomEvent('help', { bubbles: true }))}>${icon('help')}</button>
      </div>`;
  }

  #palette(text: string): void {
    this.dispatchEvent(new CustomEvent('palette', { bubbles: true, detail: text }));
  }

  #home(event: MouseEvent): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.model.leave();
  }

  #skip(event: MouseEvent): void {
    // The fragment of the address is not ours to change: it would add a step to the history.
    event.preventDefault();
    (document.querySelector<HTMLElement>('#panel .body [tabindex="0"]') ?? document.querySelector<HTMLElement>('#panel[tabindex], #panel [tabindex="0"], main input'))?.focus();
  }
}

customElements.define('top-bar', TopBar);
