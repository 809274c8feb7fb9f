/** What a user should know, by severity, worst first, and what a runtime would do about it. */
import { html, nothing, type TemplateResult } from 'lit';
import { findingPlace, findingText, runtimeText, sorted, SEVERITIES, tally, type Severity } from '../findings.ts';
import { icon, type IconName } from '../icons.ts';
import { t, tn } from '../i18n.ts';
import type { Model } from '../model.ts';
import type { FindingView } from '../protocol.ts';
import { shown } from '../show.ts';
import { plate } from './marks.ts';
import { Part } from './part.ts';

const ICON: Readonly<Record<Severity, IconName>> = { high: 'bad', warning: 'alert', info: 'info' };
const KIND: Readonly<Record<Severity, string>> = { high: 'high', warning: 'warn', info: 'note' };
/** Drawn at once; the rest on demand. */
const STEP = 200;

/** "3 warnings, 3 notes". */
export function tallyText(findings: readonly FindingView[]): string {
  const counts = tally(findings);
  return SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) => tn(`severity.${severity}`, counts[severity])).join(t('comma'));
}

/** `whole`: with what a runtime would do. */
export function findingItem(model: Model, finding: FindingView, whole = false): TemplateResult {
  const { path, layer } = finding;
  const layers = model.image?.layers.length ?? 1;
  const place = findingPlace(finding);
  const text = findingText(finding);
  const runtime = whole ? runtimeText(finding) : null;
  return html`<li><span class=${KIND[finding.severity]}>${icon(ICON[finding.severity])}<span class="vh">${t(`severity-one.${finding.severity}`)}</span></span>
    ${place === null ? html`<span class="what">${text}</span>` : html`<button class="what plain" @click=${(): void => model.look(place)}>${text}</button>`}
    <small>${layer === undefined ? nothing : html`${plate(layer, layers)} `}${path === undefined ? nothing : html`<code>${shown(path)}</code> `}<span class="tag mono">${finding.id}</span></small>
    ${runtime === null ? nothing : html`<small>${t('findings.runtime', { what: runtime })}</small>`}</li>`;
}

export class FindingsView extends Part {
  static override properties = { ...Part.properties, limit: { state: true } };
  declare limit: number;

  constructor() {
    super();
    this.limit = STEP;
  }

  override render(): TemplateResult {
    const findings = sorted(this.model.overview?.findings ?? []);
    const { busy } = this.model.meter;
    const drawn = findings.slice(0, this.limit);
    return html`<section class="card" aria-labelledby="f-h"><header><h2 id="f-h">${t('tab.findings')}</h2><span class="aside">${findings.length === 0 ? nothing : tallyText(findings)}</span></header>
      <div class="body">
        <p class="mid-ink lead-in">${t('findings.what')}</p>
        ${findings.length === 0 ? html`<p class="say ok">${icon(busy ? 'half' : 'check')}<span>${t(busy ? 'findings.not-yet' : 'findings.none')}</span></p>` : SEVERITIES.map((severity) => this.#group(severity, findings, drawn))}
        ${findings.length > this.limit ? html`<div class="acts"><button class="btn" @click=${(): void => void (this.limit += STEP)}>${tn('more-rows', findings.length - this.limit)}</button></div>` : nothing}
      </div></section>`;
  }

  #group(severity: Severity, all: readonly FindingView[], drawn: readonly FindingView[]): TemplateResult | typeof nothing {
    const some = drawn.filter((finding) => finding.severity === severity);
    if (some.length === 0) return nothing;
    return html`<h3 class="finds-head">${tn(`severity.${severity}`, tally(all)[severity])}</h3><ul class="finds">${some.map((finding) => findingItem(this.model, finding, true))}</ul>`;
  }
}

customElements.define('findings-view', FindingsView);
