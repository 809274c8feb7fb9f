/** Every image and platform that the source holds or names, and what stands beside them. */
import { html, nothing, type TemplateResult } from 'lit';
import { bytes } from '../format.ts';
import { icon } from '../icons.ts';
import { number, t, tn } from '../i18n.ts';
import { architectureHere } from '../machine.ts';
import type { ArtifactView, Choice } from '../protocol.ts';
import { show, shown } from '../show.ts';
import { errorTitle } from './error-card.ts';
import { digestValue } from './marks.ts';
import { Part } from './part.ts';
import { imageName } from './reference-field.ts';

export class PlatformsView extends Part {
  static override properties = { ...Part.properties, machine: { state: true } };
  /** The processor of the visitor's machine, as platforms call it; null while it is not known, or never. */
  declare machine: string | null;

  constructor() {
    super();
    this.machine = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void architectureHere().then((machine) => void (this.machine = machine));
  }

  override render(): TemplateResult {
    const { overview } = this.model;
    if (overview === null) return html``;
    const { choices, others, chosen } = overview;
    const several = new Set(choices.map((choice) => choice.number)).size > 1;
    return html`<section class="card" aria-labelledby="p-h"><header><h2 id="p-h">${t(several ? 'platforms.images' : 'tab.platforms')}</h2><span class="aside">${number(choices.length)}</span></header>
      <div class="body">${this.#machineNote()}<div class="over" tabindex="0" role="group" aria-label=${t('tab.platforms')}><table class="tbl"><thead><tr>
        ${several ? html`<th scope="col">${t('image')}</th>` : nothing}<th scope="col">${t('platform')}</th><th scope="col" class="hide-xs">${t('digest')}</th><th scope="col" class="end">${t('compressed-size')}</th>
        <th scope="col" class="hide-xs">${t('platforms.attached')}</th><th scope="col">${t('state')}</th><th scope="col"><span class="vh">${t('action')}</span></th></tr></thead>
        <tbody>${choices.map((choice) => this.#row(choice, choice.id === chosen, several))}</tbody></table></div></div></section>
      ${others.length === 0 ? nothing : this.#artifacts(others)}`;
  }

  #row(choice: Choice, shownNow: boolean, several: boolean): TemplateResult {
    const { model } = this;
    const name = [imageName(choice), choice.platform ?? ''].join(' ').trim();
    return html`<tr class=${shownNow ? 'cur' : ''}>
      ${several ? html`<td class="mono">${shown(imageName(choice))}${choice.names.length > 1 ? html` <span class="tag">${tn('more-names', choice.names.length - 1)}</span>` : nothing}</td>` : nothing}
      <td class="mono">${shown(choice.platform ?? t('platform.none'))}${choice.osVersion === null ? nothing : html` <span class="dim">${shown(choice.osVersion)}</span>`}${(choice.osFeatures ?? []).map((feature) => html` <span class="tag">${shown(feature)}</span>`)}${shownNow ? html` <span class="tag">${t('platforms.shown')}</span>` : nothing}</td>
      <td class="hide-xs">${choice.digest === null ? html`<span class="dim">${t('not-stated')}</span>` : digestValue(model, t('digest'), choice.digest)}</td>
      <td class="end nowrap">${choice.size === null ? html`<span class="dim">–</span>` : bytes(choice.size)}</td>
      <td class="hide-xs">${this.#attached(choice)}</td>
      <td>${stateOf(choice)}</td>
      <td class="end">${shownNow || choice.state === 'absent' ? nothing : html`<button class="btn small" aria-label=${t('platforms.switch-to', { name })} @click=${(): void => model.choose(choice)}>${t('platforms.switch')}</button>`}</td></tr>`;
  }

  /** Whether the visitor's own machine would run what is shown. Nothing where the browser does not say what it is. */
  #machineNote(): TemplateResult | typeof nothing {
    const { machine } = this;
    const { choice, overview } = this.model;
    const platform = choice?.platform ?? null;
    if (machine === null || platform === null || overview === null) return nothing;
    if (platform.split('/')[1] === machine) return html`<p class="mid-ink lead-in">${t('platforms.machine-same', { machine })}</p>`;
    const better = overview.choices.find((each) => each.number === choice?.number && each.platform?.split('/')[1] === machine && each.state !== 'absent');
    return html`<div class="notice">${icon('info')}<p>${t('platforms.machine-other', { machine, platform: show(platform) })} ${better === undefined ? t('platforms.machine-none') : html`<button class="text-btn" @click=${(): void => this.model.choose(better)}>${t('platforms.switch-to', { name: show(better.platform ?? '') })}</button>`}</p></div>`;
  }

  /** The attestations of one image, each with what it is and its digest. */
  #attached(choice: Choice): TemplateResult {
    if (choice.attestations === 0) return html`<span class="dim">${t('none')}</span>`;
    const own = (this.model.overview?.others ?? []).filter(({ subject }) => subject !== null && subject === choice.digest);
    return html`${tn('attestations', choice.attestations)}${own.length === 0 ? nothing : html`<ul class="attached">${own.map((each) => html`<li>${digestValue(this.model, t('digest'), each.digest)} <span class="dim">${bytes(each.size)}</span></li>`)}</ul>`}`;
  }

  #artifacts(others: readonly ArtifactView[]): TemplateResult {
    const { model } = this;
    const subjectOf = (artifact: ArtifactView): string | null => model.overview?.choices.find(({ digest }) => digest === artifact.subject)?.platform ?? null;
    return html`<section class="card" aria-labelledby="a-h"><header><h2 id="a-h">${t('platforms.beside')}</h2><span class="aside">${number(others.length)}</span></header><div class="body">
      <div class="over" tabindex="0" role="group" aria-label=${t('platforms.beside')}><table class="tbl"><thead><tr><th scope="col">${t('kind')}</th><th scope="col">${t('platforms.speaks-of')}</th><th scope="col" class="hide-xs">${t('digest')}</th><th scope="col" class="end">${t('size')}</th></tr></thead>
      <tbody>${others.map((artifact) => html`<tr><td class="mono">${shown(artifact.artifactType ?? artifact.mediaType)}</td>
        <td class="mono">${subjectOf(artifact) === null ? (artifact.subject === null ? html`<span class="dim">${t('none')}</span>` : digestValue(model, t('digest'), artifact.subject)) : shown(subjectOf(artifact) ?? '')}</td>
        <td class="hide-xs">${digestValue(model, t('digest'), artifact.digest)}</td><td class="end nowrap">${bytes(artifact.size)}</td></tr>`)}</tbody></table></div></div></section>`;
  }
}

function stateOf(choice: Choice): TemplateResult {
  if (choice.state === 'failed') return html`<span class="state bad">${icon('bad')}${choice.error === null ? t('choice.failed') : errorTitle(choice.error)}</span>`;
  if (choice.state === 'absent') return html`<span class="state">${icon('ring')}${t('choice.absent-why')}</span>`;
  return html`<span class="state">${choice.state === 'ready' ? icon('check') : icon('ring')}${t(choice.state === 'ready' ? 'choice.ready' : 'choice.not-asked')}</span>`;
}

customElements.define('platforms-view', PlatformsView);
