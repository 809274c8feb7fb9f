/**
 * Everything that a person can do on the page. The palette lists it, the help tells its keys, and the keys do it: all
 * three read this table, so that they cannot differ.
 */
import { COLUMN_NAMES, COLUMNS } from './columns.ts';
import type { Exported, Format } from './export.ts';
import { findingPlace, sorted } from './findings.ts';
import { shortDigest } from './format.ts';
import { currentLanguage, LANGUAGE_NAMES, LANGUAGES, t, tn, type Key } from './i18n.ts';
import type { IconName } from './icons.ts';
import type { Model } from './model.ts';
import type { LayerView } from './protocol.ts';
import { archiveName, parts, quoted } from './reference.ts';
import { show } from './show.ts';
import { SCOPES, SORTS, TABS, type Tab } from './state.ts';

/** As many levels as a tree can have: the core counts them in 32 bits. */
const ALL_LEVELS = 0xffff_ffff;

export const GROUPS = ['go', 'look', 'layers', 'copy', 'export', 'page'] as const;
export type Group = (typeof GROUPS)[number];

/** What an action needs of the page around it. */
export interface Desk {
  /** Moves the focus; false when there is no such element. */
  focus(selector: string): boolean;
  help(): void;
  /** Opens the palette with a text in its field. */
  palette(text?: string): void;
  /** To the next difference of a comparison, or the one before. */
  difference(by: 1 | -1): void;
}

export interface Action {
  /** Stable, in English: it can be searched for in any language. */
  readonly id: string;
  readonly group: Group;
  readonly icon: IconName;
  /** Its name where nothing is open: in the help. */
  readonly name: Key;
  /** Its name with what it would act on; else `name`. */
  readonly text?: (model: Model) => string;
  /** Behind the text, in the type of machine values. */
  readonly note?: (model: Model) => string | null;
  /** Pressed one after the other. After `Ctrl`: with it. */
  readonly keys?: readonly string[];
  /** Another way to press it. */
  readonly also?: readonly string[];
  /** The only tab in which its key acts, before any other that it has elsewhere. */
  readonly within?: Tab;
  /** Told as one line of the help, from the first key to the last. */
  readonly series?: Key;
  /** Whether it can do anything now. */
  readonly can?: (model: Model) => boolean;
  readonly run: (model: Model, desk: Desk) => void;
}

// ---- what is looked at -------------------------------------------------------------------------

const isOpen = (model: Model): boolean => model.phase.name === 'open';
const isCompared = (model: Model): boolean => isOpen(model) && model.view.tab === 'compare' && model.other.view !== null;
const hasImage = (model: Model): boolean => isOpen(model) && model.image !== null;

/** The key of each tab: digits by their place as far as they go; then `j` for the JSON, and `m` for Mount. */
export const TAB_KEYS: Readonly<Record<Tab, string>> = {
  overview: '1', files: '2', history: '3', config: '4', platforms: '5', attestations: '6', treemap: '7', waste: '8', findings: '9', compare: '0', raw: 'j', mount: 'm',
};

function goTo(tab: Tab): Action {
  const key = TAB_KEYS[tab];
  return {
    id: `go to ${tab}`, group: 'go', icon: 'right', name: `tab.${tab}`, can: isOpen, keys: [key], ...(/\d/.test(key) && { series: 'help.tabs' as const }),
    text: () => t('do.go', { tab: t(`tab.${tab}`) }), run: (model) => model.look({ tab }),
  };
}

/** To the newer or the older layer. */
function step(model: Model, by: number): void {
  const last = (model.image?.layers.length ?? 1) - 1;
  const layer = Math.max(0, Math.min(last, (model.layer?.number ?? last) + by));
  model.look({ layer: layer === last ? null : layer, scope: model.view.scope === 'merged' ? 'up-to' : model.view.scope }, 'replace');
}

function badLayer(model: Model): LayerView | null {
  return model.image?.layers.find(({ state }) => state === 'mismatch' || state === 'failed') ?? null;
}

function toLayer(model: Model, layer: LayerView): void {
  const newest = (model.image?.layers.length ?? 0) - 1;
  model.look({ tab: 'files', layer: layer.number === newest ? null : layer.number, scope: 'up-to', path: null });
}

/** The places that findings lead to, the worst first, each once. */
function places(model: Model): NonNullable<ReturnType<typeof findingPlace>>[] {
  const all = sorted(model.overview?.findings ?? []).map(findingPlace).filter((place) => place !== null);
  return [...new Map(all.map((place) => [`${place.layer} ${place.path}`, place])).values()];
}

