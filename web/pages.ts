/**
 * A window on rows that live in the worker. Pages are asked for as they come into sight; when the rows change, what is
 * on screen stays until its successor has arrived.
 */
import { errorView, type Client } from './client.ts';
import type { ErrorView } from './protocol.ts';

/** Rows in one request: more than most screens show, little enough to be instant. */
export const PAGE = 64;
/** Pages that are kept; far ones are let go of and asked for again. */
const KEPT_PAGES = 48;

export type Asker = Pick<Client, 'request'>;

interface Answer<Row> {
  readonly total: number;
  readonly rows: readonly Row[];
}

export abstract class Pages<Query, Row, Page extends Answer<Row>> {
  total = 0;
  /** False until the first answer for the present query. */
  known = false;
  /** Why there are no rows: a pattern that cannot be understood. */
  error: ErrorView | null = null;
  protected readonly pages = new Map<number, readonly Row[]>();
  protected client: Asker | null = null;
  protected query: Query | null = null;
  #asked = new Set<number>();
  #stale = new Set<number>();
  #generation = 0;

  constructor(private readonly changed: () => void) {}

  protected abstract request(client: Asker, query: Query, from: number): Promise<Page>;

  /** Takes what an answer says beside its rows; null: it was refused. */
  protected took(_page: Page | null): void {}

  /** Asks anew. Old rows stay until new ones are there. */
  look(client: Asker | null, query: Query): void {
    this.client = client;
    this.query = query;
    this.#generation += 1;
    this.#asked.clear();
    this.#stale = new Set(this.pages.keys());
    this.error = null;
  }

  /** A row, or undefined while it is on its way. */
  at(index: number): Row | undefined {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** A row as it is now, as soon as it is here; undefined when there is none. */
  async load(index: number): Promise<Row | undefined> {
    const page = Math.floor(index / PAGE);
    if (!this.pages.has(page) || this.#stale.has(page)) await this.#ask(page);
    return this.at(index);
  }

  /** Makes sure that the rows from `first` to `last` are there or asked for. */
  want(first: number, last: number): void {
    const lastPage = Math.floor(Math.max(first, last, 0) / PAGE);
    for (let page = Math.floor(Math.max(0, first) / PAGE); page <= lastPage; page += 1) {
      if (!this.#asked.has(page) && (!this.pages.has(page) || this.#stale.has(page))) void this.#ask(page);
    }
  }

  async #ask(page: number): Promise<void> {
    const { client, query } = this;
    if (client === null || query === null) return;
    const generation = this.#generation;
    this.#asked.add(page);
    try {
      const answer = await this.request(client, query, page * PAGE);
      if (generation !== this.#generation) return;
      this.#keep(page, answer);
      this.total = answer.total;
      this.took(answer);
    } catch (error) {
      if (generation !== this.#generation) return;
      const view = errorView(error);
      // Something else is opened, and its rows are on their way.
      if (view.name === 'closed') return;
      // Asked again only when something changes: the query, the rows, or the session.
      this.error = view;
      this.total = 0;
      this.pages.clear();
      this.#stale.clear();
      this.took(null);
    }
    this.known = true;
    this.changed();
  }

  #keep(page: number, { total, rows }: Page): void {
    this.#asked.delete(page);
    this.#stale.delete(page);
    this.pages.delete(page);
    this.pages.set(page, rows);
    for (const old of this.pages.keys()) {
      // An empty first page is an answer too: without it, the rows would be asked for again and again.
      const beyond = old > 0 && old * PAGE >= total;
      if (beyond || (this.pages.size > KEPT_PAGES && old !== page)) this.pages.delete(old);
    }
  }
}
