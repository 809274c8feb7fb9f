/** The config in words: how the image runs, what it is called, what is written on it. */
import { html, nothing, type TemplateResult } from 'lit';
import { dateTime } from '../format.ts';
import { icon } from '../icons.ts';
import { number, t } from '../i18n.ts';
import type { Model } from '../model.ts';
import type { ImageView, RuntimeView } from '../protocol.ts';
import { quoted } from '../reference.ts';
import { shown } from '../show.ts';
import { copyButton, fact, factOr } from './marks.ts';
import { Part } from './part.ts';

/** A command as the JSON array that an instruction takes. */
export function argv(words: readonly string[]): string {
  return JSON.stringify(words);
}

export function runsAsRoot(user: string | null): boolean {
  return user === null || user === '' || /^(root|0)(:|$)/.test(user);
}

/** Names of variables whose values are rarely meant for everyone. */
const SECRETIVE = /(?:^|_)(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?|ACCESS_?KEY)(?:_|$)/i;

export function looksSecret(variable: string): boolean {
  const equals = variable.indexOf('=');
  return equals > 0 && variable.length > equals + 1 && SECRETIVE.test(variable.slice(0, equals));
}

/** What a container of this image would run. */
export function runFacts(runtime: RuntimeView): TemplateResult {
  const root = runsAsRoot(runtime.user);
  const line = [...runtime.entrypoint, ...runtime.cmd].map((word) => quoted(word)).join(' ');
  return html`${line === '' ? nothing : html`<p class="runs"><span class="vh">${t('config.line')}: </span><code>${shown(line)}</code></p>`}<dl class="kv">
    ${factOr('entrypoint', runtime.entrypoint.length === 0 ? null : shown(argv(runtime.entrypoint)), 'not-set')}
    ${factOr('cmd', runtime.cmd.length === 0 ? null : shown(argv(runtime.cmd)), 'not-set')}
    ${fact('user', html`<span class="mono">${runtime.user === null || runtime.user === '' ? '0:0' : shown(runtime.user)}</span>${root ? html` <span class="tag warn">${icon('alert', 's')}root</span>` : nothing}`, '')}
    ${fact('workdir', shown(runtime.workingDir === null || runtime.workingDir === '' ? '/' : runtime.workingDir))}
    ${factOr('ports', runtime.exposedPorts.length === 0 ? null : shown(runtime.exposedPorts.join(', ')), 'none')}
    ${factOr('volumes', runtime.volumes.length === 0 ? null : runtime.volumes.map((volume) => html`<span class="xattr">${shown(volume)}</span>`), 'none')}
    ${runtime.stopSignal === null ? nothing : fact('stop-signal', shown(runtime.stopSignal))}
    ${runtime.healthcheck.length === 0 ? nothing : fact('healthcheck', shown(argv(runtime.healthcheck)))}
  </dl>`;
}

export class ConfigView extends Part {
  override render(): TemplateResult {
    const { image } = this.model;
    if (image === null) return html``;
    return html`${this.#run(image)}${this.#environment(image.runtime.env)}${this.#texts('c-labels', t('labels'), image.runtime.labels)}${this.#texts('c-notes', t('annotations'), image.annotations)}`;
  }

  #run(image: ImageView): TemplateResult {
    const { created } = image;
    return html`<section class="card w6" aria-labelledby="c-run"><header><h2 id="c-run">${t('config.run')}</h2></header><div class="body">${runFacts(image.runtime)}
      <dl class="kv apart">${factOr('created', created === null ? null : (dateTime(created) ?? shown(created)), 'not-set', '')}${factOr('author', image.author === null ? null : shown(image.author), 'not-set', '')}${factOr('platform', image.platform === null ? null : shown(image.platform), 'not-set')}</dl></div></section>`;
  }

  #environment(env: readonly string[]): TemplateResult {
    return html`<section class="card w6" aria-labelledby="c-env"><header><h2 id="c-env">${t('environment')}</h2><span class="aside">${number(env.length)}</span></header><div class="body">
      ${env.length === 0 ? html`<p class="dim">${t('none')}</p>` : html`<div class="over" tabindex="0" role="group" aria-label=${t('environment')}><table class="tbl pairs"><thead class="vh"><tr><th scope="col">${t('column.name')}</th><th scope="col">${t('value')}</th></tr></thead><tbody>${env.map((each) => variable(this.model, each))}</tbody></table></div>`}</div></section>`;
  }

  #texts(id: string, title: string, texts: Readonly<Record<string, string>>): TemplateResult {
    const entries = Object.entries(texts);
    return html`<section class="card w6" aria-labelledby=${id}><header><h2 id=${id}>${title}</h2><span class="aside">${number(entries.length)}</span></header><div class="body">
      ${entries.length === 0 ? html`<p class="dim">${t('none')}</p>` : html`<div class="over" tabindex="0" role="group" aria-label=${title}><table class="tbl pairs"><thead class="vh"><tr><th scope="col">${t('column.name')}</th><th scope="col">${t('value')}</th></tr></thead><tbody>${entries.map(
        ([key, value]) => html`<tr><th scope="row" class="mono">${shown(key)}</th><td class="mono">${shown(value)}</td></tr>`,
      )}</tbody></table></div>`}</div></section>`;
  }
}

function variable(model: Model, text: string): TemplateResult {
  const equals = text.indexOf('=');
  const [name, value] = equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
  return html`<tr><th scope="row" class="mono">${shown(name)}${looksSecret(text) ? html` <span class="tag warn" title=${t('config.secret-why')}>${icon('alert', 's')}${t('config.secret')}</span>` : nothing}</th><td class="mono"><span class="val wrap"><span>${shown(value)}</span>${copyButton(model, text, name)}</span></td></tr>`;
}

customElements.define('config-view', ConfigView);
