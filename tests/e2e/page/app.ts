/** The page as a person meets it: what is opened, the layer stack, the tree, the details. */
import { expect, type Locator, type Page } from '@playwright/test';

export const TABS = ['Overview', 'Files', 'History', 'Config', 'Platforms', 'Attestations', 'Treemap', 'Waste', 'Findings', 'Compare', 'Raw', 'Mount'] as const;
export type Tab = (typeof TABS)[number];
export type Scope = 'This layer' | 'Up to here' | 'Whole image';

export class App {
  constructor(readonly page: Page) {}

  // ---- opening ---------------------------------------------------------------------------------

  async visit(url: string): Promise<void> {
    await this.page.goto(url);
    await expect(this.page.getByRole('banner')).toBeVisible();
  }

  /** Gives a file, or a directory with an OCI layout, to the picker. */
  async choose(path: string, kind: 'file' | 'folder' = 'file'): Promise<void> {
    await this.page.getByLabel(`Choose ${kind}`).and(this.page.locator('input')).setInputFiles(path);
  }

  /** Drops files or a directory of the machine onto the page, as a file manager does. */
  async drop(...paths: string[]): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    const { width = 0, height = 0 } = this.page.viewportSize() ?? {};
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
    }
    await session.detach();
  }

  /** Opens what is typed into the one field. */
  async open(reference: string): Promise<void> {
    const field = this.page.getByLabel('Image reference');
    await field.fill(reference);
    await field.press('Enter');
  }

  /** Waits until nothing more will happen to any layer by itself. */
  async settled(layers: number): Promise<void> {
    await expect.poll(async () => (await this.states()).filter((state) => state !== 'pending' && state !== 'verifying').length).toBe(layers);
  }

  async verified(layers: number): Promise<void> {
    await expect.poll(() => this.states()).toEqual(Array(layers).fill('verified'));
    // Rows move as long as layers arrive.
    await expect(this.page.locator('.stop-row')).toHaveCount(0);
  }

  /** The same where some may be known from before. */
  async seen(layers: number): Promise<void> {
    await expect.poll(async () => (await this.states()).map((state) => (state === 'known' ? 'verified' : state))).toEqual(Array(layers).fill('verified'));
    await expect(this.page.locator('.stop-row')).toHaveCount(0);
  }

  /** Waits until all layers are known from before. */
  async known(layers: number): Promise<void> {
    await expect.poll(() => this.states()).toEqual(Array(layers).fill('known'));
  }

  /** Waits until so many layers are kept in the browser: they are written after they are shown. */
  async kept(layers: number): Promise<void> {
    const count = (): Promise<number> =>
      this.page.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        const directory = await root.getDirectoryHandle('layers', { create: true });
        let files = 0;
        for await (const file of (directory as unknown as { values(): AsyncIterable<FileSystemFileHandle> }).values()) {
          if ((await file.getFile()).size > 0) files += 1;
        }
        return files;
      });
    await expect.poll(count).toBe(layers);
  }

  // ---- layers ----------------------------------------------------------------------------------

  /** The newest first. */
  get layers(): Locator {
    return this.page.locator('li[data-digest][data-state]');
  }

  /** By its number: from 0, the oldest. */
  layer(number: number): Locator {
    return this.page.locator(`li[data-layer="${number}"][data-state]`);
  }

  /** States of all layers, the oldest first. */
  async states(): Promise<(string | null)[]> {
    return (await this.layers.evaluateAll((layers) => layers.map((layer) => layer.getAttribute('data-state')))).reverse();
  }

  async selectLayer(number: number): Promise<void> {
    await this.layer(number).getByRole('button', { name: `Layer ${number}:` }).click();
  }

  // ---- views -----------------------------------------------------------------------------------

  tab(tab: Tab): Locator {
    return this.page.getByRole('tablist', { name: 'Views' }).getByRole('tab', { name: tab });
  }

  async show(tab: Tab): Promise<void> {
    await this.tab(tab).click();
    await expect(this.tab(tab)).toHaveAttribute('aria-selected', 'true');
  }

  get panel(): Locator {
    return this.page.locator('#panel');
  }

  async choosePlatform(from: string, to: string): Promise<void> {
    await this.page.getByRole('button', { name: `Platform ${from}` }).click();
    await this.page.getByRole('option', { name: to }).click();
    await expect(this.page.getByRole('button', { name: `Platform ${to}` })).toBeVisible();
  }

  // ---- files -----------------------------------------------------------------------------------

  get grid(): Locator {
    return this.page.getByRole('treegrid');
  }

  /** All rows of files that are drawn. */
  get rows(): Locator {
    return this.grid.locator('.body').getByRole('row');
  }

  /** A row by its exact name; of several the first. */
  row(name: string): Locator {
    return this.rows.filter({ has: this.page.locator('.n', { hasText: new RegExp(`^${escaped(name)}$`) }) }).first();
  }

  /** What a row says of its change. */
  change(name: string): Locator {
    return this.row(name).getByRole('gridcell').first();
  }

  /** Names of the rows that are drawn, from the top. */
  async names(): Promise<string[]> {
    const rows = await this.rows.evaluateAll((rows) =>
      rows.map((row) => ({ index: Number(row.getAttribute('aria-rowindex')), name: row.querySelector('.n')?.textContent?.trim() ?? '' })),
    );
    return rows.sort((a, b) => a.index - b.index).map(({ name }) => name);
  }

  async look(scope: Scope): Promise<void> {
    await this.page.getByRole('radio', { name: scope }).click();
  }

  /** Opens a path directory by directory. */
  async walk(...names: string[]): Promise<void> {
    for (const name of names) {
      const row = this.row(name);
      // A row may still be that of the tree before, which is about to go.
      await expect(async () => {
        const expanded = await row.getAttribute('aria-expanded');
        if (expanded !== 'true') await row.click();
        if (expanded !== null) await expect(row).toHaveAttribute('aria-expanded', 'true', { timeout: 3000 });
      }).toPass({ timeout: 20_000 });
    }
  }

  get filter(): Locator {
    return this.page.getByLabel('Filter paths');
  }

  get details(): Locator {
    return this.page.getByRole('complementary', { name: 'Details' });
  }

  async subtab(name: 'Content' | 'Hex' | 'Image' | 'Attributes'): Promise<void> {
    await this.details.getByRole('tab', { name }).click();
  }
}

/** Text as a regular expression that matches it. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
