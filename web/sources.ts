/** Where the bytes are of what is opened: beside the page, behind its gateway, elsewhere, or among the files that this tab was given. */
import type { Dropped } from './drop.ts';
import type { Given } from './gateway.ts';
import type { Gateway, Source } from './protocol.ts';
import { sourceKey, type Opened } from './state.ts';

/** What a link can say of files that were dropped or chosen. */
export function openedOf(source: Dropped): Opened {
  return source.kind === 'file' ? { kind: 'file', name: source.file.name } : { kind: 'directory', name: source.name };
}

export class Sources {
  gateway: Gateway | null = null;
  /** What the gateway was started with. */
  served: Given | null = null;
  readonly #dropped = new Map<string, Source>();

  constructor(private readonly location: Location) {}

  /** This tab has these files from now on. */
  keep(opened: Opened, source: Source): void {
    this.#dropped.set(sourceKey(opened), source);
  }

  /** What to read, or null when the user has to say more. `insist`: ask foreign hosts, too. */
  of(opened: Opened, insist: boolean): Source | null {
    switch (opened.kind) {
      case 'sample':
        return { kind: 'url', url: this.#own('sample.tar'), name: 'sample.tar' };
      case 'reference':
        if (this.gateway !== null) return { kind: 'reference', reference: opened.reference, gateway: this.gateway };
        return insist ? { kind: 'reference', reference: opened.reference } : null;
      case 'layout': {
        const url = new URL(opened.url.replace(/\/?$/, '/'), this.location.href);
        const own = url.origin === this.location.origin;
        return own || insist ? { kind: 'layout-url', url: url.href, name: opened.url } : null;
      }
      case 'served':
        return this.#ofServed();
      default:
        return this.#dropped.get(sourceKey(opened)) ?? null;
    }
  }

  #ofServed(): Source | null {
    if (this.served === null || this.gateway === null) return null;
    const { name, kind } = this.served;
    const { secret } = this.gateway;
    if (kind === 'file') return { kind: 'url', url: this.#own('source/file'), name, secret };
    return { kind: 'layout-url', url: this.#own('source/layout/'), name, secret };
  }

  /** An address beside the page; workers live elsewhere and cannot resolve it themselves. */
  #own(path: string): string {
    return new URL(path, this.location.href).href.split('?')[0] ?? path;
  }
}
