/** What people drop, choose or paste, as a source. Nothing is read here: files are handed on as they are. */
import type { Source } from './protocol.ts';

/** A directory with more files than this is no OCI layout, and walking it would only take time. */
export const MAX_DIRECTORY_FILES = 20_000;

/** A source that came as files. */
export type Dropped = Extract<Source, { kind: 'file' | 'directory' }>;

export interface DroppedFile {
  readonly path: string;
  readonly file: File;
}

/** Why a drop is no source. */
export class NotASource extends Error {
  constructor(readonly reason: 'empty' | 'too-many-files' | 'no-layout') {
    super(reason);
  }
}

/** A directory as a source; it must hold an OCI layout at its top. */
export function directorySource(name: string, files: readonly DroppedFile[]): Dropped {
  if (files.length === 0) throw new NotASource('empty');
  if (!files.some(({ path }) => path === 'index.json')) throw new NotASource('no-layout');
  return { kind: 'directory', name, files };
}

/** Files of `<input webkitdirectory>`: the first part of their paths is the directory's own name. */
export function chosenDirectory(list: Iterable<File>): Dropped {
  const files: DroppedFile[] = [];
  let name = '';
  for (const file of list) {
    const [top, ...rest] = file.webkitRelativePath.split('/');
    if (files.length >= MAX_DIRECTORY_FILES) throw new NotASource('too-many-files');
    name ||= top ?? '';
    files.push({ path: rest.join('/'), file });
  }
  return directorySource(name, files);
}

/** Loose files: an archive, or the files of a layout that were selected together. */
export function chosenFiles(files: readonly File[]): Dropped {
  const [first] = files;
  if (first === undefined) throw new NotASource('empty');
  return { kind: 'file', file: first };
}

/**
 * What was dropped. The entries must be taken before the first `await`: afterwards the browser has emptied the list.
 */
export async function dropped(transfer: DataTransfer): Promise<Dropped> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.() ?? null);
  const files = Array.from(transfer.files);
  const directory = entries.find((entry) => entry?.isDirectory === true);
  if (directory === undefined || directory === null) return chosenFiles(files);
  const found: DroppedFile[] = [];
  await walk(directory as FileSystemDirectoryEntry, '', found);
  return directorySource(directory.name, found);
}

async function walk(directory: FileSystemDirectoryEntry, prefix: string, found: DroppedFile[]): Promise<void> {
  const reader = directory.createReader();
  for (;;) {
    // A reader hands out about a hundred entries at a time, and an empty list at the end.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return;
    for (const entry of batch) {
      if (entry.isDirectory) {
        await walk(entry as FileSystemDirectoryEntry, `${prefix}${entry.name}/`, found);
      } else {
        if (found.length >= MAX_DIRECTORY_FILES) throw new NotASource('too-many-files');
        const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
        found.push({ path: prefix + entry.name, file });
      }
    }
  }
}
