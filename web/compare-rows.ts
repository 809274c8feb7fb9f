/** A window on the rows of a comparison, which live in the worker. Pages are asked for as they come into sight. */
import { errorView, type Client } from './client.ts';
import type { CompareQuery, Difference, ErrorView } from './protocol.ts';
import { PAGE } from './rows.ts';

/** Pages that are kept; far ones are let go of and asked for again. */
const KEPT_PAGES = 24;

export class CompareRows {
  total = 0;
  /** False until the first answer for the present query. */
  known = false;
  /** Why there are no rows: a pattern that cannot be understood. */
  error: ErrorView | null = null;
  #pages = new Map<number, readonly Difference[]>();
  #asked = new Set<number>();
  #stale = new Set<number>();
  #generation = 0;
  #client: Pick<Client, 'request'> | null = null;
  #query: CompareQuery | null = null;

  constructor(private readonly changed: () => void) {}

  /** Asks anew. Old rows stay until new ones are there. */
  look(client: Pick<Client, 'request'> | null, query: CompareQuery): void {
    this.#client = client;
    this.#query = query;
    this.#generation += 1;
    this.#asked.clear();
    this.#stale = new Set(this.#pages.keys());
    this.error = null;
  }

  /** A row, or undefined while it is on its way. */
  at(index: number): Difference | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** A row as it is now, as soon as it is here; undefined when there is none. */
  async load(index: number): Promise<Difference | undefined> {
    const page = Math.floor(index / PAGE);
    if (!this.#pages.has(page) || this.#stale.has(page)) await this.#ask(page);
    return this.at(index);
  }

  /** Makes sure that the rows from `first` to `last` are there or asked for. */
  want(first: number, last: number): void {
    for (let page = Math.floor(Math.max(0, first) / PAGE); page <= Math.floor(Math.max(first, last, 0) / PAGE); page += 1) {
      if (!this.#asked.has(page) && (!this.#pages.has(page) || this.#stale.has(page))) void this.#ask(page);
    }
  }

  async #ask(page: number): Promise<void> {
    const [client, query, generation] = [this.#client, this.#query, this.#generation];
    if (client === null || query === null) return;
    this.#asked.add(page);
    try {
      const { total, rows } = await client.request('compare-rows', { query, from: page * PAGE, count: PAGE });
      if (generation !== this.#generation) return;
      this.#asked.delete(page);
      this.#stale.delete(page);
      this.#pages.delete(page);
      this.#pages.set(page, rows);
      for (const old of this.#pages.keys()) {
        // An empty first page is an answer too: without it, the rows would be asked for again and again.
        if ((old > 0 && old * PAGE >= total) || (this.#pages.size > KEPT_PAGES && old !== page)) this.#pages.delete(old);
      }
      this.total = total;
    } catch (error) {
      if (generation !== this.#generation) return;
      const view = errorView(error);
      // Another comparison is on its way, and its rows with it.
      if (view.name === 'closed') return;
      this.error = view;
      this.total = 0;
      this.#pages.clear();
      this.#stale.clear();
    }
    this.known = true;
    this.changed();
  }
}
