/** Layers for tests. */
import type { LayerView } from '../protocol.ts';

export function layer(number: number, more: Partial<LayerView> = {}): LayerView {
  return {
    number, state: 'verified', digest: null, digestFound: null, digestState: 'verified', diffId: null, diffIdFound: null, diffIdState: 'verified', chainId: null,
    mediaType: null, compression: null, size: 100, sizeStated: 100, uncompressedSize: null, entries: null, counts: null, hidesBytes: null, instruction: null,
    created: null, progress: null, error: null, urls: [], annotations: {}, ...more,
  };
}
