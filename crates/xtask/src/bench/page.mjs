// Opens an archive in the built page, in a browser without a window, and tells how long something took.
//
//   node page.mjs LAYERSCOPE ARCHIVE tree       until the first row of a tree, from the choice of the file on
//   node page.mjs LAYERSCOPE ARCHIVE verified   until the last layer is verified and there are rows
//   node page.mjs LAYERSCOPE ARCHIVE search     until the rows are other ones, from a key in the filter on
//   node page.mjs LAYERSCOPE ARCHIVE scroll     the longest frame while all rows that are found are scrolled through
//
// Times are the page's own.
import { spawn } from 'node:child_process';
import { chromium } from 'playwright-core';

/** The least milliseconds between two looks at the page, which take its time. */
const LOOK_MS = 10;
/** What the rows are searched for, a letter at a time; and how far a frame scrolls. */
const SOUGHT = 'book-0';
const FRAMES = 300;
const STEP_PX = 224;

const [layerscope, archive, goal] = process.argv.slice(2);

/** Starts the gateway, and gives the address of the page with nothing open. */
async function serve() {
  const gateway = spawn(layerscope, ['serve', '--no-open'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const bytes of gateway.stdout) {
    said += bytes;
    const url = /^http:\S+(?=\n)/m.exec(said)?.[0];
    if (url !== undefined) return { gateway, url: url.replace(/&open=\w+/, '') };
  }
  throw new Error(`layerscope serve printed no address: ${said}`);
}

/** Seconds until the tree has a row, and until all layers are verified. */
async function opened(page) {
  await page.evaluate((LOOK_MS) => {
    let start = 0;
    document.addEventListener('change', () => (start = performance.now()), { capture: true, once: true });
    const seconds = () => (performance.now() - start) / 1000;
    const hasRow = () => document.querySelector('[role=treegrid] .body [role=row] .n') !== null;
    const isVerified = () => {
      const layers = [...document.querySelectorAll('li[data-layer][data-state]')];
      return layers.length > 0 && layers.every(({ dataset }) => dataset.state === 'verified');
    };
    const when = (isThere) =>
      new Promise((resolve) => {
        const look = () => {
          if (start > 0 && isThere()) resolve(seconds());
          else setTimeout(look, LOOK_MS);
        };
        look();
      });
    globalThis.times = { tree: when(hasRow), verified: when(() => hasRow() && isVerified()) };
  }, LOOK_MS);
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

const { gateway, url } = await serve();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(url);
  await page.locator('#pick-file').waitFor({ state: 'attached' });
  await page.evaluate(() => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  });
  await opened(page);
  const time = await page.evaluate((name) => globalThis.times[name], goal === 'tree' ? 'tree' : 'verified');
  const seconds = goal === 'search' ? await searched(page) : goal === 'scroll' ? await scrolled(page) : time;
  const longest = await page.evaluate(() => Math.max(0, ...globalThis.tasks));
  const memory = await page.evaluate(() => document.querySelector('layerscope-app').model.client.request('memory'));
  console.log(`seconds ${seconds}`);
  console.log(`longest task ${longest} ms`);
  console.log(`wasm ${memory.peak} bytes`);
} finally {
  await browser.close();
  gateway.kill();
}
