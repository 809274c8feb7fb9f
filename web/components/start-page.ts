/** Before anything is open: one field, one place to drop, the sample, and what was opened before. */
import { html, nothing, type TemplateResult } from 'lit';
import { chosenDirectory, chosenFiles, type Dropped } from '../drop.ts';
import { icon } from '../icons.ts';
import { t, tx } from '../i18n.ts';
import { show } from '../show.ts';
import './explain-card.ts';
import './recent-list.ts';
import './reference-field.ts';
import { Part } from './part.ts';
import { pile } from './pile.ts';

export class StartPage extends Part {
  override render(): TemplateResult {
    const { phase } = this.model;
    return html`${phase.name === 'explain' ? this.#explain() : this.#hero()}<recent-list .model=${this.model}></recent-list>`;
  }

  #hero(): TemplateResult {
    const { model } = this;
    return html`<div class="hero">
      <div>
        <h1>${t('start.title')}</h1>
        <p class="lead">${t('start.lead')}</p>
        ${model.phase.name === 'lost' ? this.#lost() : nothing}
        <reference-field .model=${model} big></reference-field>
        ${this.#drop()}
        <p class="hint">${tx('start.hint', { slash: html`<kbd>/</kbd>`, paste: html`<kbd>Ctrl</kbd> <kbd>V</kbd>` })}</p>
      </div>
      <section class="sample" aria-label=${t('sample.name')}>
        ${pile()}
        <button class="btn" id="open-sample" @click=${(): void => model.openSample()}>${icon('play')}${t('sample.open')} <span class="aside">${t('sample.note')}</span></button>
      </section>
    </div>`;
  }

  #drop(): TemplateResult {
    return html`<div class="drop">${icon('down-to')}<b>${t('drop.title')}</b><span>${t('drop.what')}</span>
      <div class="pickers">
        <button class="btn" @click=${(): void => this.#pick('#pick-file')}>${t('drop.file')}</button>
        <button class="btn" @click=${(): void => this.#pick('#pick-folder')}>${t('drop.folder')}</button>
      </div>
      <input id="pick-file" class="vh" type="file" tabindex="-1" aria-label=${t('drop.file')} @change=${(event: Event): void => this.#take(event, (files) => chosenFiles([...files]))}>
      <input id="pick-folder" class="vh" type="file" tabindex="-1" aria-label=${t('drop.folder')} webkitdirectory @change=${(event: Event): void => this.#take(event, chosenDirectory)}>
    </div>`;
  }

  #lost(): TemplateResult {
    const { phase } = this.model;
    const name = phase.name === 'lost' && 'name' in phase.opened ? phase.opened.name : '';
    return html`<div class="notice" role="status">${icon('info')}<p>${t(phase.name === 'lost' && phase.opened.kind === 'served' ? 'lost.served' : 'lost.file', { name: show(name) })}</p></div>`;
  }

  #explain(): TemplateResult {
    return html`<div class="explained"><h1 class="vh">${t('start.title')}</h1><reference-field .model=${this.model} big></reference-field><explain-card .model=${this.model}></explain-card>${this.#drop()}</div>`;
  }

  #pick(selector: string): void {
    this.model.warm();
    this.querySelector<HTMLInputElement>(selector)?.click();
  }

  #take(event: Event, read: (files: FileList) => Dropped): void {
    const input = event.target as HTMLInputElement;
    if (input.files === null || input.files.length === 0) return;
    this.dispatchEvent(new CustomEvent('take', { bubbles: true, detail: () => read(input.files as FileList) }));
    // The same file can be chosen again.
    input.value = '';
  }
}

customElements.define('start-page', StartPage);
