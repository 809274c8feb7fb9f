// Takes the pictures of the guide from the page itself: `cargo xtask pictures`.
//
//   node pictures.mjs LAYERSCOPE ARCHIVE    writes docs/guide/pictures/LANGUAGE/NAME.png
//
// ARCHIVE is the other image of the comparison.
import { mkdir, readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { serve } from '../gateway.mjs';

const SIZE = { width: 1280, height: 800 };
const [layerscope, archive] = process.argv.slice(2);
const LANGUAGES = ['en', 'ja'];

const { gateway, url } = await serve(layerscope);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  for (const language of LANGUAGES) {
    const words = JSON.parse(await readFile(new URL(`../../../../web/messages/${language}.json`, import.meta.url), 'utf8'));
    const directory = new URL(`../../../../docs/guide/pictures/${language}/`, import.meta.url);
    await mkdir(directory, { recursive: true });
    const page = await browser.newPage({ viewport: SIZE, colorScheme: 'light', locale: language, reducedMotion: 'reduce' });
    const shoot = (name) => page.screenshot({ path: new URL(`${name}.png`, directory).pathname, animations: 'disabled' });
    const settled = () =>
      page.waitForFunction(() => {
        const layers = document.querySelector('layerscope-app')?.model?.image?.layers ?? [];
        return layers.length > 0 && layers.every(({ state }) => state !== 'pending' && state !== 'verifying') && document.querySelector('.skeleton, .stop-row') === null;
      });
    /** A view of the sample, by its address. */
    const look = async (query) => {
      const address = new URL(url);
      address.search = `?sample&lang=${language}${query}`;
      await page.goto('about:blank');
      await page.goto(address.href);
      await settled();
      // What is drawn when it is seen first.
      await page.waitForTimeout(600);
    };
    const start = new URL(url);
    start.search = `?lang=${language}`;
    await page.goto(start.href);
    await page.getByRole('button', { name: words['sample.open'] }).waitFor();
    await shoot('start');
    await look('&scope=up-to&layer=3&path=/apple.txt');
    await shoot('files');
    for (const tab of ['overview', 'treemap', 'waste', 'platforms', 'attestations', 'mount', 'raw']) {
      await look(`&tab=${tab}`);
      await shoot(tab);
    }
    await look('&tab=compare');
    await page.locator('#other-file').setInputFiles(archive);
    await page.locator('compare-tree [role=row]').nth(2).waitFor();
    await page.waitForTimeout(600);
    await shoot('compare');
    await look('');
    await page.keyboard.press('Control+K');
    await page.keyboard.type(words['tab.treemap']);
    await page.waitForTimeout(300);
    await shoot('palette');
    await page.close();
  }
} finally {
  await browser.close();
  gateway.kill();
}
