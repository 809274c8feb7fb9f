/** The quiet place: all running work in one line, with what it takes and how to stop it. */
import { html, nothing, type TemplateResult } from 'lit';
import { TAB_KEYS } from '../actions.ts';
import { bytes, bytesOf, duration, rate, timeLeft } from '../format.ts';
import { icon } from '../icons.ts';
import { t, tn } from '../i18n.ts';
import type { Model } from '../model.ts';
import type { Work } from '../progress.ts';
import { show } from '../show.ts';
import { Part, vars } from './part.ts';

export class StatusLine extends Part {
  protected override readonly hears = ['change', 'progress'] as const;
  static override properties = { ...Part.properties, open: { state: true } };
  /** The list of all work is shown. */
  declare open: boolean;

  constructor() {
    super();
    this.open = false;
  }

  override render(): TemplateResult {
    const { phase } = this.model;
    if (phase.name === 'opening') return this.#opening();
    if (phase.name === 'open') return html`${this.#work()}${this.#listButton()}${keys(this.model)}${this.open ? html`<work-tray id="work" .model=${this.model} @close=${(): void => this.#show(false)}></work-tray>` : nothing}`;
    return html`<span class="grow promise"><span>${icon('lock', 's')}${t('promise')}</span></span>`;
  }

  #opening(): TemplateResult {
    const { work } = this.model.meter;
    const title = html`<span class="run glyph">${icon('half')}</span><span role="status" class=${work === null ? 'grow' : 'title'}>${t('status.opening', { name: show(this.model.name) })}</span>`;
    return html`${title}${work === null ? nothing : this.#figures(work)}${this.#wait()}${this.#cancel()}`;
  }

  /** Leads to all work, each piece by itself. */
  #listButton(): TemplateResult | typeof nothing {
    const { work } = this.model.meter;
    if (work === null || this.model.image === null) return nothing;
    const label = t(this.open ? 'work.hide' : 'work.show');
    return html`<button class="icon small" aria-expanded=${this.open} aria-controls="work" aria-label=${label} title=${label} @click=${(): void => this.#show(!this.open)}>${icon(this.open ? 'down' : 'up')}</button>`;
  }

  #show(open: boolean): void {
    if (open) void import('./work-tray.ts');
    this.open = open;
    if (!open) this.querySelector<HTMLElement>('[aria-controls=work]')?.focus();
  }

  /** A registry is asked again after a while. Nobody needs to hear each second of it. */
  #wait(): TemplateResult | typeof nothing {
    const seconds = this.model.againIn;
    return seconds === null ? nothing : html`<span class="wait">${t('status.again-in', { seconds })}</span>`;
  }

  #cancel(): TemplateResult {
    return html`<button class="text-btn cancel" @click=${(): void => this.model.cancel()}>${t('cancel')}</button>`;
  }

  #work(): TemplateResult {
    const { meter, image, stopped } = this.model;
    const { work } = meter;
    if (work === null || image === null) return html`<span class="grow"></span>`;
    if (meter.busy) return this.#running(work);
    if (work.mismatched.length > 0) return html`${this.#ended('bad', 'bad', tn('status.mismatched', work.mismatched.length))}${this.#verify(work)}`;
    if (work.failed.length > 0) return html`${this.#ended('bad', 'bad', tn('status.failed', work.failed.length))}${this.#again(t('status.retry-all'))}`;
    if (work.held > 0) return html`${this.#ended('info', 'dim', t('status.held', { read: bytes(work.read) }))}${this.#again(t('status.read-all', { size: bytes(work.held) }))}`;
    if (stopped || image.layers.some(({ state }) => state === 'pending')) return html`${this.#ended('stop', 'dim', t('status.stopped', { read: bytes(work.read) }))}${this.#again(t('progress.go-on'))}`;
    if (work.known > 0) return html`${this.#ended('info', 'dim', tn('status.known', work.known))}${this.#verify(work)}`;
    if (!image.totals.verified) return this.#ended('info', 'dim', t('status.unverified', { read: bytes(work.read) }));
    const local = this.model.view.opened?.kind !== 'reference' && this.model.view.opened?.kind !== 'layout';
    const text = t('status.verified', { read: bytes(work.read), time: duration(Math.max(0.1, meter.seconds)) });
    return this.#ended('shield', 'good', local ? `${text} ${t('status.nothing-sent')}` : text);
  }

  #running(work: Work): TemplateResult {
    const { running } = work;
    const title = running.length === 0 ? t('status.waiting') : running.length === 1 ? t('status.reading', { number: running[0] ?? 0 }) : tn('status.reading-several', running.length);
    return html`<span class="run glyph">${icon('half')}</span><b>${title}</b>${this.#figures(work)}${this.#wait()}${this.#cancel()}`;
  }

  /** The bar, bytes, rate and time left. */
  #figures(work: Work): TemplateResult {
    const { meter } = this.model;
    const { share, left } = meter;
    const figures = [
      work.total === null ? bytes(work.read) : bytesOf(work.read, work.total),
      meter.rate === null ? null : rate(meter.rate),
    ].filter((each) => each !== null);
    return html`<span class="bar opt" role="progressbar" aria-label=${t('status.progress')} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${share === null ? nothing : Math.floor(share * 100)} ${vars({ '--p': ((share ?? 0) * 100).toFixed(1) })}><i></i></span>
      <span class="grow"><span class="opt">${figures.join(t('comma'))}${left === null ? '' : t('comma')}</span>${left === null ? nothing : timeLeft(left)}</span>`;
  }

  #ended(sign: 'bad' | 'stop' | 'info' | 'shield', kind: string, text: string): TemplateResult {
    return html`<span class="glyph ${kind}">${icon(sign)}</span><span class="grow">${text}</span>`;
  }

  /** What is known from before is no evidence, which is one click away. */
  #verify(work: Work): TemplateResult | typeof nothing {
    return work.known === 0 ? nothing : html`<button class="text-btn" @click=${(): void => this.model.verifyKnown()}>${t('status.verify-all')}</button>`;
  }

  #again(text: string): TemplateResult {
    return html`<button class="text-btn" @click=${(): void => this.model.goOn()}>${text}</button>`;
  }
}

function keys(model: Model): TemplateResult {
  const files = model.view.tab === 'files';
  return html`<span class="keys opt" aria-hidden="true">${files ? html`<span><kbd>↑</kbd> <kbd>↓</kbd> ${t('key.move')}</span><span><kbd>→</kbd> ${t('key.open')}</span><span><kbd>/</kbd> ${t('key.filter')}</span>` : html`<span><kbd>1</kbd>–<kbd>${Object.values(TAB_KEYS).findLast((key) => /\d/.test(key))}</kbd> ${t('key.tabs')}</span>`}<span><kbd>Ctrl</kbd> <kbd>K</kbd> ${t('key.commands')}</span></span>`;
}

customElements.define('status-line', StatusLine);
