// Opens an archive in the built page, in a browser without a window, and tells how long something took.
//
//   node page.mjs LAYERSCOPE ARCHIVE tree       until the first row of a tree, from the choice of the file on
//   node page.mjs LAYERSCOPE ARCHIVE verified   until the last layer is verified and there are rows
//   node page.mjs LAYERSCOPE ARCHIVE search     until the rows are other ones, from a key in the filter on
//   node page.mjs LAYERSCOPE ARCHIVE again      until the layers are known that were verified before, and what is read for it
//   node page.mjs LAYERSCOPE ARCHIVE open PATH  until the first MiB of a file is there, after all layers are verified
//   node page.mjs LAYERSCOPE ARCHIVE scroll     the longest frame while all rows that are found are scrolled through
//
// Times are the page's own.
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { serve } from '../gateway.mjs';

/** The least milliseconds between two looks at the page, which take its time. */
const LOOK_MS = 10;
/** What the rows are searched for, a letter at a time, each of which leaves other rows; and how far a frame scrolls. */
const SOUGHT = '049999';
const FRAMES = 300;
const STEP_PX = 224;

const [layerscope, archive, goal, path] = process.argv.slice(2);

/** What workers do first: they tell how many bytes of files they read. */
const PRELUDE = `{
  const told = new BroadcastChannel('read');
  for (const name of ['arrayBuffer', 'stream']) {
    const read = Blob.prototype[name];
    // Of the archive slices are read, and what was kept as a whole file.
    Blob.prototype[name] = function () {
      told.postMessage([this instanceof File ? 'kept' : 'read', this.size]);
      return read.call(this);
    };
  }
}`;

const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css', wasm: 'application/wasm', svg: 'image/svg+xml' };

/** Serves the built page with workers that count. */
async function serveCounting() {
  const dist = new URL('../../../../dist/', import.meta.url);
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://x').pathname.slice(1) || 'index.html';
    const body = await readFile(new URL(path, dist)).catch(() => null);
    response.writeHead(body === null ? 404 : 200, { 'content-type': TYPES[path.split('.').pop()] ?? 'application/octet-stream' });
    response.end(/worker-[^/]*\.js$/.test(path) ? `${PRELUDE}\n${body}` : body);
  });
  await new Promise((go) => server.listen(0, '127.0.0.1', go));
  return { server, url: `http://127.0.0.1:${server.address().port}/` };
}

/** Reads an archive, comes back, and gives the seconds until all of it is known, and the parts of it that were read. */
async function again(page) {
  const { size } = await stat(archive);
  await page.addInitScript(() => {
    globalThis.bytes = { read: 0, kept: 0 };
    new BroadcastChannel('read').onmessage = ({ data: [what, size] }) => (globalThis.bytes[what] += size);
  });
  await page.reload();
  await opened(page, 'verified');
  await page.evaluate(() => globalThis.times.verified);
  const first = await page.evaluate(() => globalThis.bytes);
  if (first.read < size * 0.9) throw new Error(`${first.read} bytes were counted of an archive of ${size}`);
  // Layers are written after they are shown.
  await page.waitForFunction(async () => {
    const root = await navigator.storage.getDirectory();
    const files = [];
    for await (const file of (await root.getDirectoryHandle('layers')).values()) files.push(await file.getFile());
    return files.filter((file) => file.size > 0).length === document.querySelectorAll('li[data-layer][data-state]').length;
  });
  await page.goto(url);
  await opened(page, 'known');
  const seconds = await page.evaluate(() => globalThis.times.known);
  const { read, kept } = await page.evaluate(() => globalThis.bytes);
  console.log(`read ${read / size}`);
  console.log(`kept ${kept / size}`);
  return seconds;
}

