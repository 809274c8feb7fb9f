/** The layers and the steps between them, in the order in which the stack is drawn. */
import type { LayerView, StepView } from './protocol.ts';
import { clock, day } from './format.ts';

/** One thing in the stack. */
export type Item = { readonly kind: 'layer'; readonly layer: LayerView } | { readonly kind: 'step'; readonly step: StepView; readonly key: number };

/** From this many layers on, cards show one line each, and only the chosen one unfolds. */
export const COMPACT_FROM = 8;

/**
 * Newest first. Steps tell the order; a layer that no step speaks of (a history that is too short) keeps its place
 * among the layers.
 */
export function arrange(layers: readonly LayerView[], steps: readonly StepView[]): Item[] {
  const items: Item[] = [];
  let next = 0;
  steps.forEach((step, key) => {
    if (step.layer === null) {
      items.push({ kind: 'step', step, key });
      return;
    }
    for (; next <= step.layer; next += 1) {
      const layer = layers[next];
      if (layer !== undefined) items.push({ kind: 'layer', layer });
    }
  });
  for (const layer of layers.slice(next)) items.push({ kind: 'layer', layer });
  return items.reverse();
}

/** Unpacked bytes, or the best that is known and does not change with every byte that is read. */
export function weight(layer: LayerView): number {
  return layer.uncompressedSize ?? layer.size ?? layer.progress?.unpacked ?? 0;
}

/** How one layer's sizes compare: percents of the largest, and the share of all. */
export interface Measure {
  readonly unpacked: number;
  readonly compressed: number;
  readonly share: number;
}

export function measure(layer: LayerView, layers: readonly LayerView[]): Measure {
  const largest = Math.max(1, ...layers.map((each) => Math.max(weight(each), each.size ?? 0)));
  const total = layers.reduce((sum, each) => sum + weight(each), 0);
  return {
    unpacked: (weight(layer) / largest) * 100,
    compressed: ((layer.size ?? 0) / largest) * 100,
    share: total === 0 ? 0 : weight(layer) / total,
  };
}

/** When a layer was made: the time where all were made on one day, else the day. */
export function madeAt(created: string | null, layers: readonly LayerView[]): string | null {
  if (created === null) return null;
  const days = new Set(layers.map((layer) => (layer.created === null ? null : layer.created.slice(0, 10))).filter((each) => each !== null));
  return days.size <= 1 && layers.length > 1 ? clock(created) : day(created);
}
