/** A made-up tree that answers rows as the session worker does: opened directories, filter, order, ghosts. */
import type { ChangeKind, Details, EntryKind, Located, RowPage, RowQuery, RowView } from '../protocol.ts';

interface Node {
  readonly id: number;
  readonly name: string;
  readonly kind: EntryKind;
  readonly parent: Node | null;
  readonly children: Node[];
  size: number;
  readonly mode: number;
  readonly change: ChangeKind;
  readonly layer: number;
  readonly deletedBy: number | null;
  readonly link: string | null;
  readonly text: Uint8Array;
}

type Sketch = [name: string, size: number, more?: Partial<Omit<Node, 'children'>>, children?: Sketch[]];

const many = (count: number, prefix: string, layer: number, size: number): Sketch[] =>
  Array.from({ length: count }, (_, index): Sketch => [`${prefix}-${String(index).padStart(4, '0')}.py`, size + ((index * 7919) % 4096), { layer }]);

const gone = { deletedBy: 2, layer: 1 } as const;
const TREE: Sketch[] = [
  ['usr', 0, { layer: 0 }, [
    ['local', 0, { layer: 1 }, [
      ['lib', 0, { layer: 1 }, [['python3.11', 0, { layer: 1 }, [['dist-packages', 0, { layer: 2, change: 'metadata' }, [
        ['scipy', 0, { ...gone, kind: 'directory' }, [['linalg', 0, { ...gone, kind: 'directory' }, [['_fblas.so', 654_900, gone], ['_decomp_lu.so', 271_000, gone]]], ['_lib.so', 110_800_000, gone]]],
        ['numpy', 0, { layer: 1 }, many(400, 'core', 1, 51_000)], ['pandas', 0, { layer: 1 }, many(3000, 'frame', 1, 24_000)], ['flask', 0, { layer: 1 }, many(40, 'app', 1, 9000)],
      ]]]]]],
      ['bin', 0, { layer: 2, change: 'metadata' }, [['naga', 6_283_752, { layer: 2, change: 'added', mode: 0o755 }]]],
    ]],
    ['bin', 0, { layer: 0 }, [['bash', 1_265_648, { mode: 0o755 }], ['su', 71_912, { mode: 0o4755 }], ['mount', 59_704, { mode: 0o4755 }], ['perl', 3_804_464, { mode: 0o755 }], ['sh', 0, { kind: 'symlink', link: 'bash', mode: 0o777 }]]],
    ['share', 0, { layer: 2, change: 'metadata' }, [['doc', 0, { ...gone, layer: 0, kind: 'directory' }, [['gpgv', 450_700, { ...gone, layer: 0 }], ['util-linux', 386_800, { ...gone, layer: 0 }]]], ['locale', 0, { layer: 0 }, many(30, 'locale', 0, 900_000)]]],
  ]],
  ['app', 0, { layer: 2, change: 'added' }, [['node_modules', 0, { layer: 2, change: 'added' }, many(900, 'index', 2, 117_000)], ['package-lock.json', 82_200, { layer: 2, change: 'added' }], ['package.json', 442, { layer: 2, change: 'added' }], ['logo.png', 1200, { layer: 2, change: 'added' }], ['data.bin', 90_000, { layer: 2, change: 'added' }]]],
  ['var', 0, { layer: 0 }, [['lib', 0, { layer: 0 }, [['apt', 0, { layer: 0 }, [['lists', 50_362_437, { layer: 0 }]]]]], ['cache', 31_870_120, { layer: 0 }]]],
  ['etc', 0, { layer: 0 }, [['motd', 6, { layer: 2, change: 'modified' }], ['os-release', 267, {}], ['passwd', 839, {}], ['shadow', 474, { mode: 0o640 }], ['rtl-\u202egpj.exe', 12, {}], ['<img src=x onerror=alert(1)>', 9, {}], ['日本語の設定ファイル.conf', 2048, {}]]],
  ['root', 0, { layer: 0, mode: 0o700 }, [['.bashrc', 571, {}], ['.profile', 161, {}]]],
  ['dev', 0, { layer: 0 }, [['null', 0, { kind: 'char', mode: 0o666 }], ['pipe', 0, { kind: 'fifo', mode: 0o644 }]]],
  ['bin', 0, { kind: 'symlink', link: 'usr/bin', mode: 0o777 }], ['lib', 0, { kind: 'symlink', link: 'usr/lib', mode: 0o777 }],
  ['boot', 0, { kind: 'directory' }], ['home', 0, { kind: 'directory' }], ['media', 0, { kind: 'directory' }], ['mnt', 0, { kind: 'directory' }], ['opt', 0, { kind: 'directory' }], ['proc', 0, { kind: 'directory' }], ['tmp', 0, { kind: 'directory', mode: 0o1777 }],
];

