/** The page: top line, tabs, the view that is chosen, the status line; and what may happen anywhere on it. */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { KeyReader, opensPalette, type Desk } from '../actions.ts';
import { dropped, NotASource, type Dropped } from '../drop.ts';
import { currentLanguage, t } from '../i18n.ts';
import { icon } from '../icons.ts';
import { looksLikeReference } from '../reference.ts';
import { show } from '../show.ts';
import type { Tab } from '../state.ts';
import type { CommandPalette } from './command-palette.ts';
import type { CompareTree } from './compare-tree.ts';
import './details-pane.ts';
import type { DetailsPane } from './details-pane.ts';
import { errorCard } from './error-card.ts';
import './file-tree.ts';
import type { FileTree } from './file-tree.ts';
import './help-dialog.ts';
import { singleKeys, type HelpDialog } from './help-dialog.ts';
import { isPlain, isTyping } from './keys.ts';
import './layer-stack.ts';
import { Part, vars } from './part.ts';
import './start-page.ts';
import './status-line.ts';
import './top-bar.ts';
import './view-tabs.ts';

/** Loaded when they are first shown: a visit sees a few of them, and the first one need not wait for the others. */
const VIEWS: Readonly<Record<Exclude<Tab, 'files'>, () => Promise<unknown>>> = {
  overview: () => import('./overview-view.ts'),
  history: () => import('./history-view.ts'),
  config: () => import('./config-view.ts'),
  platforms: () => import('./platforms-view.ts'),
  attestations: () => import('./attached-view.ts'),
  treemap: () => import('./size-map.ts'),
  waste: () => import('./waste-view.ts'),
  findings: () => import('./findings-view.ts'),
  compare: () => import('./compare-view.ts'),
  mount: () => import('./mount-view.ts'),
  raw: () => import('./raw-view.ts'),
};

