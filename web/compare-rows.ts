/** The rows of a comparison. */
import { PAGE, Pages, type Asker } from './pages.ts';
import type { CompareQuery, ComparePage, Difference } from './protocol.ts';

export class CompareRows extends Pages<CompareQuery, Difference, ComparePage> {
  protected override request(client: Asker, query: CompareQuery, from: number): Promise<ComparePage> {
    return client.request('compare-rows', { query, from, count: PAGE });
  }
}
