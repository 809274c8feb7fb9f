/** What a treemap shows: the directory that is looked at, and within it as many levels as there is room for. */
import type { Share, Shares } from './protocol.ts';
import { squarify, type Box } from './treemap.ts';

/** One rectangle of the map. Directories come before what is in them. */
export interface Area {
  /** What it stands for; null: the other things of the directory, together. */
  readonly share: Share | null;
  /** The path to go to. */
  readonly path: string;
  /** The name, or the last names of a path through directories that hold nothing else. */
  readonly name: string;
  readonly bytes: number;
  readonly box: Box;
  /** Drawn as a frame with a title, with the areas of what is in it inside. */
  readonly isFrame: boolean;
}

/** Height of a frame's title, in pixels. */
export const TITLE = 20;
/** A directory is drawn with what is in it from this size on, and down to this many levels. */
const ROOM = { width: 84, height: 68 } as const;
const LEVELS = 4;
const GAP = 2;

/** The bytes that an area stands for: with what was deleted, if that is shown. */
export function bytesOf({ visible, gone }: Pick<Share, 'visible' | 'gone'>, deleted: boolean): number {
  return visible + (deleted ? gone : 0);
}

/** The directories of whom nobody knows yet what is in them are given to `want`, and drawn as one area until then. */
export function areasOf(top: Shares, box: Box, deleted: boolean, known: (path: string) => Shares | undefined, want: (path: string) => void): Area[] {
  const areas: Area[] = [];
  const split = (shares: Shares, box: Box, level: number): void => {
    const some = shares.shares.filter((share) => bytesOf(share, deleted) > 0).sort((a, b) => bytesOf(b, deleted) - bytesOf(a, deleted));
    const sizes = some.map((share) => bytesOf(share, deleted));
    const rest = Math.max(0, bytesOf(shares, deleted) - sizes.reduce((sum, size) => sum + size, 0));
    const boxes = squarify([...sizes, rest].sort((a, b) => b - a), box);
    // The rest takes its place by size among the others.
    const at = sizes.findIndex((size) => size < rest);
    const order: (Share | null)[] = at < 0 ? [...some, null] : [...some.slice(0, at), null, ...some.slice(at)];
    order.forEach((share, index) => {
      const place = boxes[index];
      if (place === undefined || place.width <= 0 || place.height <= 0) return;
      if (share === null) {
        if (rest > 0) areas.push({ share, path: shares.path, name: '', bytes: rest, box: place, isFrame: false });
        return;
      }
      put(share, place, level);
    });
  };
  const put = (share: Share, place: Box, level: number): void => {
    let within = share;
    let name = share.row.name;
    const roomy = level < LEVELS && place.width >= ROOM.width && place.height >= ROOM.height && share.row.kind === 'directory';
    let inside = roomy ? ask(within.row.path) : undefined;
    while (inside !== undefined && inside.others === 0 && inside.shares.length === 1 && inside.shares[0]?.row.kind === 'directory') {
      within = inside.shares[0];
      name += `/${within.row.name}`;
      inside = ask(within.row.path);
    }
    const isFrame = inside !== undefined && inside.shares.length > 0;
    areas.push({ share, path: within.row.path, name, bytes: bytesOf(share, deleted), box: place, isFrame });
    if (inside === undefined || !isFrame) return;
    const { x, y, width, height } = place;
    split(inside, { x: x + GAP, y: y + TITLE, width: width - 2 * GAP, height: height - TITLE - GAP }, level + 1);
  };
  const ask = (path: string): Shares | undefined => {
    const found = known(path);
    if (found === undefined) want(path);
    return found;
  };
  split(top, box, 0);
  return areas;
}

/** The area under a point: of those that lie over each other the innermost. */
export function areaAt(areas: readonly Area[], x: number, y: number): number {
  return areas.findLastIndex(({ box }) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height);
}

/** The directory around a path; `/` for the root itself. */
export function above(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
