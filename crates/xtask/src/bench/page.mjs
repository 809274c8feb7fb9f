// Opens an archive in the built page, in a browser without a window, and tells how long that took.
//
//   node page.mjs LAYERSCOPE ARCHIVE verified|tree
//
// Times are the page's own, from the choice of the file on: to the first row of a tree, or to the last verified layer.
import { spawn } from 'node:child_process';
import { chromium } from 'playwright-core';

/** The least milliseconds between two looks at the page, which take its time. */
const LOOK_MS = 10;

const [layerscope, archive, until] = process.argv.slice(2);

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

const { gateway, url } = await serve();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(url);
  const input = page.locator('#pick-file');
  await input.waitFor({ state: 'attached' });
  await page.evaluate(([until, LOOK_MS]) => {
    const tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
    let start = 0;
    document.addEventListener('change', () => (start = performance.now()), { capture: true, once: true });
    const isThere = () => {
      if (document.querySelector('[role=treegrid] .body [role=row] .n') === null) return false;
      const layers = [...document.querySelectorAll('li[data-layer][data-state]')];
      return until === 'tree' || (layers.length > 0 && layers.every(({ dataset }) => dataset.state === 'verified'));
    };
    globalThis.seen = new Promise((resolve) => {
      const look = () => {
        if (start > 0 && isThere()) resolve({ seconds: (performance.now() - start) / 1000, longest: Math.max(0, ...tasks) });
        else setTimeout(look, LOOK_MS);
      };
      look();
    });
  }, [until, LOOK_MS]);
  // As a person does: by the button, which opens the browser's dialog.
  const dialog = page.waitForEvent('filechooser');
  await page.locator('start-page .pickers button').first().click();
  await (await dialog).setFiles(archive);
  const { seconds, longest } = await page.evaluate(() => globalThis.seen);
  const memory = await page.evaluate(() => document.querySelector('layerscope-app').model.client.request('memory'));
  console.log(`seconds ${seconds}`);
  console.log(`longest task ${longest} ms`);
  console.log(`wasm ${memory.peak} bytes`);
} finally {
  await browser.close();
  gateway.kill();
}
