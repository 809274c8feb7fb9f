/**
 * Rows that take turns on elements, each drawn by the element of its key. Lit's `repeat` moves nearly all elements when
 * some go from one end to the other, and the browser then lays all of them out again; here only those move, and are
 * drawn, whose row is another one than before; and while a list scrolls they stay where they are, since it is by `translate`
 * that they are seen in order.
 */
import { noChange, type TemplateResult } from 'lit';
import { directive, Directive, PartType, type ChildPart, type PartInfo } from 'lit/directive.js';
import { insertPart, removePart, setChildPartValue, setCommittedValue } from 'lit/directive-helpers.js';

export interface RingItem {
  /** Of the element. */
  readonly key: number | string;
  /** The row's number: items come in its order. */
  readonly index: number;
  /** All that `draw` depends on. */
  readonly state: readonly unknown[];
  readonly draw: () => TemplateResult;
}

interface Drawn {
  readonly part: ChildPart;
  /** The number that it was put in order for; -1: it was put anywhere. */
  readonly placed: number;
  readonly state: readonly unknown[];
}

const same = (a: readonly unknown[], b: readonly unknown[]): boolean => a.length === b.length && a.every((value, i) => Object.is(value, b[i]));

class Ring extends Directive {
  #drawn = new Map<number | string, Drawn>();

  constructor(info: PartInfo) {
    super(info);
    if (info.type !== PartType.CHILD) throw new Error('ring belongs between elements');
  }

  render(_items: readonly RingItem[], _scrolls: boolean): unknown {
    return noChange;
  }

  override update(container: ChildPart, [items, scrolls]: [readonly RingItem[], boolean]): unknown {
    const before = this.#drawn;
    if (before.size === 0) setCommittedValue(container, []);
    const now = new Map<number | string, Drawn>();
    const keys = new Set(items.map(({ key }) => key));
    for (const [key, { part }] of before) if (!keys.has(key)) removePart(part);
    let next: ChildPart | undefined;
    for (const { key, index, state, draw } of [...items].reverse()) {
      const old = before.get(key);
      // Elements that are where their numbers put them are in order among themselves.
      const stays = old !== undefined && (scrolls || old.placed === index);
      const part = stays ? old.part : insertPart(container, next, old?.part);
      const placed = stays ? old.placed : scrolls ? -1 : index;
      if (old === undefined || !same(old.state, state)) setChildPartValue(part, draw());
      now.set(key, { part, placed, state });
      next = part;
    }
    this.#drawn = now;
    return noChange;
  }
}

/** Draws rows in their order, once they no longer scroll: `${ring(items, scrolls)}`. */
export const ring = directive(Ring);
