/** Images that were opened in this browser, each with its core. */
import { html, type TemplateResult } from 'lit';
import { ago, bytes } from '../format.ts';
import { Cache } from '../engine/cache.ts';
import { number, t } from '../i18n.ts';
import { forget, recall, type Recent } from '../recent.ts';
import { parts } from '../reference.ts';
import { show } from '../show.ts';
import { forSource, printView } from '../state.ts';
import { coreBar, pair } from './marks.ts';
import { Part } from './part.ts';

export class RecentList extends Part {
  override render(): TemplateResult {
    const entries = recall(storage());
    if (entries.length === 0) return html``;
    return html`<section aria-labelledby="recent-h">
      <div class="recent-head"><h2 id="recent-h">${t('recent')}</h2><span class="hint">${t('recent.kept')}</span>
        <button class="text-btn" @click=${this.#forget}>${t('recent.forget')}</button></div>
      <div class="over" tabindex="0" role="group" aria-label=${t('recent')}><table class="tbl recent"><thead><tr>
        <th scope="col">${t('recent.image')}</th><th scope="col" class="c-core">${t('recent.core')}</th><th scope="col" class="end c-n">${t('recent.layers')}</th>
        <th scope="col" class="end">${t('size')}</th><th scope="col" class="hide-xs">${t('platform')}</th><th scope="col">${t('recent.digests')}</th><th scope="col" class="end c-when">${t('recent.opened')}</th>
      </tr></thead><tbody>${entries.map((entry) => this.#row(entry))}</tbody></table></div>
    </section>`;
  }

  #row(entry: Recent): TemplateResult {
    const total = entry.layers.reduce((sum, bytesOf) => sum + bytesOf, 0) || 1;
    const state = entry.result === 'unverified' ? 'unchecked' : entry.result;
    return html`<tr><td>${this.#name(entry)}</td>
      <td class="c-core">${coreBar(entry.layers.map((size, layer) => ({ layer, share: (size / total) * 100 })), entry.layers.length)}</td>
      <td class="end c-n">${number(entry.layers.length)}</td><td class="end nowrap">${bytes(entry.size)}</td><td class="hide-xs">${show(entry.platform ?? '')}</td>
      <td><span class="state">${pair(state, state)}<span class="hide-xs">${t(`recent.${entry.result}`)}</span></span></td><td class="end dim c-when nowrap">${ago(entry.at, Date.now())}</td></tr>`;
  }

  #name(entry: Recent): TemplateResult {
    const { model } = this;
    const { host, repository, tail } = entry.opened.kind === 'reference' ? parts(entry.name) : { host: '', repository: entry.name, tail: '' };
    const label = html`<span class="r">${show(host)}</span>${show(repository + tail)}`;
    // A file can be had again only from the user, unless this tab still holds it.
    if (!model.has(entry.opened)) return html`<span class="gone" title=${t('recent.drop-again')}>${label}</span>`;
    const view = forSource(model.view, entry.opened, { platform: entry.platform });
    return html`<a href=${printView(view)} @click=${(event: MouseEvent): void => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      model.openAgain(entry.opened, entry.platform);
    }}>${label}</a>`;
  }

  #forget(): void {
    forget(storage());
    void new Cache().clear();
    this.requestUpdate();
  }
}

function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

customElements.define('recent-list', RecentList);
