/** The tabs under the field, and the image in three figures. */
import { html, nothing, type TemplateResult } from 'lit';
import { bytes } from '../format.ts';
import { number, t, tx } from '../i18n.ts';
import type { FindingView } from '../protocol.ts';
import { printView, TABS, type Tab } from '../state.ts';
import { rove } from './keys.ts';
import { Part } from './part.ts';

/** As wide as the shade at the end that says there is more. */
const SHADE_PX = 24;

export class ViewTabs extends Part {
  /** The tab that was scrolled to, and what stood in the row then. */
  #shown = '';

  override render(): TemplateResult {
    const { view, image } = this.model;
    return html`<div role="tablist" aria-label=${t('tabs')} @keydown=${(event: KeyboardEvent): void => rove(event, '[role=tab]')}>
        ${TABS.map((tab) => this.#tab(tab, tab === view.tab))}
      </div>
      ${image === null
        ? nothing
        : html`<div class="sum"><span class="opt">${tx('sum.entries', { n: html`<b>${number(image.totals.entries)}</b>` })}</span>
            <span>${tx('sum.compressed', { size: html`<b>${bytes(image.totals.size)}</b>` })}</span>
            <span>${tx('sum.unpacked', { size: html`<b>${bytes(image.totals.uncompressedSize)}</b>` })}</span></div>`}`;
  }

  /** Scrolls to the tab that was chosen, without the page around. */
  protected override updated(): void {
    const tab = this.querySelector('[aria-selected=true]');
    const list = tab?.parentElement;
    // Counts make tabs wider, and another language does.
    const shown = `${tab?.id} ${list?.textContent}`;
    if (tab == null || list == null || shown === this.#shown) return;
    this.#shown = shown;
    const [inner, outer] = [tab.getBoundingClientRect(), list.getBoundingClientRect()];
    if (inner.left < outer.left + SHADE_PX) list.scrollLeft += inner.left - outer.left - SHADE_PX;
    else if (inner.right > outer.right - SHADE_PX) list.scrollLeft += inner.right - outer.right + SHADE_PX;
  }

  #tab(tab: Tab, selected: boolean): TemplateResult {
    return html`<a class="tab" role="tab" id="tab-${tab}" href=${printView({ ...this.model.view, tab })} aria-selected=${selected} aria-controls=${selected ? 'panel' : nothing}
      tabindex=${selected ? 0 : -1} @click=${(event: MouseEvent): void => this.#choose(event, tab)} @keydown=${spaceClicks}>${t(`tab.${tab}`)}${this.#count(tab)}</a>`;
  }

  #count(tab: Tab): TemplateResult | typeof nothing {
    const { overview } = this.model;
    if (overview === null) return nothing;
    if (tab === 'platforms') return overview.choices.length < 2 ? nothing : html`<span class="count">${number(overview.choices.length)}</span>`;
    if (tab !== 'findings' || overview.findings.length === 0) return nothing;
    return html`<span class="count ${worst(overview.findings)}">${number(overview.findings.length)}</span>`;
  }

  #choose(event: MouseEvent, tab: Tab): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    if (tab !== this.model.view.tab) this.model.look({ tab });
  }
}

function worst(findings: readonly FindingView[]): string {
  if (findings.some(({ severity }) => severity === 'high')) return 'bad';
  return findings.some(({ severity }) => severity === 'warning') ? 'warn' : '';
}

/** Links act on Enter only; a tab acts on Space, too. */
function spaceClicks(event: KeyboardEvent): void {
  if (event.key !== ' ') return;
  event.preventDefault();
  (event.currentTarget as HTMLElement).click();
}

customElements.define('view-tabs', ViewTabs);
