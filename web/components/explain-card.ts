/** Why a page cannot read a registry, and the ways that do work, each with its command. */
import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../icons.ts';
import { t, tx } from '../i18n.ts';
import { archiveName, familiar, quoted, registryOf } from '../reference.ts';
import { show } from '../show.ts';
import type { Opened } from '../state.ts';
import { command, segmented } from './marks.ts';
import { Part } from './part.ts';

const TOOLS = ['docker', 'podman', 'nerdctl', 'skopeo'] as const;
type Tool = (typeof TOOLS)[number];

/** How each tool saves an image as one file. All of them pull it first where that is needed. */
export function saveCommand(tool: Tool, reference: string, platform: string | null): string {
  const name = quoted(familiar(reference));
  const file = archiveName(reference);
  const wanted = platform === null ? '' : `--platform ${quoted(platform)} `;
  if (tool === 'skopeo') {
    const [os, arch, variant] = (platform ?? '').split('/');
    const override = platform === null ? '' : `--override-os ${quoted(os ?? '')} --override-arch ${quoted(arch ?? '')} ${variant === undefined ? '' : `--override-variant ${quoted(variant)} `}`;
    return `skopeo copy ${override}docker://${name} oci-archive:${file}`;
  }
  return `${tool} pull ${wanted}${name} && ${tool} save ${name} -o ${file}`;
}

export class ExplainCard extends Part {
  static override properties = { ...Part.properties, tool: { state: true } };
  declare tool: Tool;

  constructor() {
    super();
    this.tool = 'docker';
  }

  override render(): TemplateResult {
    const { phase } = this.model;
    if (phase.name !== 'explain') return html``;
    return phase.opened.kind === 'reference' ? this.#registry(phase.opened.reference) : this.#layout(phase.opened);
  }

  #registry(reference: string): TemplateResult {
    const { model } = this;
    const registry = show(registryOf(reference));
    const closed = model.explainsClosed;
    return html`<section class="card" aria-labelledby="why-h">
      <div class="body why"><div class="say info">${icon('info')}<h2 id="why-h">${t(closed ? 'explain.closed-title' : 'explain.maybe-title', { registry })}</h2>
        <p>${t(closed ? 'explain.closed' : 'explain.maybe', { registry })}</p></div>
        ${closed ? nothing : this.#ask(registry, true)}</div>
      <ol class="ways">
        <li><h3><span class="no">1</span>${t('way.save')}</h3><div><p>${t('way.save-why')}</p>
          ${segmented(t('way.tool'), TOOLS.map((tool) => ({ value: tool, text: tool })), this.tool, (tool) => void (this.tool = tool))}</div>
          ${command(model, saveCommand(this.tool, reference, model.view.platform))}</li>
        <li><h3><span class="no">2</span>${t('way.serve')}</h3><p>${t('way.serve-why')}</p>${command(model, `layerscope serve ${quoted(familiar(reference))}`)}</li>
        <li><h3><span class="no">3</span>${t('way.host')}</h3><p>${tx('way.host-why', { address: html`<code>oci+https://…</code>` })}</p>
          ${command(model, `skopeo copy --all docker://${quoted(familiar(reference))} oci:site/${archiveName(reference).replace(/\.tar$/, '')}`)}</li>
      </ol>
      ${closed ? html`<div class="body foot">${this.#ask(registry, false)}</div>` : nothing}
    </section>`;
  }

  #layout(opened: Opened): TemplateResult {
    const host = opened.kind === 'layout' ? new URL(opened.url).host : '';
    return html`<section class="card" aria-labelledby="why-h"><div class="body why"><div class="say info">${icon('info')}<h2 id="why-h">${t('explain.layout-title', { host })}</h2>
      <p>${t('explain.layout', { host })}</p></div>${this.#ask(host, true)}</div></section>`;
  }

  #ask(host: string, main: boolean): TemplateResult {
    return html`<div class="acts"><button class="btn ${main ? 'main' : 'small'}" @click=${(): void => this.model.openDirectly()}>${icon('retry')}${t(main ? 'explain.try' : 'explain.anyway', { host })}</button>
      <span class="hint">${t('explain.tells', { host })}</span></div>`;
  }
}

customElements.define('explain-card', ExplainCard);