export class AppShell extends Part {
  static override properties = { ...Part.properties, dragging: { state: true } };
  declare dragging: boolean;
  #listeners: AbortController | null = null;
  /** The path that was looked at when a row was picked whose own path is not known yet. */
  #pathAtPick: string | null = null;
  readonly #keys = new KeyReader();
  readonly #desk: Desk = {
    focus: (selector) => this.#focus(selector),
    help: () => this.querySelector<HelpDialog>('help-dialog')?.show(),
    palette: (text) => this.#palette(text),
    difference: (by) => void this.querySelector<CompareTree>('compare-tree')?.step(by),
  };

  constructor() {
    super();
    this.dragging = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { signal } = (this.#listeners = new AbortController());
    document.addEventListener('keydown', (event) => this.#key(event), { signal });
    // Before the tree takes it for the letter of a name.
    document.addEventListener('keydown', (event) => this.#paletteKey(event), { signal, capture: true });
    document.addEventListener('paste', (event) => this.#paste(event), { signal });
    document.addEventListener('dragover', (event) => this.#over(event), { signal });
    document.addEventListener('dragleave', (event) => this.#out(event), { signal });
    document.addEventListener('drop', (event) => this.#drop(event), { signal });
    this.addEventListener('take', (event) => this.#take((event as CustomEvent<() => Dropped>).detail), { signal });
    this.addEventListener('help', () => this.#desk.help(), { signal });
    this.addEventListener('palette', (event) => this.#palette((event as CustomEvent<string>).detail), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listeners?.abort();
  }

  // ---- drawing -------------------------------------------------------------------------------

  override render(): TemplateResult {
    const { model } = this;
    const { name } = model.phase;
    const long = name === 'start' || name === 'explain' || name === 'lost' || name === 'failed';
    const opened = name === 'open' || name === 'opening';
    return html`<div class="app ${long ? 'long' : ''}" ${vars({ '--n': Math.max(1, model.image?.layers.length ?? 3) })}>
        <top-bar class="top" role="banner" .model=${model}></top-bar>
        ${opened ? html`<view-tabs class="tabs" role="navigation" aria-label=${t('tabs')} .model=${model}></view-tabs>` : nothing}
        ${this.#main()}
        <status-line class="status" role="contentinfo" .model=${model}></status-line>
      </div>
      <p class="vh" role="status" aria-live="polite" id="said">${model.said}</p>
      <p class="vh" role="alert">${model.alarm}</p>
      ${this.#toast()}
      ${this.dragging ? html`<div class="veil" aria-hidden="true"><div>${icon('down-to')}<b>${t('drop.now')}</b></div></div>` : nothing}
      <help-dialog></help-dialog><command-palette .model=${model} .desk=${this.#desk}></command-palette>`;
  }

  #main(): TemplateResult {
    const { model } = this;
    const { phase } = model;
    if (phase.name === 'failed') return this.#failed(phase.error.name === 'cancelled');
    if (phase.name !== 'open' && phase.name !== 'opening') return html`<main><start-page class="start" .model=${model}></start-page></main>`;
    const { overview, image } = model;
    if (overview !== null && image === null) return this.#noImage();
    const { tab } = model.view;
    if (tab === 'files' || image === null) return this.#files();
    this.#load(VIEWS[tab]);
    if (tab === 'compare') return html`<main class="paper"><compare-view class="cmp-view" id="panel" role="tabpanel" aria-labelledby="tab-compare" tabindex="0" .model=${model}></compare-view></main>`;
    const panel = {
      overview: html`<overview-view class="board" .model=${model}></overview-view>`,
      history: html`<history-view class="board" .model=${model}></history-view>`,
      config: html`<config-view class="board" .model=${model}></config-view>`,
      platforms: html`<platforms-view class="board" .model=${model}></platforms-view>`,
      attestations: html`<attached-view class="board" .model=${model}></attached-view>`,
      treemap: html`<size-map class="board" .model=${model} whole></size-map>`,
      waste: html`<waste-view class="board" .model=${model}></waste-view>`,
      findings: html`<findings-view class="board" .model=${model}></findings-view>`,
      mount: html`<mount-view class="board" .model=${model}></mount-view>`,
      raw: html`<raw-view class="board" .model=${model}></raw-view>`,
    }[tab];
    return html`<main class="paper"><div class="panel" id="panel" role="tabpanel" aria-labelledby="tab-${tab}" tabindex="0">${panel}</div></main>`;
  }

  #files(): TemplateResult {
    const { model } = this;
    const sheet = model.sheet ? 'open' : '';
    return html`<main class="panes">
      <layer-stack class="pane stack" role="region" aria-label=${t('stack')} .model=${model}></layer-stack>
      <file-tree class="pane tree" id="panel" role="tabpanel" aria-labelledby="tab-files" .model=${model} @pick=${this.#pick} @details=${this.#enterDetails}></file-tree>
      <details-pane class="pane detail ${sheet}" role="complementary" aria-label=${t('details')} .model=${model} @found=${this.#found}></details-pane>
    </main>`;
  }

  /** The source is known, but not which image of it, or that image cannot be read. */
  #noImage(): TemplateResult {
    const { model } = this;
    this.#load(VIEWS.platforms);
    const failed = model.choice?.error ?? null;
    return html`<main class="paper"><div class="panel" id="panel" role="tabpanel" aria-labelledby="tab-${model.view.tab}" tabindex="0"><div class="board">
      ${failed !== null ? errorCard(model, failed, { alone: true }) : html`<section class="card"><div class="body"><div class="say info">${icon('info')}<h2>${t(model.choice?.state === 'absent' ? 'choice.absent-title' : 'choice.pick')}</h2><p>${t(model.choice?.state === 'absent' ? 'choice.absent-long' : 'choice.pick-why')}</p></div></div></section>`}
      <platforms-view class="board inner" .model=${model}></platforms-view></div></div></main>`;
  }

  #failed(cancelled: boolean): TemplateResult {
    const { model } = this;
    const { phase } = model;
    if (phase.name !== 'failed') return html``;
    const actions = html`<button class="btn main" @click=${(): void => model.reopen()}>${icon('retry')}${t('try-again')}</button><button class="btn" @click=${(): void => model.leave()}>${t('open-other')}</button>`;
    const direct = phase.opened.kind === 'reference' && model.gateway === null;
    return html`<main class="failed"><div class="failed-body">${errorCard(model, phase.error, {
      actions,
      alone: true,
      kind: cancelled ? 'warn' : 'bad',
      title: cancelled ? t('failed.cancelled') : undefined,
      facts: html`<dt>${t('failed.source')}</dt><dd class="mono">${show(model.name)}</dd>`,
    })}${direct && !cancelled ? html`<p class="hint">${t('failed.direct')}</p>` : nothing}</div></main>`;
  }

  #toast(): TemplateResult {
    const { model } = this;
    const { toast } = model;
    // The region stays, so that what appears in it is announced.
    return html`<div class="toasts" role="status">${toast === null ? nothing : html`<div class="toast"><span>${toast.text}</span>
      ${toast.action === undefined ? nothing : html`<button class="text-btn" @click=${(): void => {
        toast.action?.run();
        model.dismiss();
      }}>${toast.action.text}</button>`}<button class="icon small" aria-label=${t('dismiss')} @click=${(): void => model.dismiss()}>${icon('x')}</button></div>`}</div>`;
  }

  protected override updated(_changed: PropertyValues<this>): void {
    const { model } = this;
    const root = document.documentElement;
    // The same value again would still make the browser look at every style.
    if (root.lang !== currentLanguage()) root.lang = currentLanguage();
    const { name } = model.phase;
    const opened = name === 'open' || name === 'opening' || name === 'failed';
    const title = opened ? t('title.open', { name: show(model.name), tab: t(`tab.${model.view.tab}`) }) : t('title');
    if (document.title !== title) document.title = title;
  }

  // ---- tree and details ----------------------------------------------------------------------

  #pick(event: CustomEvent<number | null>): void {
    this.#pathAtPick = this.model.view.path;
    void this.querySelector<DetailsPane>('details-pane')?.load(event.detail);
  }

  #found(event: CustomEvent<string>): void {
    // Whoever went elsewhere meanwhile is not led back.
    if (this.model.view.path !== this.#pathAtPick) return;
    this.querySelector<FileTree>('file-tree')?.settle(event.detail);
    if (event.detail !== this.model.view.path) this.model.look({ path: event.detail }, 'replace');
  }

  #enterDetails(event: CustomEvent<'pointer' | null>): void {
    this.model.openSheet(true);
    if (event.detail !== 'pointer') this.querySelector<DetailsPane>('details-pane')?.enter();
  }

  // ---- anywhere ------------------------------------------------------------------------------

  #key(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.model.sheet) this.model.openSheet(false);
    if (event.defaultPrevented || !isPlain(event) || isTyping(event.target) || !singleKeys()) return;
    if (document.querySelector('dialog[open]') !== null) return;
    const action = this.#keys.read(event.key, event.timeStamp, this.model);
    if (action === null) return;
    event.preventDefault();
    if (action !== 'waiting') action.run(this.model, this.#desk);
  }

  #paletteKey(event: KeyboardEvent): void {
    if (!opensPalette(event, isTyping(event.target)) || document.querySelector('dialog[open]') !== null || this.model === undefined) return;
    if (event.key === ':' && !singleKeys()) return;
    event.preventDefault();
    event.stopPropagation();
    this.#palette();
  }

  #palette(text = ''): void {
    // What is typed before it is there belongs to it.
    let ahead = '';
    const then: string[] = [];
    const hold = (event: KeyboardEvent): void => {
      if (!isPlain(event)) return;
      if (/^(?:Enter|Arrow(?:Up|Down))$/.test(event.key)) then.push(event.key);
      else if (event.key === 'Backspace') ahead = ahead.slice(0, -1);
      else if (event.key.length === 1) ahead += event.key;
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener('keydown', hold, { capture: true });
    this.#load(async () => {
      try {
        await import('./command-palette.ts');
        const palette = this.querySelector<CommandPalette>('command-palette');
        // Until the field itself holds all of it: the next key goes there.
        for (let taken: string | null = null; taken !== ahead; ) {
          taken = ahead;
          palette?.show(text + ahead);
          await palette?.updateComplete;
        }
        document.removeEventListener('keydown', hold, { capture: true });
        for (const key of then) palette?.press(key);
      } finally {
        document.removeEventListener('keydown', hold, { capture: true });
      }
    });
  }

  /** Part of the page that was not needed before. A server that has ended cannot send it. */
  #load(load: () => Promise<unknown>): void {
    load().catch(() => this.model.notify({ text: t('part-failed') }));
  }

  #focus(selector: string): boolean {
    const field = this.querySelector<HTMLElement>(selector);
    field?.focus();
    return field !== null;
  }

  #paste(event: ClipboardEvent): void {
    if (isTyping(event.target) || event.clipboardData === null) return;
    const { files } = event.clipboardData;
    if (files.length > 0) {
      event.preventDefault();
      this.#takeLater(dropped(event.clipboardData));
      return;
    }
    const text = event.clipboardData.getData('text/plain');
    if (!looksLikeReference(text)) return;
    event.preventDefault();
    this.model.openText(text, null);
  }

  #over(event: DragEvent): void {
    if (event.dataTransfer?.types.some((type) => type === 'Files' || type === 'text/plain') !== true) return;
    event.preventDefault();
    // A drag may come before the model does.
    this.model?.warm();
    event.dataTransfer.dropEffect = 'copy';
    this.dragging = true;
  }

  #out(event: DragEvent): void {
    // Leaving one element for another is no leaving of the page.
    if (event.relatedTarget === null) this.dragging = false;
  }

  #drop(event: DragEvent): void {
    this.dragging = false;
    const { dataTransfer } = event;
    // What a part of the page has taken is no image.
    if (dataTransfer === null || event.defaultPrevented) return;
    event.preventDefault();
    if (dataTransfer.files.length > 0 || dataTransfer.types.includes('Files')) {
      if (dataTransfer.files.length > 1) this.model.notify({ text: t('drop.first-only') });
      this.#takeLater(dropped(dataTransfer));
    } else {
      const text = dataTransfer.getData('text/plain');
      if (looksLikeReference(text)) this.model.openText(text, null);
    }
  }

  #takeLater(source: Promise<Dropped>): void {
    source.then(
      (taken) => this.model.openSource(taken),
      (error: unknown) => this.#refuse(error),
    );
  }

  #take(read: () => Dropped): void {
    try {
      this.model.openSource(read());
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    this.model.notify({ text: error instanceof NotASource ? t(`drop.${error.reason}`) : String(error) });
  }
}

customElements.define('layerscope-app', AppShell);
