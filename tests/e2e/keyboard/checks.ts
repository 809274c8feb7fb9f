/** What each row of `docs/keyboard.md` does: a check presses its keys, once it knows how things are before. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { fixture } from '../machine/root.ts';
import type { App, Tab } from '../page/app.ts';
import { expect } from '../page/test.ts';

interface Around {
  readonly app: App;
  readonly page: Page;
  /** Presses the keys of the row. */
  press(): Promise<void>;
}
type Check = (around: Around) => Promise<void>;

/** Where a table begins: the page before the first key of each of its rows. */
export const PLACES: Readonly<Record<string, (app: App, origin: string) => Promise<void>>> = {
  'On the start page': (app, origin) => app.visit(`${origin}/`),
  'With an image': async (app, origin) => {
    await app.visit(`${origin}/?sample`);
    await app.seen(9);
  },
  'In the tree': async (app, origin) => {
    await app.visit(`${origin}/?sample`);
    await app.seen(9);
    await app.page.keyboard.press('Tab');
    await app.page.keyboard.press('Enter');
    await expect(app.row('apple.txt')).toBeFocused();
  },
  'Where two images are compared': async (app, origin) => {
    await app.visit(`${origin}/?sample&tab=compare&compare-platform=linux/arm64/v8`);
    await expect(app.page.locator('compare-tree .n', { hasText: 'machine' })).toBeVisible();
  },
  'With findings': (app, origin) => file(app, origin, 'kinds.tar', 1),
  'With a layer that does not match': (app, origin) => file(app, origin, 'mismatched-layer.tar', 2),
  'In the treemap': async (app, origin) => {
    await app.visit(`${origin}/?sample&tab=treemap`);
    await expect(app.panel.locator('canvas')).toHaveAttribute('data-areas', /^[1-9]/);
  },
};

async function file(app: App, origin: string, name: string, layers: number): Promise<void> {
  await app.visit(`${origin}/`);
  await app.choose(fixture(name));
  await app.settled(layers);
}

// ---- what is looked at ---------------------------------------------------------------------------

const focused = ({ page }: Around) => page.locator(':focus');
const rows = ({ app }: Around): Promise<number> => app.grid.getAttribute('aria-rowcount').then(Number);
const clipboard = ({ page }: Around): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
const palette = ({ page }: Around) => page.getByRole('dialog', { name: 'Commands' });
const compareRow = ({ page }: Around) => page.locator('compare-tree .body [role=row]').filter({ hasText: 'machine' });

const tab = (name: Tab): Check => async ({ app, press }) => {
  await press();
  await expect(app.tab(name)).toHaveAttribute('aria-selected', 'true');
  await expect(app.panel).toBeVisible();
};
const address = (pattern: RegExp): Check => async ({ page, press }) => {
  expect(page.url()).not.toMatch(pattern);
  await press();
  await expect(page).toHaveURL(pattern);
};
const focus = (text: string | RegExp): Check => async (around) => {
  await around.press();
  await expect(focused(around)).toContainText(text);
};
const copied = (pattern: RegExp): Check => async (around) => {
  await around.page.evaluate(() => navigator.clipboard.writeText('nothing'));
  await around.press();
  await expect.poll(() => clipboard(around)).toMatch(pattern);
};
/** Rows that are there in all, in words of those before. */
const count = (fits: (after: number, before: number) => boolean): Check => async (around) => {
  const before = await rows(around);
  await around.press();
  await expect.poll(async () => fits(await rows(around), before)).toBe(true);
};
const saved = (name: RegExp, content: RegExp): Check => async ({ page, press }) => {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  expect(download.suggestedFilename()).toMatch(name);
  expect(await readFile(await download.path(), 'utf8')).toMatch(content);
};
async function openUsr(around: Around): Promise<void> {
  await around.page.keyboard.press('u');
  await expect(focused(around)).toContainText('usr');
  await around.page.keyboard.press('ArrowRight');
  await expect(focused(around)).toHaveAttribute('aria-expanded', 'true');
}
const DIGEST = /^sha256:[0-9a-f]{64}$/;

// ---- one for each row ----------------------------------------------------------------------------

