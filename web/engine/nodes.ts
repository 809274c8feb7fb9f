/**
 * Numbers of nodes for the page. The core builds its trees anew whenever a layer arrives, and numbers their nodes anew; a row
 * that is still on screen must not stand for another file then. So each number here says which trees it is of, and
 * one that has aged is looked up by the path that it stood for.
 */
import type { RowView, Scope } from '../protocol.ts';
import { fail } from './failure.ts';

/** The core's numbers are below this. */
const SPAN = 2 ** 32;
/** More rows than any screen shows. */
const REMEMBERED = 4096;

export class Nodes {
  #age = 0;
  /** Paths of rows that the page was given, the newest last. */
  #paths = new Map<string, string>();

  /** Every tree is built anew from here on. */
  renew(): void {
    this.#age += 1;
  }

  /** The page's number for a node of the core. */
  number(node: number): number {
    return this.#age * SPAN + node;
  }

  /** A row with the page's number, which stands for its path from now on. */
  row(scope: Scope, row: RowView): RowView {
    const node = this.number(row.node);
    const key = keyOf(scope, node);
    this.#paths.delete(key);
    this.#paths.set(key, row.path);
    if (this.#paths.size > REMEMBERED) this.#paths.delete(this.#paths.keys().next().value as string);
    return { ...row, node };
  }

  /** The core's number for one of the page's. `find` looks for a path in the tree as it is now. */
  node(scope: Scope, number: number, find: (path: string) => number | undefined): number {
    if (Math.floor(number / SPAN) === this.#age) return number % SPAN;
    const path = this.#paths.get(keyOf(scope, number));
    const node = path === undefined ? undefined : find(path);
    if (node === undefined) throw fail('path-absent', 'the tree has changed, and this entry is no longer there', path === undefined ? {} : { at: path });
    return node;
  }
}

function keyOf(scope: Scope, number: number): string {
  return `${scope.scope} ${scope.scope === 'merged' ? '' : scope.layer} ${number}`;
}
