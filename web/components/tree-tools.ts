/** Above the tree: which tree, which paths of it. */
import { html, nothing, type TemplateResult } from 'lit';
import { kindOf } from '../filter.ts';
import { icon } from '../icons.ts';
import { t } from '../i18n.ts';
import type { Model } from '../model.ts';
import { SCOPES } from '../state.ts';
import { columnMenu, facetMenu } from './facet-menu.ts';
import { segmented } from './marks.ts';

/** What the tree shows, in words. */
export function scopeLabel(model: Model): string {
  const layer = model.layer?.number ?? 0;
  const name = model.name;
  if (model.view.scope === 'merged') return t('tree.of-image', { name });
  return t(model.view.scope === 'layer' ? 'tree.of-layer' : 'tree.up-to', { name, layer });
}

/** Each key is a question of its own: a search answers in turns, and gives way to the next. */
function filter(model: Model, text: string): void {
  model.look({ filter: text }, 'replace');
}

/** `bad`: the filter cannot be understood. */
export function treeTools(model: Model, bad: boolean): TemplateResult {
  const { view } = model;
  const kind = kindOf(view.filter);
  return html`<div class="tool">
      ${segmented(t('scope'), SCOPES.map((scope) => ({ value: scope, text: t(`scope.${scope}`) })), view.scope, (scope) => model.look({ scope }), 'fill')}
      <label class="field ${bad ? 'bad' : ''}">${icon('search')}<span class="vh">${t('filter')}</span>
        <input id="filter" type="search" placeholder=${t('filter.placeholder')} .value=${view.filter} spellcheck="false" autocomplete="off" aria-invalid=${bad ? 'true' : nothing}
          @input=${(event: Event): void => filter(model, (event.target as HTMLInputElement).value)}
          @keydown=${(event: KeyboardEvent): void => keys(model, event)}>
        ${view.filter === '' ? html`<kbd class="hide-tree-xs">/</kbd>` : html`<span class="mode-tag">${t(`filter.${kind}`)}</span>
          <button class="icon small" aria-label=${t('tree.clear-filter')} title=${t('tree.clear-filter')} @click=${(): void => filter(model, '')}>${icon('x', 's')}</button>`}</label>
    </div>
    <div class="facets" role="group" aria-label=${t('facets')}>
      <button class="facet" aria-pressed=${view.changedOnly} @click=${(): void => model.look({ changedOnly: !view.changedOnly }, 'replace')}>${t('facet.changed')}</button>
      <button class="facet" aria-pressed=${view.ghosts} @click=${(): void => model.look({ ghosts: !view.ghosts }, 'replace')}>${t('facet.deleted')}</button>
      ${facetMenu(model)}
      ${columnMenu(model)}
      <span class="hint hide-tree-s">${scopeLabel(model)}</span>
    </div>`;
}

function keys(model: Model, event: KeyboardEvent): void {
  const input = event.target as HTMLInputElement;
  if (event.key === 'Escape' && input.value !== '') {
    event.preventDefault();
    input.value = '';
    filter(model, '');
  } else if (event.key === 'Escape') {
    input.blur();
  } else if (event.key === 'Enter' || event.key === 'ArrowDown') {
    event.preventDefault();
    input.closest('file-tree')?.querySelector<HTMLElement>('.body [role=row][tabindex="0"]')?.focus();
  }
}