/** The finding after the one that is looked at; the first when none is. */
function nextFinding(model: Model): void {
  const all = places(model);
  const { tab, path, layer } = model.view;
  const now = all.findIndex((place) => tab === 'files' && (place.path ?? null) === path && (place.layer === undefined || place.layer === layer));
  const next = all[(now + 1) % Math.max(1, all.length)];
  if (next === undefined) return;
  model.look(next);
  if (next.path === null) model.openSheet(true);
}

// ---- what is copied ----------------------------------------------------------------------------

/** The image by the digest of its manifest, as every tool takes it; null when it is not from a registry. */
export function pinned(model: Model): string | null {
  const source = model.overview?.source;
  const digest = model.image?.digest ?? null;
  if (source?.kind !== 'registry' || source.canonical === null || digest === null) return null;
  const { host, repository } = parts(source.canonical);
  return `${host}${repository}@${digest}`;
}

function copyCommand(id: string, key: string, name: Key, write: (pin: string, file: string) => string): Action {
  return {
    id, group: 'copy', icon: 'terminal', name, keys: ['c', key], can: (model) => pinned(model) !== null,
    note: (model) => write(pinned(model) ?? '', archiveName(pinned(model) ?? '')),
    run: (model) => {
      const pin = pinned(model);
      if (pin !== null) void model.copy(write(pin, archiveName(pin)), t('command'));
    },
  };
}

/** Copies one value that is there or not. */
function copyValue(id: string, key: string | null, name: Key, what: Key, value: (model: Model) => string | null, text?: (model: Model) => string): Action {
  return {
    id, group: 'copy', icon: 'copy', name, ...(key !== null && { keys: ['c', key] }), ...(text !== undefined && { text }), can: (model) => value(model) !== null,
    note: (model) => short(value(model)),
    run: (model) => {
      const found = value(model);
      if (found !== null) void model.copy(found, t(what));
    },
  };
}

function short(value: string | null): string | null {
  return value === null ? null : /^sha\d+:/.test(value) ? shortDigest(value) : show(value);
}

// ---- what is saved -----------------------------------------------------------------------------

function exporting(what: Exported, format: Format): Action {
  return {
    id: `export ${what} ${format}`, group: 'export', icon: 'save', name: `export.${what}`, can: hasImage,
    text: () => t('do.export', { what: t(`export.${what}`), format: format.toUpperCase() }), run: (model) => void import('./export.ts').then(({ save }) => save(model, what, format)),
  };
}

const EXPORTS: readonly Exported[] = ['files', 'waste', 'findings', 'layers', 'history'];

// ---- the table ---------------------------------------------------------------------------------

const PALETTE: Action = { id: 'commands', group: 'page', icon: 'command', name: 'do.commands', keys: ['Ctrl', 'K'], also: [':'], run: (_, desk) => desk.palette() };

