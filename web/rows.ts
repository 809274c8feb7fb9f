/**
 * A window on rows that live in the worker. Pages are asked for as they come into sight; when the tree changes, what is
 * on screen stays until its successor has arrived.
 */
import { errorView, type Client } from './client.ts';
import type { ErrorView, RowPage, RowQuery, RowView } from './protocol.ts';

/** Rows in one request: more than any screen shows, little enough to be instant. */
export const PAGE = 128;
/** Pages that are kept; far ones are let go of and asked for again. */
const KEPT_PAGES = 24;

type Asker = Pick<Client, 'request'>;

export class Rows {
  total = 0;
  incomplete = false;
  /** Some of it is not verified yet. */
  preview = false;
  /** More rows may be found yet. */
  searching = false;
  /** False until the first answer for the present query. */
  known = false;
  /** Why there are no rows: a pattern that cannot be understood. */
  error: ErrorView | null = null;
  #pages = new Map<number, readonly RowView[]>();
  #asked = new Set<number>();
  #stale = new Set<number>();
  #generation = 0;
  #query: RowQuery | null = null;
  #client: Asker | null = null;

  constructor(private readonly changed: () => void) {}

  /** Looks at another tree, or at the same one anew. Old rows stay until new ones are there. */
  look(client: Asker | null, query: RowQuery): void {
    const other = client !== this.#client || JSON.stringify(query.scope) !== JSON.stringify(this.#query?.scope);
    this.#client = client;
    this.#query = query;
    this.#generation += 1;
    this.#asked.clear();
    this.error = null;
    if (other) {
      this.#pages.clear();
      this.known = false;
      this.total = 0;
    }
    this.#stale = new Set(this.#pages.keys());
  }

  /** A row, or undefined while it is on its way. */
  at(index: number): RowView | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Makes sure that the rows from `first` to `last` are there or asked for. */
  want(first: number, last: number): void {
    const lastPage = Math.floor(Math.max(first, last) / PAGE);
    for (let page = Math.floor(Math.max(0, first) / PAGE); page <= lastPage; page += 1) {
      if (this.#asked.has(page)) continue;
      if (this.#pages.has(page) && !this.#stale.has(page)) continue;
      void this.#ask(page);
    }
  }

  async #ask(page: number): Promise<void> {
    const client = this.#client;
    const query = this.#query;
    if (client === null || query === null) return;
    const generation = this.#generation;
    this.#asked.add(page);
    let answer: RowPage;
    try {
      answer = await client.request('rows', { query, from: page * PAGE, count: PAGE });
    } catch (error) {
      if (generation === this.#generation) this.#refused(errorView(error));
      return;
    }
    if (generation !== this.#generation) return;
    this.#asked.delete(page);
    this.#stale.delete(page);
    this.#pages.delete(page);
    this.#pages.set(page, answer.rows);
    for (const old of this.#pages.keys()) {
      // An empty first page is an answer too: without it, the rows would be asked for again and again.
      const beyond = old > 0 && old * PAGE >= answer.total;
      if (beyond || (this.#pages.size > KEPT_PAGES && old !== page)) this.#pages.delete(old);
    }
    this.total = answer.total;
    this.incomplete = answer.incomplete;
    this.preview = answer.preview;
    this.searching = answer.searching;
    this.known = true;
    this.changed();
  }

  /** Asked again only when something changes: the query, the tree, or the session. */
  #refused(error: ErrorView): void {
    if (error.name === 'closed') return;
    this.error = error;
    this.known = true;
    this.searching = false;
    this.total = 0;
    this.#pages.clear();
    this.#stale.clear();
    this.changed();
  }

  /** Index of the row of a node among those that are here, or null. */
  find(node: number): number | null {
    for (const [page, rows] of this.#pages) {
      const index = rows.findIndex((row) => row.node === node);
      if (index >= 0) return page * PAGE + index;
    }
    return null;
  }

  /**
   * Sizes of the directories around a row, outermost first, as far as their rows are here: a bar's full width is its
   * parent. Levels without a known row are 0.
   */
  around(index: number): number[] {
    const sizes: number[] = [];
    let level = this.at(index)?.level ?? 0;
    for (let i = index - 1, steps = 0; i >= 0 && level > 1 && steps < 4096; i -= 1, steps += 1) {
      const row = this.at(i);
      if (row === undefined) break;
      if (row.level < level) {
        level = row.level;
        sizes[level] = row.size;
      }
    }
    return sizes;
  }

  /** The bytes of all rows of the first level that are here. */
  get topSize(): number {
    let sum = 0;
    for (const rows of this.#pages.values()) for (const row of rows) if (row.level === 1 && row.deletedBy === null) sum += row.size;
    return sum;
  }
}
