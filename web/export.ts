/**
 * What is shown, as a file: JSON as the core tells it, or CSV (RFC 4180) for a spreadsheet. A cell that a spreadsheet
 * would take for a formula begins with an apostrophe, because names in an image are a stranger's.
 */
import type { Client } from './client.ts';
import { errorView } from './client.ts';
import { fileName, hand } from './download.ts';
import { findingText, runtimeText, sorted } from './findings.ts';
import { bytes } from './format.ts';
import { t, tn } from './i18n.ts';
import type { Model } from './model.ts';
import type { ImageView, Overview, RowQuery, RowView, WasteReport } from './protocol.ts';

export type Exported = 'files' | 'waste' | 'findings' | 'layers' | 'history' | 'report';
export type Format = 'json' | 'csv';
type Cell = string | number | boolean | null | undefined;

/** Rows in one request: little enough that the page goes on between two. */
const PAGE = 2000;
/** How often a search that goes on is asked for more. */
const SEARCH_MS = 50;
const FORMULA = /^[=+\-@\t\r]/;

/** One cell. Text that could be a formula is made harmless; quotes, separators and line ends are quoted. */
export function cell(value: Cell): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lines that end in CRLF, the names of the columns first. */
export function csv(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

// ---- tables ------------------------------------------------------------------------------------

type Table = readonly [columns: readonly string[], rows: readonly (readonly Cell[])[]];

const FILE_COLUMNS = ['path', 'kind', 'size', 'mode', 'uid', 'gid', 'change', 'layer', 'deletedBy', 'link'] as const;

function fileCells(row: RowView): Cell[] {
  return [row.path, row.kind, row.size, row.mode.toString(8).padStart(4, '0'), row.uid, row.gid, row.change, row.layer, row.deletedBy, row.link];
}

export function wasteTable({ paths }: WasteReport): Table {
  return [['path', 'bytes', 'cause', 'layer', 'hiddenBy'], paths.map((each) => [each.path, each.bytes, each.cause, each.layer, each.by])];
}

export function findingsTable({ findings }: Overview): Table {
  return [
    ['severity', 'id', 'layer', 'path', 'offset', 'digest', 'finding', 'runtime'],
    sorted(findings).map((each) => [each.severity, each.id, each.layer, each.path, each.offset, each.digest, findingText(each), runtimeText(each)]),
  ];
}

export function layersTable({ layers }: ImageView): Table {
  return [
    ['number', 'state', 'digest', 'digestState', 'diffId', 'diffIdState', 'chainId', 'mediaType', 'compression', 'size', 'uncompressedSize', 'entries', 'added', 'modified', 'removed', 'metadata', 'hidesBytes', 'created', 'instruction'],
    layers.map((each) => [
      each.number, each.state, each.digest, each.digestState, each.diffId, each.diffIdState, each.chainId, each.mediaType, each.compression, each.size, each.uncompressedSize, each.entries,
      each.counts?.added, each.counts?.modified, each.counts?.removed, each.counts?.metadata, each.hidesBytes, each.created, each.instruction?.full,
    ]),
  ];
}

export function historyTable({ steps, layers }: ImageView): Table {
  return [
    ['step', 'layer', 'created', 'author', 'comment', 'size', 'instruction'],
    steps.map((each, step) => [step, each.layer, each.created, each.author, each.comment, each.layer === null ? 0 : layers[each.layer]?.size, each.instruction.full]),
  ];
}

// ---- files -------------------------------------------------------------------------------------

type Asker = Pick<Client, 'request'>;

/** All rows that a query stands for, page by page: without a filter every directory is open. */
export async function* fileRows(client: Asker, query: RowQuery): AsyncGenerator<readonly RowView[]> {
  const whole: RowQuery = query.filter === '' ? { ...query, all: true } : query;
  let page = await client.request('rows', { query: whole, from: 0, count: PAGE });
  while (page.searching) {
    await new Promise((resolve) => setTimeout(resolve, SEARCH_MS));
    page = await client.request('rows', { query: whole, from: 0, count: PAGE });
  }
  for (let from = 0; from < page.total; ) {
    yield page.rows;
    from += page.rows.length;
    if (page.rows.length === 0) return;
    if (from < page.total) page = await client.request('rows', { query: whole, from, count: PAGE });
  }
}

/** A row without what only the grid on screen needs. */
function plainRow({ node: _node, level: _level, posInSet: _pos, setSize: _size, expanded: _open, changedBelow: _below, ...row }: RowView): object {
  return row;
}

/** The files as parts of a blob, so that a million rows are never one string. */
export async function fileParts(client: Asker, query: RowQuery, format: Format, told: (rows: number) => void): Promise<{ parts: string[]; rows: number }> {
  const parts = [format === 'csv' ? csv(FILE_COLUMNS, []) : '['];
  let rows = 0;
  for await (const page of fileRows(client, query)) {
    if (format === 'csv') parts.push(page.map((row) => `${fileCells(row).map(cell).join(',')}\r\n`).join(''));
    else parts.push(page.map((row, index) => `${rows + index === 0 ? '\n' : ',\n'}${JSON.stringify(plainRow(row))}`).join(''));
    rows += page.length;
    told(rows);
  }
  if (format === 'json') parts.push('\n]\n');
  return { parts, rows };
}

// ---- handing over ------------------------------------------------------------------------------

async function partsOf(model: Model, client: Client, what: Exported, format: Format): Promise<{ parts: string[]; rows: number }> {
  const { overview, image } = model;
  if (overview === null || image === null) return { parts: [], rows: 0 };
  if (what === 'files') return fileParts(client, model.query, format, (rows) => rows > PAGE && model.notify({ text: tn('export.so-far', rows) }));
  if (what === 'report') return whole({ ...overview, waste: await client.request('waste') }, 1);
  const waste = what === 'waste' ? await client.request('waste') : null;
  const [columns, rows] =
    waste !== null ? wasteTable(waste) : what === 'findings' ? findingsTable(overview) : what === 'layers' ? layersTable(image) : historyTable(image);
  if (format === 'csv') return { parts: [csv(columns, rows)], rows: rows.length };
  return whole(waste ?? (what === 'findings' ? overview.findings : what === 'layers' ? image.layers : image.steps), rows.length);
}

function whole(value: unknown, rows: number): { parts: string[]; rows: number } {
  return { parts: [`${JSON.stringify(value, null, 2)}\n`], rows };
}

/** Writes what was asked for, and says so; cells that were made harmless are spoken of. */
export async function save(model: Model, what: Exported, format: Format): Promise<void> {
  const { client } = model;
  if (client === null || model.image === null) return;
  try {
    const { parts, rows } = await partsOf(model, client, what, format);
    const file = new Blob(parts, { type: format === 'csv' ? 'text/csv;charset=utf-8' : 'application/json' });
    const name = fileName(`${model.name.replaceAll('/', '_')}-${what}.${format}`);
    hand(file, name);
    const text = what === 'report' ? t('export.saved-report', { name, size: bytes(file.size) }) : tn('export.saved', rows, { name, size: bytes(file.size) });
    model.notify({ text: format === 'csv' ? `${text} ${t('export.harmless')}` : text });
  } catch (error) {
    model.notify({ text: errorView(error).text });
  }
}
