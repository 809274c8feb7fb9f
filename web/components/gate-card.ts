/** The rules of a `.dive-ci` file: what each allows, what the image has, and whether that passes. */
import { html, nothing, type TemplateResult } from 'lit';
import { errorView } from '../client.ts';
import { bytes, percent } from '../format.ts';
import { icon } from '../icons.ts';
import { t } from '../i18n.ts';
import { rulesText, THRESHOLDS, type Thresholds } from '../gate-rules.ts';
import type { ErrorView, GateReport, GateRule, WasteReport } from '../protocol.ts';
import { errorCard } from './error-card.ts';
import { copyButton } from './marks.ts';
import { Part } from './part.ts';

/** A file of rules has a few lines; anything larger is something else. */
const LARGEST = 64 * 1024;
const SIGN = { pass: 'check', fail: 'bad', skip: 'ring' } as const;

export class GateCard extends Part {
  static override properties = { ...Part.properties, report: { attribute: false }, gate: { state: true }, error: { state: true } };
  declare report: WasteReport;
  declare gate: GateReport | null;
  declare error: ErrorView | null;
  #asked = '';

  constructor() {
    super();
    this.gate = null;
    this.error = null;
  }

  protected override willUpdate(): void {
    super.willUpdate();
    const key = JSON.stringify([this.model.view.thresholds, this.report.dive]);
    if (key === this.#asked) return;
    this.#asked = key;
    void this.#judge(rulesText(this.model.view.thresholds), key);
  }

  async #judge(rules: string, key: string): Promise<void> {
    try {
      const gate = await this.model.client?.request('gate', { rules, dive: this.report.dive });
      if (key !== this.#asked) return;
      this.gate = gate ?? null;
      this.error = null;
    } catch (error) {
      if (key === this.#asked) this.error = errorView(error);
    }
  }

  override render(): TemplateResult {
    const { gate, error } = this;
    const verdict = error !== null || gate === null ? nothing : html`<span class="tag ${gate.passed ? 'ok' : 'bad'}" role="status">${icon(gate.passed ? 'check' : 'bad', 's')}${t(gate.passed ? 'gate.passed' : 'gate.failed')}</span>`;
    return html`<section class="card gate" aria-labelledby="gate-h" @dragover=${(event: DragEvent): void => event.preventDefault()} @drop=${this.#drop}><header><h2 id="gate-h">${t('gate.title')}</h2>${verdict}</header><div class="body">
      <p class="mid-ink lead-in">${t('gate.what')}</p>
      <div class="over" tabindex="0" role="group" aria-label=${t('gate.title')}><table class="tbl"><thead><tr><th scope="col">${t('gate.rule')}</th><th scope="col">${t('gate.threshold')}</th><th scope="col" class="end">${t('gate.found')}</th><th scope="col">${t('gate.result')}</th></tr></thead>
        <tbody>${THRESHOLDS.map((rule) => this.#row(rule, gate?.rules.find((each) => each.rule === rule)))}</tbody></table></div>
      ${error === null ? nothing : errorCard(this.model, error, { kind: 'warn' })}
      <div class="acts"><button class="btn" @click=${(): void => this.querySelector<HTMLInputElement>('input[type=file]')?.click()}>${icon('down-to')}${t('gate.open')}</button>
        <button class="btn" @click=${(): void => this.model.setThresholds(null)}>${icon('retry')}${t('gate.defaults')}</button>
        <span class="val"><span class="dim">${t('gate.copy')}</span>${copyButton(this.model, rulesText(this.model.view.thresholds), '.dive-ci')}</span>
        <input class="vh" type="file" tabindex="-1" aria-label=${t('gate.open')} @change=${this.#chosen}></div>
      <p class="hint">${t('gate.cli')} <code>layerscope waste --ci=.dive-ci IMAGE</code></p></div></section>`;
  }

  #row(rule: keyof Thresholds, judged: GateRule | undefined): TemplateResult {
    const state = this.error === null ? judged?.state : undefined;
    return html`<tr><td><label for="gate-${rule}">${t(`gate.${rule}`)}<small class="mono dim">${rule}</small></label></td>
      <td><input id="gate-${rule}" class="box" spellcheck="false" autocomplete="off" .value=${this.model.view.thresholds[rule]} @change=${(event: Event): void => this.model.setThresholds({ [rule]: (event.target as HTMLInputElement).value })}></td>
      <td class="end nowrap">${this.#found(rule)}</td>
      <td>${state === undefined ? nothing : html`<span class="state is-${state}">${icon(SIGN[state])}${t(`gate.${state}`)}</span>`}</td></tr>`;
  }

  /** The figure that a rule is about. */
  #found(rule: keyof Thresholds): string {
    const { dive } = this.report;
    if (rule === 'lowestEfficiency') return percent(dive.efficiency, 2);
    if (rule === 'highestWastedBytes') return bytes(dive.wastedBytes);
    return dive.userWastedPercent === null ? '–' : percent(dive.userWastedPercent, 2);
  }

  #chosen(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (file !== undefined) void this.read(file);
    // The same file can be chosen again.
    input.value = '';
  }

  #drop(event: DragEvent): void {
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    void this.read(file);
  }

  /** Takes the thresholds of a file, as the core reads them. */
  async read(file: File): Promise<void> {
    try {
      if (file.size > LARGEST) throw new Error(t('gate.too-large'));
      const gate = await this.model.client?.request('gate', { rules: await file.text(), dive: this.report.dive });
      if (gate === undefined) return;
      this.model.setThresholds(Object.fromEntries(gate.rules.map(({ rule, threshold }) => [rule, threshold ?? 'disabled'])));
      this.model.notify({ text: t('gate.taken', { name: file.name }) });
    } catch (error) {
      this.error = errorView(error);
    }
  }
}

customElements.define('gate-card', GateCard);
