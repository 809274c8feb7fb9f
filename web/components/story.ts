/** What happened to one path, layer by layer, newest first. */
import { html, nothing, type TemplateResult } from 'lit';
import { bytes } from '../format.ts';
import { t } from '../i18n.ts';
import type { Model } from '../model.ts';
import type { Details, Told } from '../protocol.ts';
import { show } from '../show.ts';
import { sign } from './marks.ts';
import { vars } from './part.ts';

/** Layers that did nothing to a path are told one by one up to this many in a row; more are told together. */
const QUIET_SHOWN = 2;

/** Two states of a file: up to an older layer, and up to the layer that changed it. */
export interface Compared {
  readonly before: number;
  readonly after: number;
}

/** `compared` is what is looked at of the changes, and `compare` looks at others. */
export function story(model: Model, details: Details, compared: Compared | null, compare: (compared: Compared | null) => void): TemplateResult {
  const layers = model.image?.layers ?? [];
  const told = new Map(details.story.map((each) => [each.layer, each]));
  const rows: TemplateResult[] = [];
  const quiet: number[] = [];
  const flush = (): void => {
    if (quiet.length > QUIET_SHOWN) rows.push(html`<li class="not"><span></span><span class="w dim">${t('story.quiet-range', { from: quiet.at(-1) ?? 0, to: quiet[0] ?? 0 })}</span></li>`);
    else for (const layer of quiet) rows.push(html`<li class="not"><span></span><span class="w">${t('layer', { number: layer })} <span class="dim">${t('story.not-touched')}</span></span></li>`);
    quiet.length = 0;
  };
  for (const layer of [...layers].reverse()) {
    const each = told.get(layer.number);
    if (each === undefined) quiet.push(layer.number);
    else {
      flush();
      const { instruction } = layer;
      const before = details.story[details.story.indexOf(each) - 1];
      const both = each.change === 'modified' && each.attributes.includes('content') && each.size !== null && before !== undefined && before.size !== null;
      const is = compared?.after === layer.number;
      const button = both ? html`<button class="btn small" aria-expanded=${is} @click=${(): void => compare(is ? null : { before: before.layer, after: each.layer })}>${t('diff.show')}</button>` : nothing;
      rows.push(row(model, each, instruction === null ? '' : `${instruction.keyword} ${instruction.text}`, button));
    }
  }
  flush();
  return html`<ol class="through">${rows}</ol>`;
}

function row(model: Model, told: Told, instruction: string, button: TemplateResult | typeof nothing): TemplateResult {
  const which = told.attributes.length === 0 || told.change === 'added' ? '' : told.attributes.map((each) => t(`attribute.${each}`)).join(t('comma'));
  return html`<li class="stratum" ${vars({ '--i': told.layer + 1 })}>${sign(told.change)}
    <span class="w"><button class="plain" @click=${(): void => model.look({ layer: told.layer, scope: 'up-to' })}>${t('layer', { number: told.layer })}</button> <span class="dim">${t(`change.${told.change}`)}${which === '' ? nothing : html`: ${which}`}</span></span>
    <span class="z">${told.size === null ? nothing : bytes(told.size)}</span>${instruction === '' ? nothing : html`<small title=${show(instruction)}>${show(instruction)}</small>`}${button}</li>`;
}
