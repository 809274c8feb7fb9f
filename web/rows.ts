/** The rows of the file tree. */
import { PAGE, Pages, type Asker } from './pages.ts';
import type { RowPage, RowQuery, RowView } from './protocol.ts';

export class Rows extends Pages<RowQuery, RowView, RowPage> {
  incomplete = false;
  /** Some of it is not verified yet. */
  preview = false;
  /** More rows may be found yet. */
  searching = false;

  /** Looks at another tree, of which nothing is known, or at the same one anew. */
  override look(client: Asker | null, query: RowQuery): void {
    if (client !== this.client || JSON.stringify(query.scope) !== JSON.stringify(this.query?.scope)) {
      this.pages.clear();
      this.known = false;
      this.total = 0;
    }
    super.look(client, query);
  }

  protected override request(client: Asker, query: RowQuery, from: number): Promise<RowPage> {
    return client.request('rows', { query, from, count: PAGE });
  }

  protected override took(page: RowPage | null): void {
    this.searching = page?.searching ?? false;
    if (page === null) return;
    this.incomplete = page.incomplete;
    this.preview = page.preview;
  }

  /** Index of the row of a node among those that are here, or null. */
  find(node: number): number | null {
    for (const [page, rows] of this.pages) {
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
    for (const rows of this.pages.values()) for (const row of rows) if (row.level === 1 && row.deletedBy === null) sum += row.size;
    return sum;
  }
}
