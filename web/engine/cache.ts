/**
 * Layers that were read before, in the files that a browser keeps for this page alone (the origin private file system).
 * Whatever goes wrong with them, nothing is kept: a private window has no such files, and a full disk no room.
 */

/** The most bytes that are kept. */
const CAP = 256_000_000;
const DIRECTORY = 'layers';

export interface Held {
  readonly layers: number;
  readonly bytes: number;
}

/** What the engine asks of it. */
export type Kept = Pick<Cache, 'get' | 'put' | 'remove'>;

/** What is used of a directory, so that a test can stand in for it. */
export interface Directory {
  getFileHandle(name: string, options?: { create: boolean }): Promise<Entry>;
  removeEntry(name: string): Promise<void>;
  values(): AsyncIterable<{ readonly kind: string; readonly name: string }>;
}

/** A file; only workers can write it. */
export interface Entry {
  readonly kind: string;
  readonly name: string;
  getFile(): Promise<Pick<File, 'size' | 'lastModified' | 'arrayBuffer'>>;
  createSyncAccessHandle?(): Promise<{ truncate(size: number): void; write(bytes: ArrayBuffer): number; flush(): void; close(): void }>;
}

export class Cache {
  #directory: Promise<Directory> | null = null;
  /** All changes, one after the other: what is put after it was removed stays, and two do not make room at the same time. */
  #changing: Promise<void> = Promise.resolve();

  constructor(
    private readonly open: () => Promise<Directory> = browserDirectory,
    private readonly cap = CAP,
  ) {}

  /** What was kept under a name; null for nothing. */
  async get(name: string): Promise<ArrayBuffer | null> {
    try {
      const entry = await (await this.#there()).getFileHandle(name);
      return await (await entry.getFile()).arrayBuffer();
    } catch {
      return null;
    }
  }

  /** Keeps bytes under a name, and lets go of the oldest where they are too many. */
  put(name: string, bytes: ArrayBuffer): Promise<void> {
    return this.#next(() => this.#put(name, bytes));
  }

  remove(name: string): Promise<void> {
    return this.#next(() => this.#remove(name));
  }

  /** How much there is; null where this browser keeps nothing. */
  async held(): Promise<Held | null> {
    try {
      const files = await this.#files();
      return { layers: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
    } catch {
      return null;
    }
  }

  clear(): Promise<void> {
    return this.#next(async () => {
      for (const { name } of await this.#files().catch(() => [])) await this.#remove(name);
    });
  }

  #next(change: () => Promise<void>): Promise<void> {
    return (this.#changing = this.#changing.then(change));
  }

  async #remove(name: string): Promise<void> {
    try {
      await (await this.#there()).removeEntry(name);
    } catch {
      // It is gone, or another tab is writing it.
    }
  }

  async #put(name: string, bytes: ArrayBuffer): Promise<void> {
    if (bytes.byteLength > this.cap) return;
    try {
      const entry = await (await this.#there()).getFileHandle(name, { create: true });
      const file = await entry.createSyncAccessHandle?.();
      if (file === undefined) return await this.#remove(name);
      // What is cut short by the end of the worker is found out by its checksum.
      try {
        file.truncate(0);
        file.write(bytes);
        file.flush();
      } finally {
        file.close();
      }
      await this.#makeRoom();
    } catch {
      await this.#remove(name);
    }
  }

  async #makeRoom(): Promise<void> {
    const files = (await this.#files()).sort((a, b) => a.changed - b.changed);
    let bytes = files.reduce((sum, { size }) => sum + size, 0);
    for (const { name, size } of files) {
      if (bytes <= this.cap) return;
      await this.#remove(name);
      bytes -= size;
    }
  }

  async #files(): Promise<{ name: string; size: number; changed: number }[]> {
    const directory = await this.#there();
    const names: string[] = [];
    for await (const { kind, name } of directory.values()) if (kind === 'file') names.push(name);
    const files = names.map(async (name) => {
      const { size, lastModified } = await (await directory.getFileHandle(name)).getFile();
      return { name, size, changed: lastModified };
    });
    return Promise.all(files);
  }

  #there(): Promise<Directory> {
    return (this.#directory ??= this.open());
  }
}

async function browserDirectory(): Promise<Directory> {
  const root = await navigator.storage.getDirectory();
  return (await root.getDirectoryHandle(DIRECTORY, { create: true })) as unknown as Directory;
}