export const ACTIONS: readonly Action[] = [
  PALETTE,
  { id: 'image field', group: 'go', icon: 'box', name: 'help.field', keys: ['i'], run: (_, desk) => void desk.focus('input[name=reference]') },
  {
    id: 'filter files', group: 'go', icon: 'search', name: 'help.filter', keys: ['/'],
    run: (model, desk) => {
      const filters = isOpen(model) && (model.view.tab === 'files' || model.other.view !== null);
      if (!filters || !desk.focus('#filter')) desk.focus('input[name=reference]');
    },
  },
  ...TABS.map(goTo),
  { id: 'next difference', group: 'go', icon: 'down', name: 'do.next-difference', keys: ['n'], within: 'compare', can: isCompared, run: (_, desk) => desk.difference(1) },
  { id: 'previous difference', group: 'go', icon: 'up', name: 'do.previous-difference', keys: ['p'], within: 'compare', can: isCompared, run: (_, desk) => desk.difference(-1) },
  { id: 'swap', group: 'look', icon: 'swap', name: 'compare.swap', keys: ['s'], within: 'compare', can: (model) => isOpen(model) && model.view.tab === 'compare' && model.other.choice !== null, run: (model) => model.swap() },
  { id: 'next finding', group: 'go', icon: 'alert', name: 'do.next-finding', keys: ['n'], can: (model) => isOpen(model) && places(model).length > 0, run: nextFinding },
  {
    id: 'mismatch', group: 'go', icon: 'bad', name: 'help.mismatch', keys: ['e'], can: (model) => badLayer(model) !== null,
    run: (model) => {
      const bad = badLayer(model);
      if (bad === null) return;
      model.look({ tab: 'files', layer: bad.number, path: null });
      model.openSheet(true);
    },
  },
  ...SCOPES.map((scope): Action => ({ id: `scope ${scope}`, group: 'look', icon: 'pile', name: `scope.${scope}`, text: () => t('do.scope', { scope: t(`scope.${scope}`) }), can: (model) => hasImage(model) && model.view.scope !== scope, run: (model) => model.look({ scope }) })),
  {
    id: 'next scope', group: 'look', icon: 'pile', name: 'help.scope', keys: ['v'], can: isOpen,
    run: (model) => model.look({ scope: SCOPES[(SCOPES.indexOf(model.view.scope) + 1) % SCOPES.length] ?? 'merged' }),
  },
  { id: 'open all directories', group: 'look', icon: 'diro', name: 'do.expand', keys: ['x', 'a'], can: hasImage, run: (model) => void model.fold(ALL_LEVELS) },
  { id: 'close all directories', group: 'look', icon: 'dir', name: 'do.collapse', keys: ['x', 'c'], can: hasImage, run: (model) => void model.fold(0) },
  ...[1, 2, 3].map((depth): Action => ({ id: `open directories to depth ${depth}`, group: 'look', icon: 'diro', name: 'help.fold', keys: ['x', String(depth)], series: 'help.fold', text: () => tn('do.fold', depth), can: hasImage, run: (model) => void model.fold(depth) })),
  ...SORTS.map((sort): Action => ({ id: `sort by ${sort}`, group: 'look', icon: 'down', name: `do.sort-${sort}`, can: (model) => hasImage(model) && model.view.sort !== sort, run: (model) => model.look({ tab: 'files', sort }, 'replace') })),
  { id: 'only changed', group: 'look', icon: 'check', name: 'facet.changed', can: hasImage, run: (model) => model.look({ tab: 'files', changedOnly: !model.view.changedOnly }, 'replace') },
  { id: 'deleted files', group: 'look', icon: 'check', name: 'facet.deleted', can: hasImage, run: (model) => model.look({ tab: 'files', ghosts: !model.view.ghosts }, 'replace') },
  ...COLUMNS.map((column): Action => ({
    id: `column ${column}`, group: 'look', icon: 'columns', name: 'columns', can: hasImage, run: (model) => model.flipColumn(column),
    text: (model) => t(model.columns.includes(column) ? 'do.hide-column' : 'do.show-column', { column: t(COLUMN_NAMES[column]) }),
  })),
  { id: 'usual columns', group: 'look', icon: 'columns', name: 'do.usual-columns', can: (model) => hasImage(model) && model.view.columns !== null, run: (model) => model.showColumns(null) },
  { id: 'newer layer', group: 'layers', icon: 'up', name: 'help.newer', keys: ['['], can: hasImage, run: (model) => step(model, 1) },
  { id: 'older layer', group: 'layers', icon: 'down', name: 'help.older', keys: [']'], can: hasImage, run: (model) => step(model, -1) },
  { id: 'read again', group: 'layers', icon: 'retry', name: 'do.read-again', keys: ['r'], can: (model) => model.layer !== null, text: (model) => t('layer.read-again', { number: model.layer?.number ?? 0 }), run: (model) => model.layer !== null && model.retry(model.layer.number) },
  { id: 'verify all', group: 'layers', icon: 'shield', name: 'status.verify-all', can: (model) => model.image?.layers.some(({ state }) => state === 'known') === true, run: (model) => model.verifyKnown() },
  { id: 'cancel', group: 'layers', icon: 'stop', name: 'do.cancel', can: (model) => model.phase.name === 'opening' || model.meter.busy, run: (model) => model.cancel() },
  { id: 'go on', group: 'layers', icon: 'play', name: 'progress.go-on', can: (model) => model.stopped && hasImage(model) && !model.meter.busy, run: (model) => model.goOn() },
  copyValue('copy link', 'l', 'do.copy-link', 'do.link', (model) => (model.view.opened === null ? null : location.origin + location.pathname + location.search)),
  copyValue('copy digest', 'd', 'do.copy-digest', 'digest', (model) => model.layer?.digest ?? model.layer?.digestFound ?? null, (model) => t('do.copy-digest-of', { layer: model.layer?.number ?? 0 })),
  copyValue('copy diff_id', null, 'do.copy-diff-id', 'diff-id', (model) => model.layer?.diffId ?? model.layer?.diffIdFound ?? null, (model) => t('do.copy-diff-id-of', { layer: model.layer?.number ?? 0 })),
  copyValue('copy image digest', 'i', 'do.copy-image', 'image-digest', (model) => model.image?.digest ?? null),
  copyValue('copy image id', null, 'do.copy-image-id', 'image-id', (model) => model.image?.imageId ?? null),
  copyValue('copy path', 'n', 'do.copy-path', 'path', (model) => (model.image === null ? null : model.view.path)),
  copyCommand('copy docker pull by digest', 'p', 'do.copy-docker', (pin) => `docker pull ${quoted(pin)}`),
  copyCommand('copy skopeo', 's', 'do.copy-skopeo', (pin, file) => `skopeo copy docker://${quoted(pin)} docker-archive:${quoted(file)}`),
  copyCommand('copy crane', 'c', 'do.copy-crane', (pin, file) => `crane pull ${quoted(pin)} ${quoted(file)}`),
  copyCommand('copy layerscope', 'y', 'do.copy-layerscope', (pin) => `layerscope verify ${quoted(pin)}`),
  ...EXPORTS.flatMap((what) => [exporting(what, 'csv'), exporting(what, 'json')]),
  exporting('report', 'json'),
  { id: 'theme light dark', group: 'page', icon: 'sun', name: 'theme', keys: ['t'], run: (model) => model.toggleTheme() },
  ...LANGUAGES.map((language): Action => ({ id: `language ${LANGUAGE_NAMES[language]}`, group: 'page', icon: 'globe', name: 'do.language', text: () => t('do.language', { language: LANGUAGE_NAMES[language] }), can: () => currentLanguage() !== language, run: (model) => void model.speak(language) })),
  { id: 'sample', group: 'page', icon: 'play', name: 'sample.open', can: (model) => model.view.opened?.kind !== 'sample', run: (model) => model.openSample() },
  { id: 'open another', group: 'page', icon: 'x', name: 'open-other', can: (model) => model.phase.name !== 'start', run: (model) => model.leave() },
  { id: 'help keys', group: 'page', icon: 'help', name: 'help.this', keys: ['?'], run: (_, desk) => desk.help() },
];

