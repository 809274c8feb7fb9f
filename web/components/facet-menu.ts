/** What opens below the tools of the tree: words for the filter to choose from, and which columns are shown. */
import { html, type TemplateResult } from 'lit';
import { COLUMN_NAMES, COLUMNS } from '../columns.ts';
import { FACETS, readFilter, toggled } from '../filter.ts';
import { icon } from '../icons.ts';
import { t } from '../i18n.ts';
import type { Model } from '../model.ts';

/** Pixels between the button and what it opens, and between that and the window's edge. */
const GAP_PX = 6;

/** Beside the pattern: what an entry is. */
export function facetMenu(model: Model): TemplateResult {
  const { facets } = readFilter(model.view.filter);
  return menu('facet', t('find-by'), html`${FACETS.map(([word, name]) => html`<button aria-pressed=${facets.includes(word)} @click=${(): void => model.look({ filter: toggled(model.view.filter, word) }, 'replace')}><span>${t(`find-by.${name}`)}</span><code>${word}</code></button>`)}
      <p>${t('find-by-note')}</p>`);
}

export function columnMenu(model: Model): TemplateResult {
  return menu('column', t('columns'), html`${COLUMNS.map((column) => html`<button aria-pressed=${model.columns.includes(column)} @click=${(): void => model.flipColumn(column)}><span>${t(COLUMN_NAMES[column])}</span>${icon('check', 's')}</button>`)}
      <button ?disabled=${model.view.columns === null} @click=${(): void => model.showColumns(null)}><span>${t('columns.usual')}</span></button><p>${t('columns.note')}</p>`);
}

function menu(id: string, label: string, content: TemplateResult): TemplateResult {
  return html`<button class="facet" id="${id}-button" popovertarget="${id}-menu" aria-haspopup="true">${label}${icon('down', 's')}</button>
    <div id="${id}-menu" class="facet-menu ${id}-menu" popover role="group" aria-label=${label} @beforetoggle=${place}>${content}</div>`;
}

/** Below the button, and within the window. What is open lies above everything, so that it is placed in the window. */
function place(event: ToggleEvent): void {
  const opened = event.target as HTMLElement;
  const button = opened.previousElementSibling;
  if (event.newState !== 'open' || button === null) return;
  const { left, bottom } = button.getBoundingClientRect();
  opened.style.setProperty('--x', `${Math.round(left)}px`);
  opened.style.setProperty('--y', `${Math.round(bottom + GAP_PX)}px`);
}
