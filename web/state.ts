/**
 * Everything that a link can say. The address bar is the page's only memory of what is looked at: components read it
 * from here and change it through the model, and back and forward work because of that.
 */
import { readColumns, type Column } from './columns.ts';
import { THRESHOLDS, USUAL, type Thresholds } from './gate-rules.ts';
import type { Language } from './i18n.ts';

export const TABS = ['overview', 'files', 'history', 'config', 'platforms', 'attestations', 'treemap', 'waste', 'findings', 'compare', 'raw', 'mount'] as const;
export type Tab = (typeof TABS)[number];
export const SCOPES = ['layer', 'up-to', 'merged'] as const;
export type ScopeName = (typeof SCOPES)[number];
export const SORTS = ['name', 'size', 'mode', 'owner', 'mtime'] as const;
export type Sort = (typeof SORTS)[number];
export const MAP_COLOURS = ['layer', 'change'] as const;
export const MAP_WAYS = ['map', 'table'] as const;
export type Theme = 'light' | 'dark';

/** What is opened, as far as a link can carry it. Files stay in the tab that was given them. */
export type Opened =
  | { readonly kind: 'reference'; readonly reference: string }
  | { readonly kind: 'layout'; readonly url: string }
  | { readonly kind: 'sample' }
  | { readonly kind: 'file' | 'directory' | 'served'; readonly name: string };

export interface View {
  readonly opened: Opened | null;
  readonly platform: string | null;
  /** Which image of an archive: a number from 0, or a name. */
  readonly image: string | null;
  readonly tab: Tab;
  readonly scope: ScopeName;
  /** From 0, the oldest. Null: the newest. In links it counts from 1, as on screen. */
  readonly layer: number | null;
  /** The selected path, from `/`. */
  readonly path: string | null;
  readonly filter: string;
  readonly sort: Sort;
  readonly ghosts: boolean;
  readonly changedOnly: boolean;
  /** Columns of the tree. Null: the usual ones, as far as there is room. */
  readonly columns: readonly Column[] | null;
  /** What a waste gate allows, as it was typed. */
  readonly thresholds: Thresholds;
  /** What the treemap is coloured by, and whether it is a map or a table. */
  readonly mapColour: (typeof MAP_COLOURS)[number];
  readonly mapAs: (typeof MAP_WAYS)[number];
  /** What the image is compared with: a reference; null for another image of the same source, if one of the next two is set. */
  readonly compare: string | null;
  readonly comparePlatform: string | null;
  readonly compareImage: string | null;
  readonly language: Language | null;
  readonly theme: Theme | null;
}

export const START: View = {
  opened: null, platform: null, image: null, tab: 'files', scope: 'merged', layer: null, path: null, filter: '', sort: 'name',
  ghosts: true, changedOnly: false, columns: null, thresholds: USUAL, mapColour: 'layer', mapAs: 'map', compare: null, comparePlatform: null, compareImage: null, language: null, theme: null,
};

function pick<T extends string>(known: readonly T[], value: string | null): T | null {
  return known.find((each) => each === value) ?? null;
}

/** An address of the web, or a path from where the page is: no other scheme, no other host. */
const LAYOUT_URL = /^(https?:\/\/|(?![a-z][a-z\d+.-]*:|[/\\]{2}).)/i;

function readOpened(query: URLSearchParams): Opened | null {
  const reference = query.get('ref');
  if (reference !== null && reference !== '') return { kind: 'reference', reference };
  const url = query.get('layout');
  if (url !== null && LAYOUT_URL.test(url)) return { kind: 'layout', url };
  if (query.has('sample')) return { kind: 'sample' };
  for (const kind of ['file', 'directory', 'served'] as const) {
    const name = query.get(kind);
    if (name !== null && name !== '') return { kind, name };
  }
  return null;
}

/** Thresholds under the names that `.dive-ci` files give them. One that cannot have been typed is none. */
function readThresholds(query: URLSearchParams): Thresholds {
  const typed = THRESHOLDS.map((rule) => [rule, query.get(rule)] as const).filter(([, text]) => text !== null && /^.{0,64}$/.test(text));
  return { ...USUAL, ...Object.fromEntries(typed) };
}