export const CHECKS: Readonly<Record<string, Check>> = {
  'Open the sample': async ({ app, page, press }) => {
    await press();
    await expect(page).toHaveURL(/\?sample/);
    await app.seen(9);
  },
  'Go to the field for an image': async ({ page, press }) => {
    await press();
    await expect(page.getByLabel('Image reference')).toBeFocused();
  },
  'See the help': async ({ page, press }) => {
    await press();
    await expect(page.getByRole('dialog', { name: 'Help' })).toBeVisible();
  },
  'Leave the help': async ({ page, press }) => {
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Help' })).toBeVisible();
    await press();
    await expect(page.getByRole('dialog')).toHaveCount(0);
  },
  'Change between light and dark': async ({ page, press }) => {
    await expect(page.locator('html')).not.toHaveAttribute('data-theme');
    await press();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  },
  'Change the language': async ({ page, press }) => {
    await press();
    await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  },
  'Go to Overview': tab('Overview'),
  'Go to Files': tab('Files'),
  'Go to History': tab('History'),
  'Go to Config': tab('Config'),
  'Go to Platforms': tab('Platforms'),
  'Go to Attestations': tab('Attestations'),
  'Go to Treemap': tab('Treemap'),
  'Go to Waste': tab('Waste'),
  'Go to Findings': tab('Findings'),
  'Go to Compare': tab('Compare'),
  'Go to Raw': tab('Raw'),
  'Go to Mount': tab('Mount'),
  'Open the palette': async (around) => {
    await around.press();
    await expect(palette(around).getByRole('combobox')).toBeFocused();
  },
  'Open the palette by one key': async (around) => {
    await around.press();
    await expect(palette(around).getByRole('combobox')).toBeFocused();
  },
  'Leave the palette': async (around) => {
    await around.page.keyboard.press(':');
    await expect(palette(around)).toBeVisible();
    await around.press();
    await expect(palette(around)).toHaveCount(0);
  },
  'Filter files': async ({ app, press }) => {
    await press();
    await expect.poll(() => app.names()).toEqual(['banana.txt']);
  },
  'Take the filter away': async ({ app, page, press }) => {
    await page.keyboard.press('/');
    await page.keyboard.type('banana');
    await expect.poll(() => app.names()).toEqual(['banana.txt']);
    await press();
    await expect(app.row('apple.txt')).toBeVisible();
    await expect(app.filter).toHaveValue('');
    expect(page.url()).not.toContain('filter=');
  },
  'Find files by name from anywhere': async ({ app, press }) => {
    await press();
    await expect(app.tab('Files')).toHaveAttribute('aria-selected', 'true');
    await expect.poll(() => app.names()).toEqual(['banana.txt']);
  },
  'Look at one layer, up to a layer, the whole image': address(/scope=layer/),
  'Look at all up to a layer': address(/scope=up-to/),
  'Go to the older layer': async ({ app, press }) => {
    await press();
    await expect(app.layer(7)).toHaveAttribute('aria-current', 'true');
  },
  'Go to the newer layer': async ({ app, page, press }) => {
    await page.keyboard.press(']');
    await expect(app.layer(7)).toHaveAttribute('aria-current', 'true');
    await press();
    await expect(app.layer(8)).toHaveAttribute('aria-current', 'true');
  },
  'Go to a layer by its number': async ({ app, press }) => {
    await press();
    await expect(app.layer(3)).toHaveAttribute('aria-current', 'true');
  },
  'Read a layer again': async ({ app, page, press }) => {
    await app.kept(9);
    await page.reload();
    await app.known(9);
    await press();
    await expect.poll(() => app.states()).toEqual([...Array(8).fill('known'), 'verified']);
  },
  'Verify what is known from before': async ({ app, page, press }) => {
    await app.kept(9);
    await page.reload();
    await app.known(9);
    await press();
    await app.verified(9);
  },
  'Open all directories': count((after, before) => after > before),
  'Close all directories': async (around) => {
    const closed = await rows(around);
    await around.page.keyboard.press('x');
    await around.page.keyboard.press('a');
    await expect.poll(() => rows(around)).toBeGreaterThan(closed);
    await around.press();
    await expect.poll(() => rows(around)).toBe(closed);
  },
  'Open directories to depth 1': async ({ app, press }) => {
    await press();
    await expect(app.row('share')).toHaveAttribute('aria-level', '2');
    await expect(app.row('share')).toHaveAttribute('aria-expanded', 'false');
  },
  'Open directories to depth 2': async ({ app, press }) => {
    await press();
    await expect(app.row('share')).toHaveAttribute('aria-expanded', 'true');
    await expect(app.row('doc')).toHaveAttribute('aria-expanded', 'false');
  },
  'Open directories to depth 3': async ({ app, press }) => {
    await press();
    await expect(app.row('doc')).toHaveAttribute('aria-expanded', 'true');
  },
  'Sort files by size': address(/sort=size/),
  'Sort files by name': async ({ app, page, press }) => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('sort size');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/sort=size/);
    await press();
    await expect(app.grid.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending');
    expect(page.url()).not.toContain('sort=');
  },
  'Show only what changed': address(/changed=only/),
  'Hide what was deleted': address(/deleted=hide/),
  'Show a column': async ({ app, press }) => {
    await expect(app.grid.getByRole('columnheader', { name: 'Modified' })).toBeHidden();
    await press();
    await expect(app.grid.getByRole('columnheader', { name: 'Modified' })).toBeVisible();
  },
  'Hide a column': async ({ app, press }) => {
    await expect(app.grid.getByRole('columnheader', { name: 'Mode' })).toBeVisible();
    await press();
    await expect(app.grid.getByRole('columnheader', { name: 'Mode' })).toBeHidden();
  },
  'Copy a link to what is shown': copied(/^http:\/\/127\.0\.0\.1:\d+\/\?sample$/),
  'Copy the digest of the layer': copied(DIGEST),
  'Copy the digest of the image': copied(DIGEST),
  'Copy the diff_id of the layer': copied(DIGEST),
  'Save the list of files': saved(/\.csv$/, /apple\.txt/),
  'Save the whole report': saved(/\.json$/, /"layers"/),
  'Look at another platform': async ({ page, press }) => {
    await press();
    await expect(page.getByRole('button', { name: 'Platform linux/arm64/v8' })).toBeVisible();
  },
  'Open another image': async ({ page, press }) => {
    await press();
    await expect(page.locator('#open-sample')).toBeVisible();
  },
  'Skip to the files': async ({ app, press }) => {
    await press();
    await expect(app.row('apple.txt')).toBeFocused();
  },
  'Go to the next row': focus('banana.txt'),
  'Go to the row before': async (around) => {
    await around.page.keyboard.press('ArrowDown');
    await expect(focused(around)).toContainText('banana.txt');
    await focus('apple.txt')(around);
  },
  'Go to the last row': focus('果物'),
  'Go to the first row': async (around) => {
    await around.page.keyboard.press('End');
    await expect(focused(around)).toContainText('果物');
    await focus('apple.txt')(around);
  },
  'Go down a page': async (around) => {
    await around.press();
    await expect(focused(around)).toHaveAttribute('role', 'row');
    await expect(focused(around)).not.toContainText('apple.txt');
  },
  'Jump to a name': focus('banana.txt'),
  'Open a directory': async (around) => {
    await around.press();
    await expect(focused(around)).toContainText('usr');
    await expect(focused(around)).toHaveAttribute('aria-expanded', 'true');
  },
  'Close a directory that is open': async (around) => {
    const before = await rows(around);
    await openUsr(around);
    await around.press();
    await expect(focused(around)).toContainText('usr');
    await expect(focused(around)).toHaveAttribute('aria-expanded', 'false');
    await expect.poll(() => rows(around)).toBe(before);
  },
  'Go into a directory that is open': async (around) => {
    await openUsr(around);
    await focus('bin')(around);
  },
  'Go to the directory around': async (around) => {
    await openUsr(around);
    await around.page.keyboard.press('ArrowDown');
    await expect(focused(around)).toContainText('bin');
    await focus('usr')(around);
  },
  'Go to the details': async ({ app, press }) => {
    await press();
    await expect(app.details.locator(':focus')).toHaveAttribute('role', 'tab');
  },
  'See the bytes in hex, in the details': async ({ app, page, press }) => {
    await page.keyboard.press('Enter');
    await expect(app.details.getByLabel('Text')).toContainText('Two a day.');
    await press();
    await expect(app.details.getByLabel('Bytes in hex')).toBeVisible();
  },
  'Copy the path': async (around) => {
    await around.page.keyboard.press('ArrowDown');
    await expect(around.page).toHaveURL(/path=\/banana\.txt/);
    await copied(/^\/banana\.txt$/)(around);
  },
  'Go to the next difference': async (around) => {
    await around.press();
    await expect(compareRow(around)).toBeFocused();
  },
  'Go to the difference before': async (around) => {
    await around.press();
    await expect(compareRow(around)).toBeFocused();
  },
  'Swap A and B': async (around) => {
    await expect(compareRow(around)).toContainText('+1 B');
    await around.press();
    await expect(compareRow(around)).toContainText('−1 B');
  },
  'Filter what differs': async (around) => {
    await around.press();
    await expect(compareRow(around)).toHaveCount(0);
    await expect(around.app.panel).toContainText('No difference is shown');
  },
  'Go to the next finding': async ({ page, press }) => {
    const before = page.url();
    await press();
    await expect(page).not.toHaveURL(before);
  },
  'Go to what does not match': async ({ app, press }) => {
    await press();
    await expect(app.tab('Files')).toHaveAttribute('aria-selected', 'true');
    await expect(app.details.locator('[data-error]')).toBeVisible();
  },
  'Go to the map': async ({ app, press }) => {
    await press();
    await expect(app.panel.locator('canvas')).toBeFocused();
  },
  'Point at the first area': async ({ app, press }) => {
    await expect(app.panel.locator('.map-said')).not.toContainText('%');
    await press();
    await expect(app.panel.locator('.map-said')).toContainText('%');
  },
  'Go into an area': address(/path=\/./),
  'See the figures as a table': async ({ app, press }) => {
    await press();
    await expect(app.panel.locator('.map-table')).toBeVisible();
  },
};