/** Keys that a part of the page or the browser itself acts on: the help tells them, too. */
export const TREE_KEYS: readonly (readonly [what: Key, ...keys: string[]])[] = [
  ['help.move', '↑', '↓'], ['help.open', '→', '←'], ['help.page', 'PgUp', 'PgDn'], ['help.ends', 'Home', 'End'], ['help.jump', 'a', '–', 'z'], ['help.details', 'Enter'],
];
export const BROWSER_KEYS: readonly (readonly [what: Key, ...keys: string[]])[] = [['help.paste', 'Ctrl', 'V']];

/** What can be done now: the table, and one action for each layer and each other platform. */
export function possible(model: Model): Action[] {
  const always = ACTIONS.filter(({ can }) => can?.(model) ?? true);
  const layers = [...(hasImage(model) ? (model.image?.layers ?? []) : [])].reverse().map((layer): Action => ({
    id: `layer ${layer.number}`, group: 'layers', icon: 'pile', name: 'layers', text: () => t('layer', { number: layer.number }),
    note: () => (layer.instruction === null ? null : show(`${layer.instruction.keyword} ${layer.instruction.text}`.trim())), run: () => toLayer(model, layer),
  }));
  const { overview } = model;
  const others = (overview?.choices ?? []).filter(({ id, state }) => id !== overview?.chosen && state !== 'absent').map((choice): Action => {
    const name = [choice.names[0] ?? '', choice.platform ?? ''].join(' ').trim();
    return { id: `platform ${choice.id}`, group: 'look', icon: 'box', name: 'platform', text: () => t('platforms.switch-to', { name: show(name) }), run: () => model.choose(choice) };
  });
  return [...always, ...layers, ...others];
}

// ---- keys --------------------------------------------------------------------------------------

/** How long the first of two keys waits for the second. */
const CHORD_MS = 1200;

/** Finds the action of a key, or of two keys that come one after the other. */
export class KeyReader {
  #first: string | null = null;
  #at = 0;

  /** The action, or `waiting` when the key is the first of two, or null when it means nothing. */
  read(key: string, at: number, model: Model): Action | 'waiting' | null {
    const able = ACTIONS.filter(({ keys, can }) => keys !== undefined && keys[0] !== 'Ctrl' && (can?.(model) ?? true));
    const first = at - this.#at < CHORD_MS ? this.#first : null;
    this.#first = null;
    const chord = able.find(({ keys }) => keys?.length === 2 && keys[0] === first && keys[1] === key);
    if (chord !== undefined) return chord;
    const single = able.find(({ keys }) => keys?.length === 1 && keys[0] === key);
    if (single !== undefined) return single;
    if (!able.some(({ keys }) => keys?.length === 2 && keys[0] === key)) return null;
    this.#first = key;
    this.#at = at;
    return 'waiting';
  }
}

/** Whether a key opens the palette wherever the focus is: Ctrl+K or ⌘K, and `:` where it is no text. */
export function opensPalette({ key, ctrlKey, metaKey, altKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>, typing: boolean): boolean {
  if (altKey) return false;
  if (ctrlKey || metaKey) return key.toUpperCase() === PALETTE.keys?.[1] && ctrlKey !== metaKey;
  return key === PALETTE.also?.[0] && !typing;
}
