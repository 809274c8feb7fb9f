/** Words for the filter, to choose from: what an entry is, beside what its path is. */
import { html, type TemplateResult } from 'lit';
import { FACETS, readFilter, toggled } from '../filter.ts';
import { icon } from '../icons.ts';
import { t } from '../i18n.ts';
import type { Model } from '../model.ts';

/** Pixels between the button and what it opens, and between that and the window's edge. */
const GAP_PX = 6;

export function facetMenu(model: Model): TemplateResult {
  const { facets } = readFilter(model.view.filter);
  return html`<button class="facet" id="facet-button" popovertarget="facet-menu" aria-haspopup="true">${t('find-by')}${icon('down', 's')}</button>
    <div id="facet-menu" class="facet-menu" popover role="group" aria-label=${t('find-by')} @beforetoggle=${place}>
      ${FACETS.map(([word, name]) => html`<button aria-pressed=${facets.includes(word)} @click=${(): void => model.look({ filter: toggled(model.view.filter, word) }, 'replace')}><span>${t(`find-by.${name}`)}</span><code>${word}</code></button>`)}
      <p>${t('find-by-note')}</p>
    </div>`;
}

/** Below the button, and within the window. What is open lies above everything, so that it is placed in the window. */
function place(event: ToggleEvent): void {
  const menu = event.target as HTMLElement;
  const button = document.getElementById('facet-button');
  if (event.newState !== 'open' || button === null) return;
  const { left, bottom } = button.getBoundingClientRect();
  menu.style.setProperty('--x', `${Math.round(left)}px`);
  menu.style.setProperty('--y', `${Math.round(bottom + GAP_PX)}px`);
}
