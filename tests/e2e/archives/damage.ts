/** Archives in which one bit is not what it was. */
import { readFile, writeFile } from 'node:fs/promises';

export interface Member {
  readonly name: string;
  /** Of its content, in the archive. */
  readonly offset: number;
  readonly size: number;
}

/** The members of a tar file with plain headers. */
export function members(tar: Buffer): Member[] {
  const found: Member[] = [];
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const text = (from: number, length: number): string => tar.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
    const size = parseInt(text(124, 12), 8);
    found.push({ name: text(0, 100), offset: at + 512, size });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

/** Copies an archive with one bit flipped: in the member whose name contains `part`, at `share` of its length. */
export async function damaged(archive: string, part: string, copy: string, share = 0.5): Promise<string> {
  const tar = await readFile(archive);
  const member = members(tar).find(({ name }) => name.includes(part));
  if (member === undefined || member.size === 0) throw new Error(`${archive} has no ${part}`);
  const at = member.offset + Math.min(member.size - 1, Math.floor(member.size * share));
  tar.writeUInt8(tar.readUInt8(at) ^ 1, at);
  await writeFile(copy, tar);
  return copy;
}
