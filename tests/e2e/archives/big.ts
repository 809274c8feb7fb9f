/**
 * Archives that are large, as `docker save` writes them: two gigabytes in a plain layer that is larger than all memory
 * the page may use, a compressed one, and a plain one of many small files; and a million entries in one compressed
 * layer. Written as they are made, and the same each time.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import { createGzip } from 'node:zlib';

const MIB = 1 << 20;
const BLOCK = 512;

/** One file of a layer. Its content is noise in which every chunk is another, and text at its beginning. */
interface Planned {
  readonly path: string;
  readonly size: number;
}

export interface BigArchive {
  readonly size: number;
  /** A file in the large plain layer and in the compressed one, each with the text that it begins with. */
  readonly files: readonly { readonly path: readonly string[]; readonly text: string }[];
  readonly layers: number;
}

/** Noise that no compression shrinks. */
const NOISE = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(Buffer.alloc(4 * MIB));
const SILENCE = Buffer.alloc(MIB);

export function header(name: string, size: number, directory = false): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): number => block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  block.write(name, 0, 100, 'latin1');
  octal(directory ? 0o755 : 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(1_767_225_600, 136, 12);
  block.write(`        ${directory ? '5' : '0'}`, 148, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  octal(block.reduce((sum, byte) => sum + byte, 0), 148, 7);
  return block;
}

export const padding = (size: number): Buffer => SILENCE.subarray(0, (BLOCK - (size % BLOCK)) % BLOCK);
const title = (path: string): string => `This is ${path}.\n`;

/** The bytes of a file, half noise and half silence, in chunks; each chunk is stamped, so that no two are equal. */
function* content({ path, size }: Planned): Generator<Buffer> {
  let at = 0;
  for (let chunk = 0; at < size; chunk += 1) {
    const part = Buffer.from((chunk % 4 === 3 ? SILENCE : NOISE).subarray(0, Math.min(size - at, chunk % 4 === 3 ? MIB : 4 * MIB)));
    part.write(chunk === 0 ? title(path) : `${path} ${chunk}\n`, 0, 'latin1');
    at += part.length;
    yield part;
  }
}

function* tar(directories: readonly string[], files: readonly Planned[]): Generator<Buffer> {
  for (const directory of directories) yield header(`${directory}/`, 0, true);
  for (const file of files) {
    yield header(file.path, file.size);
    yield* content(file);
    yield padding(file.size);
  }
  yield SILENCE.subarray(0, 2 * BLOCK);
}

const large = Array.from({ length: 20 }, (_, index): Planned => ({ path: `data/large-${String(index).padStart(2, '0')}.bin`, size: 60 * MIB }));
const packed = Array.from({ length: 10 }, (_, index): Planned => ({ path: `packed/part-${index}.bin`, size: 45 * MIB }));
const small = Array.from({ length: 12_000 }, (_, index): Planned => ({ path: `small/${Math.floor(index / 100)}/${index}.txt`, size: 40_000 }));
const smallDirectories = ['small', ...Array.from({ length: 120 }, (_, index) => `small/${index}`)];

/** A layer to be written: its tar, and whether it is compressed. */
interface PlannedLayer {
  readonly name: string;
  readonly tar: () => Iterable<Buffer>;
  readonly compressed?: boolean;
}

/** Writes two gigabytes to `path`. */
export async function writeBigArchive(path: string): Promise<BigArchive> {
  const size = await writeArchive(path, [
    { name: 'large', tar: () => tar(['data'], large) },
    { name: 'packed', tar: () => tar(['packed'], packed), compressed: true },
    { name: 'small', tar: () => tar(smallDirectories, small) },
  ]);
  return {
    size,
    layers: 3,
    files: [large[13], packed[8]].map((planned) => ({ path: (planned?.path ?? '').split('/'), text: title(planned?.path ?? '').trim() })),
  };
}

/** Entries of the archive that `writeManyEntries` writes, directories included. */
export const MANY_ENTRIES = 1_000_000;
const IN_A_DIRECTORY = 250;

/** Empty files in a quarter of a thousandth as many directories: `usr/share/package-0042/libraries/library-017.so.1`. */
function* many(): Generator<Buffer> {
  const number = (value: number, digits: number): string => String(value).padStart(digits, '0');
  yield Buffer.concat([header('usr/', 0, true), header('usr/share/', 0, true)]);
  let entries = 2;
  for (let directory = 0; entries < MANY_ENTRIES; directory += 1) {
    const above = `usr/share/package-${number(directory, 4)}/libraries`;
    const count = Math.min(IN_A_DIRECTORY, MANY_ENTRIES - entries);
    // One buffer a directory: a million writes of half a kilobyte each take minutes.
    const blocks = [header(`${above}/`, 0, true)];
    for (let file = 1; file < count; file += 1) blocks.push(header(`${above}/library-${number(file, 3)}.so.1`, 0));
    entries += count;
    yield Buffer.concat(blocks);
  }
  yield SILENCE.subarray(0, 2 * BLOCK);
}

/** Writes one compressed layer of a million entries to `path`. */
export async function writeManyEntries(path: string): Promise<void> {
  await writeArchive(path, [{ name: 'many', tar: many, compressed: true }]);
}

/** Writes an archive as `docker save` does, and tells its size. */
async function writeArchive(path: string, planned: readonly PlannedLayer[]): Promise<number> {
  const file = await open(path, 'w');
  try {
    const archive = new Writer(file);
    const layers = [];
    for (const { tar, compressed } of planned) layers.push(await archive.layer(tar(), compressed));
    const config = JSON.stringify({
      architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
      history: planned.map(({ name }) => ({ created: '2026-01-01T00:00:00Z', created_by: `COPY ${name} /` })),
    });
    const name = await archive.member(Buffer.from(config));
    const manifest = [{ Config: name, RepoTags: ['big:1'], Layers: layers.map((layer) => layer.name) }];
    await archive.named('manifest.json', Buffer.from(JSON.stringify(manifest)));
    await archive.write(SILENCE.subarray(0, 2 * BLOCK));
    return archive.at;
  } finally {
    await file.close();
  }
}

class Writer {
  at = 0;

  constructor(private readonly file: FileHandle) {}

  async write(bytes: Buffer): Promise<void> {
    await this.file.write(bytes, 0, bytes.length, this.at);
    this.at += bytes.length;
  }

  async named(name: string, bytes: Buffer): Promise<void> {
    for (const part of [header(name, bytes.length), bytes, padding(bytes.length)]) await this.write(part);
  }

  /** A blob under the name of its digest. */
  async member(bytes: Buffer): Promise<string> {
    const name = blobName(createHash('sha256').update(bytes).digest('hex'));
    await this.named(name, bytes);
    return name;
  }

  /** A layer, whose header is written when its size and its digest are known. */
  async layer(tar: Iterable<Buffer>, compressed = false): Promise<{ name: string; diffId: string }> {
    const start = this.at;
    this.at += BLOCK;
    const [digest, diffId] = [createHash('sha256'), createHash('sha256')];
    const put = async (bytes: Buffer): Promise<void> => {
      digest.update(bytes);
      await this.write(bytes);
    };
    if (compressed) {
      const gzip = createGzip({ level: 1 });
      const written = (async () => {
        for await (const bytes of gzip) await put(bytes as Buffer);
      })();
      for (const bytes of tar) {
        diffId.update(bytes);
        if (!gzip.write(bytes)) await once(gzip, 'drain');
      }
      gzip.end();
      await written;
    } else {
      for (const bytes of tar) {
        diffId.update(bytes);
        await put(bytes);
      }
    }
    const size = this.at - start - BLOCK;
    const name = blobName(digest.digest('hex'));
    const head = header(name, size);
    await this.file.write(head, 0, head.length, start);
    await this.write(padding(size));
    return { name, diffId: `sha256:${diffId.digest('hex')}` };
  }
}

function blobName(hex: string): string {
  return `blobs/sha256/${hex}`;
}
