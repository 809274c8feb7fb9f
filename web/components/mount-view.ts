/** How the image is mounted, for those who learn it: a directory for each layer, stacked by overlayfs. */
import { html, nothing, type TemplateResult } from 'lit';
import { errorView, type Client } from '../client.ts';
import { icon } from '../icons.ts';
import { t, tn, tx } from '../i18n.ts';
import { isSettled } from '../progress.ts';
import type { ErrorView, ImageView, LayerView, Markers } from '../protocol.ts';
import { show, shown } from '../show.ts';
import { errorCard } from './error-card.ts';
import { counts, instructionText } from './layer-card.ts';
import { command, plate } from './marks.ts';
import { Part, vars } from './part.ts';

/** Digits of a chain id that name a directory here. */
const DIGITS = 12;
/** Paths that are drawn at once. */
const STEP = 100;

export class MountView extends Part {
  static override properties = { ...Part.properties, markers: { state: true }, error: { state: true }, limit: { state: true } };
  declare markers: Markers | null;
  declare error: ErrorView | null;
  declare limit: number;
  #client: Client | null = null;
  #of = '';

  constructor() {
    super();
    this.markers = null;
    this.error = null;
    this.limit = STEP;
  }

  protected override willUpdate(): void {
    super.willUpdate();
    const { client, image, overview } = this.model;
    if (client === null || image === null) return;
    const of = `${overview?.chosen} ${image.layers.filter(isSettled).length}`;
    if (client === this.#client && of === this.#of) return;
    this.#client = client;
    this.#of = of;
    client.request('markers').then(
      (markers) => {
        if (client !== this.#client || of !== this.#of) return;
        this.markers = markers;
        this.error = null;
      },
      (error: unknown) => {
        if (client === this.#client) this.error = errorView(error);
      },
    );
  }

  override render(): TemplateResult {
    const { image } = this.model;
    if (image === null) return html``;
    return html`${this.#stack(image)}${this.#commandCard(image)}${this.#whiteouts(image)}`;
  }

  #stack({ layers }: ImageView): TemplateResult {
    const newest = [...layers].reverse();
    return html`<section class="card w6 mount" aria-labelledby="m-h"><header><h2 id="m-h">${t('mount.title')}</h2></header><div class="body">
      <p class="mid-ink lead-in">${t('mount.what')}</p>
      <ol class="mounts">
        <li class="merged"><b class="mono">MergedDir</b><span>${t('mount.merged')}</span></li>
        <li class="upper"><b class="mono">UpperDir</b><span>${t('mount.upper')}</span></li>
        ${newest.map((layer) => html`<li class="stratum lower" ${vars({ '--i': layer.number + 1, '--n': layers.length })}><button class="plain" @click=${(): void => this.model.look({ tab: 'files', layer: layer.number, scope: 'layer', path: null })}>
          <b class="mono">${directory(layer)}</b><span class="vh"> ${t('layer', { number: layer.number })}</span></button><span class="ins">${plate(layer.number, layers.length)} <code title=${instructionText(layer)}>${shown(`${layer.instruction?.keyword ?? ''} ${instructionText(layer)}`.trim())}</code></span>
          <span class="cnt">${layer.counts === null ? nothing : counts(layer.counts)}</span></li>`)}
      </ol>
      <p class="hint">${t('mount.order')}</p></div></section>`;
  }

  #commandCard({ layers }: ImageView): TemplateResult {
    const lower = [...layers].reverse().map(directory).join(':');
    const text = `mount -t overlay overlay -o lowerdir=${lower},upperdir=container,workdir=work merged`;
    return html`<section class="card w6" aria-labelledby="mc-h"><header><h2 id="mc-h">${t('mount.command')}</h2></header><div class="body">
      ${command(this.model, text)}
      <p class="mid-ink lead-in apart">${t('mount.illustrative')}</p>
      <dl class="kv">
        <dt>containerd</dt><dd class="mono">/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/<i>N</i>/fs</dd>
        <dt>docker overlay2</dt><dd class="mono">/var/lib/docker/overlay2/<i>id</i>/diff</dd>
        <dt>podman, CRI-O</dt><dd class="mono">/var/lib/containers/storage/overlay/<i>id</i>/diff</dd>
      </dl>
      <h3 class="finds-head">${t('mount.becomes')}</h3>
      <div class="over" tabindex="0" role="group" aria-label=${t('mount.becomes')}><table class="tbl"><thead><tr><th scope="col">${t('mount.in-layer')}</th><th scope="col">${t('mount.on-disk')}</th></tr></thead><tbody>
        <tr><td class="mono">.wh.<i>name</i></td><td>${tx('mount.whiteout', { device: html`<code>0:0</code>` })}</td></tr>
        <tr><td class="mono">.wh..wh..opq</td><td>${tx('mount.opaque', { xattr: html`<code>trusted.overlay.opaque=y</code>` })}</td></tr></tbody></table></div>
      <p class="hint">${tx('mount.rootless', { xattr: html`<code>user.overlay.opaque</code>` })}</p></div></section>`;
  }

  #whiteouts({ layers }: ImageView): TemplateResult {
    const { markers, error } = this;
    const some = markers?.markers.slice(0, this.limit) ?? [];
    return html`<section class="card" aria-labelledby="mw-h"><header><h2 id="mw-h">${t('mount.here')}</h2><span class="aside">${markers === null ? nothing : tn('paths', markers.total)}</span></header><div class="body">
      ${error !== null ? errorCard(this.model, error) : markers === null ? html`<p class="dim" role="status">${t('reading')}</p>` : markers.total === 0 ? html`<p class="say ok">${icon(this.model.meter.busy ? 'half' : 'check')}<span>${t(this.model.meter.busy ? 'mount.not-yet' : 'mount.none')}</span></p>` : html`<div class="over" tabindex="0" role="group" aria-label=${t('mount.here')}><table class="tbl"><thead><tr><th scope="col">${t('path')}</th><th scope="col">${t('mount.on-disk')}</th><th scope="col">${t('layers')}</th></tr></thead>
        <tbody>${some.map(({ path, layer, opaque }) => html`<tr><td class="mono path"><button class="plain" @click=${(): void => this.model.look({ tab: 'files', scope: 'layer', layer, path, filter: '', changedOnly: false })}>${shown(path)}</button></td>
          <td class="mono">${opaque ? 'trusted.overlay.opaque=y' : 'c 0:0'} <span class="dim sans">${t(opaque ? 'mount.is-opaque' : 'mount.is-whiteout')}</span></td><td>${plate(layer, layers.length)}</td></tr>`)}</tbody></table></div>
        ${markers.markers.length > this.limit ? html`<div class="acts"><button class="btn" @click=${(): void => void (this.limit += STEP)}>${tn('more-rows', markers.markers.length - this.limit)}</button></div>` : nothing}
        ${markers.total > markers.markers.length && markers.markers.length <= this.limit ? html`<p class="dim">${tn('mount.untold', markers.total - markers.markers.length)}</p>` : nothing}`}</div></section>`;
  }
}

/** The name of a layer's directory here: the first digits of its chain id. */
function directory({ chainId, number }: LayerView): string {
  return chainId === null ? String(number) : show(chainId.slice(chainId.indexOf(':') + 1, chainId.indexOf(':') + 1 + DIGITS));
}

customElements.define('mount-view', MountView);