// One pixel, so that the image view has something to decode.
const PNG = Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAYAAADED76LAAAAF0lEQVR42mNk+M+ABzDhk6SigpGqAAD6nwMBYF3rNQAAAABJRU5ErkJggg=='), (letter) => letter.charCodeAt(0));
const encoder = new TextEncoder();

function contentOf(name: string, size: number): Uint8Array {
  if (name.endsWith('.png')) return PNG;
  if (name === 'motd') return encoder.encode('hello\n');
  if (name.endsWith('.bin') || name === 'bash') return Uint8Array.from({ length: Math.min(size, 400_000) }, (_, index) => (index * 31) & 255);
  if (name === 'os-release') return encoder.encode('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL="https://www.debian.org/"\n');
  const line = `# ${name}: a line of some length, so that wrapping can be seen where the pane is narrow \u202e evil\n`;
  return encoder.encode(line.repeat(Math.max(1, Math.floor(Math.min(size, 3_000_000) / line.length))));
}

export class FakeTree {
  readonly #nodes: Node[] = [];
  readonly #top: Node[];
  #open = new Set<number>();

  constructor() {
    this.#top = TREE.map((sketch) => this.#grow(sketch, null));
  }

  #grow([name, size, more = {}, children]: Sketch, parent: Node | null): Node {
    const kind = more.kind ?? (children === undefined ? 'file' : 'directory');
    const text = kind === 'file' ? contentOf(name, size) : new Uint8Array();
    const node: Node = { id: this.#nodes.length, name, kind, parent, children: [], size, mode: kind === 'directory' ? 0o755 : 0o644, change: 'unchanged', layer: 0, deletedBy: null, link: null, ...more, text };
    this.#nodes.push(node);
    for (const child of children ?? []) node.children.push(this.#grow(child, node));
    if (children !== undefined) node.size = node.children.reduce((sum, child) => sum + child.size, 0);
    else if (text.length > 0 && size < 3_000_000) node.size = text.length;
    return node;
  }

  #shown(node: Node, query: RowQuery): boolean {
    if (node.deletedBy !== null && !query.ghosts) return false;
    const below = node.children.some((child) => this.#shown(child, query));
    if (query.changedOnly && node.change === 'unchanged' && node.deletedBy === null && !below) return false;
    return query.filter === '' || below || this.#matches(node, query.filter);
  }

  #matches(node: Node, filter: string): boolean {
    const path = this.path(node.id);
    const regex = /^\/(.+)\/$/.exec(filter);
    if (regex?.[1] !== undefined) return new RegExp(regex[1]).test(path);
    if (/[*?]/.test(filter)) return new RegExp(`^${filter.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(node.name);
    return path.toLowerCase().includes(filter.toLowerCase());
  }

  #flat(query: RowQuery): { node: Node; level: number; pos: number; set: number }[] {
    const rows: { node: Node; level: number; pos: number; set: number }[] = [];
    const walk = (nodes: readonly Node[], level: number): void => {
      const seen = nodes.filter((node) => this.#shown(node, query));
      seen.sort((a, b) => (query.sort === 'size' ? b.size - a.size : 0) || (a.name < b.name ? -1 : 1));
      seen.forEach((node, index) => {
        rows.push({ node, level, pos: index + 1, set: seen.length });
        if (this.#open.has(node.id) || query.filter !== '') walk(node.children, level + 1);
      });
    };
    walk(this.#top, 1);
    return rows;
  }

  #row({ node, level, pos, set }: { node: Node; level: number; pos: number; set: number }, query: RowQuery): RowView {
    const open = this.#open.has(node.id) || query.filter !== '';
    const below = node.children.some((child) => child.change !== 'unchanged' || child.deletedBy !== null);
    return {
      node: node.id, name: node.name, path: this.path(node.id), level, posInSet: pos, setSize: set, expanded: node.children.length === 0 ? null : open, kind: node.kind, size: node.size, mode: node.mode,
      uid: 0, gid: node.name === 'shadow' ? 42 : 0, change: node.change, attributes: node.change === 'metadata' ? ['mtime'] : node.change === 'modified' ? ['content', 'size', 'mtime'] : [],
      layer: node.layer, deletedBy: node.deletedBy, link: node.link, synthetic: false, changedBelow: !open && below,
    };
  }

  rows(query: RowQuery, from: number, count: number): RowPage {
    const all = this.#flat(query);
    return { total: all.length, from, rows: all.slice(from, from + count).map((row) => this.#row(row, query)), incomplete: false, preview: false, searching: false };
  }

  toggle(node: number, expand: boolean): void {
    if (expand) this.#open.add(node);
    else this.#open.delete(node);
  }

  #find(query: RowQuery, node: number): Located | null {
    const row = this.#flat(query).findIndex((each) => each.node.id === node);
    return row < 0 ? null : { node, row };
  }

  parent(query: RowQuery, node: number): Located | null {
    const parent = this.#nodes[node]?.parent;
    return parent == null ? null : this.#find(query, parent.id);
  }

  locate(query: RowQuery, path: string): Located | null {
    const node = this.#nodes.find((each) => this.path(each.id) === path);
    if (node === undefined) return null;
    for (let up = node.parent; up !== null; up = up.parent) this.#open.add(up.id);
    return this.#find(query, node.id);
  }

  seek(query: RowQuery, text: string, from: number): Located | null {
    const all = this.#flat(query);
    for (let step = 0; step < all.length; step += 1) {
      const row = (from + step) % all.length;
      if (all[row]?.node.name.toLowerCase().startsWith(text.toLowerCase()) === true) return { node: all[row].node.id, row };
    }
    return null;
  }

  path(id: number): string {
    const node = this.#nodes[id];
    return node === undefined ? '' : `${node.parent === null ? '' : this.path(node.parent.id)}/${node.name}`;
  }

  content(id: number): Uint8Array {
    return this.#nodes[id]?.text ?? new Uint8Array();
  }

  details(id: number): Details {
    const node = this.#nodes[id];
    if (node === undefined) throw new Error('no such node');
    const query: RowQuery = { scope: { scope: 'merged' }, sort: 'name', ghosts: true, changedOnly: false, filter: '' };
    const told = node.deletedBy !== null ? [{ layer: node.layer, change: 'added' as const, attributes: [], size: node.size }, { layer: node.deletedBy, change: 'removed' as const, attributes: [], size: null }]
      : node.change === 'modified' ? [{ layer: 0, change: 'added' as const, attributes: [], size: 286 }, { layer: node.layer, change: node.change, attributes: ['content' as const, 'size' as const], size: node.size }]
        : [{ layer: node.layer, change: 'added' as const, attributes: [], size: node.size }];
    return {
      node: id, path: this.path(id), pathBase64: null, row: this.#row({ node, level: 1, pos: 1, set: 1 }, query), uname: 'root', gname: 'root', mtime: '2026-11-21T06:17:02Z', modeText: `${node.kind === 'directory' ? 'd' : node.kind === 'symlink' ? 'l' : '-'}rw-r--r--`,
      xattrs: node.name === 'naga' ? [{ name: 'security.capability', value: '\\x01\\x00\\x00\\x02\\x00\\x04', base64: 'AQAAAgAE' }] : [], device: node.kind === 'char' ? [1, 3] : null, offset: node.kind === 'file' ? 512 : null, readable: node.kind === 'file', links: [], story: told,
    };
  }
}
