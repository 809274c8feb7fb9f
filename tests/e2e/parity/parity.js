/** Runs the core on this page, without workers and without the page's own code, and hands out its views. */
import init, { close, compare, next_scan, open, resolve, run, scanned, view } from '/generated/layerscope_wasm.js';

const nothing = () => {};

/** Reads a source to its end, and calls `use` with its handle. `files`: path and URL of each; of an archive there is one. */
async function reading(name, files, use) {
  await init();
  const read = await Promise.all(
    files.map(async ({ path, url }) => ({ path, file: new File([await (await fetch(url)).blob()], path.split('/').pop()) })),
  );
  const isArchive = read.length === 1;
  const [{ file }] = read;
  const source = isArchive ? { kind: 'file', file } : { kind: 'directory', name, files: read };
  const bytesOf = (place) => (isArchive ? file : read.find(({ path }) => path === place.file.path).file);
  const handle = open(source, {});
  try {
    const readThrough = () => run(JSON.stringify({ op: 'read-through', size: file.size }), { blob: file }, nothing);
    await resolve(handle, readThrough);
    for (let job = next_scan(handle); job !== undefined; job = next_scan(handle)) {
      const { id, place } = JSON.parse(job);
      scanned(handle, id, await run(job, { blob: bytesOf(place) }, nothing));
    }
    return await use(handle);
  } finally {
    close(handle);
  }
}

/** Returns the views of a source by name, or the error. */
globalThis.inspect = async (name, files, views) => {
  try {
    return await reading(name, files, (handle) => ({ views: Object.fromEntries(views.map((each) => [each, view(handle, each)])) }));
  } catch (error) {
    return { error };
  }
};

/** Returns in what two archives differ. */
globalThis.differ = (a, b) => reading(a.path, [a], (one) => reading(b.path, [b], (other) => compare(one, other, false)));
globalThis.ready = true;