/** Seconds until the tree has a row, and until all layers have come to a state. */
async function opened(page, state = 'verified') {
  await page.evaluate(([LOOK_MS, state]) => {
    let start = 0;
    document.addEventListener('change', () => (start = performance.now()), { capture: true, once: true });
    const seconds = () => (performance.now() - start) / 1000;
    const hasRow = () => document.querySelector('[role=treegrid] .body [role=row] .n') !== null;
    const isThrough = () => {
      const layers = [...document.querySelectorAll('li[data-layer][data-state]')];
      return layers.length > 0 && layers.every(({ dataset }) => dataset.state === state);
    };
    const when = (isThere) =>
      new Promise((resolve) => {
        const look = () => {
          if (start > 0 && isThere()) resolve(seconds());
          else setTimeout(look, LOOK_MS);
        };
        look();
      });
    globalThis.times = { tree: when(hasRow), [state]: when(() => hasRow() && isThrough()) };
  }, [LOOK_MS, state]);
  // As a person does: by the button, which opens the browser's dialog.
  const dialog = page.waitForEvent('filechooser');
  await page.locator('start-page .pickers button').first().click();
  await (await dialog).setFiles(archive);
}

/** The longest time from a key to other rows. */
async function searched(page) {
  const filter = page.locator('#filter');
  await filter.focus();
  let longest = 0;
  for (const key of SOUGHT) {
    await page.evaluate(() => {
      const body = document.querySelector('[role=treegrid] .body');
      let start = 0;
      document.addEventListener('keydown', () => (start = performance.now()), { capture: true, once: true });
      globalThis.answered = new Promise((resolve) => {
        const seen = new MutationObserver(() => {
          seen.disconnect();
          requestAnimationFrame(() => resolve((performance.now() - start) / 1000));
        });
        seen.observe(body, { subtree: true, childList: true, characterData: true, attributes: true });
      });
    });
    await page.keyboard.press(key);
    longest = Math.max(longest, await page.evaluate(() => globalThis.answered));
  }
  return longest;
}

/** The time until the page has the first MiB of a file, as it asks for it. */
async function contentOpened(page) {
  await page.evaluate(() => globalThis.times.verified);
  return page.evaluate(async (path) => {
    const { client, query, scope } = document.querySelector('layerscope-app').model;
    const { node } = await client.request('locate', { query, path });
    const start = performance.now();
    const { bytes } = await client.request('content', { scope, node, from: 0, length: 1 << 20 });
    if (bytes.byteLength !== 1 << 20) throw new Error(`${bytes.byteLength} bytes came of ${path}`);
    return (performance.now() - start) / 1000;
  }, path);
}

/** The longest frame of a scroll through what is found, in seconds. */
async function scrolled(page) {
  await searched(page);
  await page.getByRole('status').filter({ hasText: 'Searching' }).waitFor({ state: 'detached' });
  return page.evaluate(
    ([FRAMES, STEP_PX]) =>
      new Promise((resolve) => {
        const scroller = document.querySelector('[role=treegrid]').closest('.scroll');
        const frames = [];
        let last = 0;
        const step = (now) => {
          // The first frame only begins.
          if (last > 0) frames.push((now - last) / 1000);
          last = now;
          if (frames.length === FRAMES) resolve(Math.max(...frames));
          else {
            scroller.scrollTop += STEP_PX;
            requestAnimationFrame(step);
          }
        };
        requestAnimationFrame(step);
      }),
    [FRAMES, STEP_PX],
  );
}

const { gateway, server, url } = goal === 'again' ? await serveCounting() : await serve(layerscope);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(url);
  await page.locator('#pick-file').waitFor({ state: 'attached' });
  await page.evaluate(() => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  });
  if (goal !== 'again') await opened(page);
  const time = await page.evaluate((name) => globalThis.times?.[name], goal === 'tree' ? 'tree' : 'verified');
  const further = { again, search: searched, scroll: scrolled, open: contentOpened }[goal];
  const seconds = further === undefined ? time : await further(page);
  const longest = await page.evaluate(() => Math.max(0, ...(globalThis.tasks ?? [])));
  const memory = await page.evaluate(() => document.querySelector('layerscope-app').model.client.request('memory'));
  console.log(`seconds ${seconds}`);
  console.log(`longest task ${longest} ms`);
  console.log(`wasm ${memory.peak} bytes`);
} finally {
  await browser.close();
  gateway?.kill();
  server?.close();
}