/** Reads the query of an address. What it does not understand, it ignores. */
export function parseView(search: string): View {
  const query = new URLSearchParams(search);
  const layer = query.get('layer');
  const path = query.get('path');
  return {
    opened: readOpened(query),
    platform: query.get('platform') || null,
    image: query.get('image') || null,
    tab: pick(TABS, query.get('tab')) ?? START.tab,
    scope: pick(SCOPES, query.get('scope')) ?? START.scope,
    layer: layer !== null && /^(0|[1-9]\d{0,4})$/.test(layer) ? Number(layer) : null,
    path: path !== null && path.startsWith('/') ? path : null,
    filter: query.get('filter') ?? '',
    sort: pick(SORTS, query.get('sort')) ?? START.sort,
    ghosts: query.get('deleted') !== 'hide',
    changedOnly: query.get('changed') === 'only',
    columns: readColumns(query.get('cols')),
    thresholds: readThresholds(query),
    mapColour: pick(MAP_COLOURS, query.get('colour')) ?? START.mapColour,
    mapAs: pick(MAP_WAYS, query.get('map')) ?? START.mapAs,
    compare: query.get('compare') || null,
    comparePlatform: query.get('compare-platform') || null,
    compareImage: query.get('compare-image') || null,
    language: pick(['en', 'ja'] as const, query.get('lang')),
    theme: pick(['light', 'dark'] as const, query.get('theme')),
  };
}

/** The query of a view, with `?`, without what is at its default. */
export function printView(view: View): string {
  const query = new URLSearchParams();
  const opened = view.opened;
  if (opened?.kind === 'reference') query.set('ref', opened.reference);
  else if (opened?.kind === 'layout') query.set('layout', opened.url);
  else if (opened?.kind === 'sample') query.set('sample', '');
  else if (opened !== null) query.set(opened.kind, opened.name);
  const put = (key: string, value: string | null, usual: string | null = null): void => {
    if (value !== null && value !== usual) query.set(key, value);
  };
  if (opened !== null) {
    put('platform', view.platform);
    put('image', view.image);
    put('tab', view.tab, START.tab);
    put('scope', view.scope, START.scope);
    put('layer', view.layer === null ? null : String(view.layer));
    put('path', view.path);
    put('filter', view.filter, '');
    put('sort', view.sort, START.sort);
    put('deleted', view.ghosts ? null : 'hide');
    put('changed', view.changedOnly ? 'only' : null);
    put('cols', view.columns?.join() ?? null);
    for (const rule of THRESHOLDS) put(rule, view.thresholds[rule], USUAL[rule]);
    put('colour', view.mapColour, START.mapColour);
    put('map', view.mapAs, START.mapAs);
    put('compare', view.compare);
    put('compare-platform', view.comparePlatform);
    put('compare-image', view.compareImage);
  }
  put('lang', view.language);
  put('theme', view.theme);
  // `/`, `:`, `@` and `,` mean nothing special in a query, and references and paths are full of them.
  const text = query.toString().replace(/%(2F|3A|40|2C)/g, (coded) => decodeURIComponent(coded)).replace(/=(?=&|$)/g, '');
  return text === '' ? '' : `?${text}`;
}

/** Whether two views look at the same source. */
export function sameSource(a: Opened | null, b: Opened | null): boolean {
  return sourceKey(a) === sourceKey(b);
}

/** One string for each source. */
export function sourceKey(opened: Opened | null): string {
  if (opened === null || opened.kind === 'sample') return opened?.kind ?? '';
  if (opened.kind === 'reference') return `reference ${opened.reference}`;
  return opened.kind === 'layout' ? `layout ${opened.url}` : `${opened.kind} ${opened.name}`;
}

/** What is forgotten when another source is opened; language, theme, tab and ways of looking stay. */
export function forSource(view: View, opened: Opened | null, options: { platform?: string | null; image?: string | null } = {}): View {
  return {
    ...view,
    opened,
    platform: options.platform ?? null,
    image: options.image ?? null,
    tab: START.tab,
    scope: START.scope,
    layer: null,
    path: null,
    filter: '',
    changedOnly: false,
    compare: null,
    comparePlatform: null,
    compareImage: null,
  };
}
