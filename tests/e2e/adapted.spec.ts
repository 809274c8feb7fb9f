/** The page as people set it up who see it otherwise: enlarged to 200 %, in colours of their own, without motion. */
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { TABS, type App } from './page/app.ts';
import { layoutFaults } from './page/layout.ts';
import { expect, test } from './page/test.ts';

const COMPARED = 'compare-platform=linux/arm64/v8&path=/etc/machine';

/** Every tab, with what is loaded for it. */
async function eachTab(app: App, origin: string, look: (name: string) => Promise<void>): Promise<void> {
  const { page } = app;
  await app.visit(`${origin}/?sample&${COMPARED}`);
  await app.seen(9);
  for (const tab of TABS) {
    await page.goto(`${origin}/?sample&tab=${tab.toLowerCase()}&${COMPARED}`);
    await expect(app.tab(tab)).toHaveAttribute('aria-selected', 'true');
    await expect(app.panel.locator('.card, .grid').first()).toBeVisible();
    await expect(app.panel.getByText('Reading…')).toHaveCount(0);
    if (tab === 'Compare') await expect(page.locator('compare-tree [role=row][aria-selected=true]')).toBeVisible();
    await look(tab);
  }
}

async function barriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}

test.describe('at 200 % of 1280 × 720', () => {
  // What is enlarged twice has half the pixels of the style sheet on each side.
  test.use({ viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 });

  test('nothing is cut, nothing lies over anything, and nothing is out of reach', async ({ gateway, app }) => {
    test.slow();
    const { page } = app;
    await app.visit(gateway.startPage);
    expect.soft(await layoutFaults(page), 'start').toEqual([]);
    await eachTab(app, gateway.origin, async (tab) => {
      expect.soft(await layoutFaults(page), tab).toEqual([]);
      expect.soft(await barriers(page), tab).toEqual([]);
      // The tab that is chosen is not under the shade at the end of the row.
      const [chosen, row] = await Promise.all([app.tab(tab).boundingBox(), page.getByRole('tablist', { name: 'Views' }).boundingBox()]);
      expect.soft((chosen?.x ?? 0) + (chosen?.width ?? 999), tab).toBeLessThanOrEqual((row?.x ?? 0) + (row?.width ?? 0) - 20);
      expect.soft(chosen?.x ?? -1, tab).toBeGreaterThanOrEqual(row?.x ?? 0);
      // The last line of a view can be scrolled to, above the status line.
      const status = await page.locator('.status').boundingBox();
      const last = app.panel.locator('.card, .grid').last();
      await last.evaluate((element) => element.scrollIntoView({ block: 'end' }));
      await expect(last).toBeInViewport();
      expect.soft(status?.height ?? 999, tab).toBeLessThan(60);
    });
  });

  test('menus and dialogs are within the window', async ({ gateway, app }) => {
    const { page } = app;
    await app.visit(`${gateway.origin}/?sample`);
    await app.seen(9);
    for (const id of ['facet', 'column']) {
      await page.locator(`#${id}-button`).click();
      const box = await page.locator(`#${id}-menu`).boundingBox();
      expect.soft(box?.y ?? -1, id).toBeGreaterThanOrEqual(0);
      expect.soft((box?.y ?? 0) + (box?.height ?? 999), id).toBeLessThanOrEqual(360);
      await page.keyboard.press('Escape');
    }
    for (const key of ['?', ':']) {
      await page.keyboard.press(key);
      const dialog = page.locator('dialog[open]');
      await expect(dialog).toBeVisible();
      const box = await dialog.boundingBox();
      expect.soft(box?.y ?? -1, key).toBeGreaterThanOrEqual(0);
      expect.soft((box?.y ?? 0) + (box?.height ?? 999), key).toBeLessThanOrEqual(360);
      expect.soft(await layoutFaults(page), key).toEqual([]);
      await page.keyboard.press('Escape');
    }
  });
});

test.describe('in colours that are forced', () => {
  test.use({ contextOptions: { forcedColors: 'active' } });

  test('where the focus is can be seen, all the way through each tab', async ({ gateway, app }) => {
    test.setTimeout(240_000);
    const { page } = app;
    let seen = 0;
    await eachTab(app, gateway.origin, async (tab) => {
      const unseen = new Set<string>();
      for (let step = 0; step < 45; step += 1) {
        await page.keyboard.press('Tab');
        const state = await ringless(page);
        if (state === null) break;
        seen += 1;
        if (state !== '') unseen.add(state);
      }
      expect.soft([...unseen], tab).toEqual([]);
    });
    expect(seen).toBeGreaterThan(150);
  });

  test('what is chosen can be told from what is not', async ({ gateway, app }) => {
    const { page } = app;
    expect(await page.evaluate(() => matchMedia('(forced-colors: active)').matches)).toBe(true);
    await app.visit(`${gateway.origin}/?sample&path=/apple.txt`);
    await app.seen(9);
    await expect(app.row('apple.txt')).toHaveAttribute('aria-selected', 'true');
    await told(app.row('apple.txt'), app.row('banana.txt'));
    await told(app.tab('Files'), app.tab('Raw'));
    await told(app.layer(8), app.layer(7));
    await told(page.getByRole('radio', { name: 'Whole image' }), page.getByRole('radio', { name: 'This layer' }));
    await told(page.getByRole('button', { name: 'Show deleted' }), page.getByRole('button', { name: 'Only what changed' }));
    await told(app.details.getByRole('tab', { name: 'Content' }), app.details.getByRole('tab', { name: 'Hex' }));
    await page.locator('#column-button').click();
    await told(page.locator('#column-menu').getByRole('button', { name: 'Mode' }), page.locator('#column-menu').getByRole('button', { name: 'Modified' }));
    await page.keyboard.press('Escape');
    await page.locator('#facet-button').click();
    await page.locator('#facet-menu').getByRole('button', { name: 'setuid' }).click();
    await told(page.locator('#facet-menu').getByRole('button', { name: 'setuid' }), page.locator('#facet-menu').getByRole('button', { name: 'may be executed' }));
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Platform linux/amd64' }).click();
    expect(await ringless(page)).toBe('');
    await told(page.getByRole('option', { name: 'linux/amd64' }), page.getByRole('option', { name: 'linux/arm64' }));
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    expect(await ringless(page)).toBe('');
    await told(page.getByRole('dialog').getByRole('option').first(), page.getByRole('dialog').getByRole('option').nth(1));
    await page.keyboard.press('Escape');
    await page.goto(`${gateway.origin}/?sample&tab=compare&${COMPARED}`);
    await told(page.locator('compare-tree [role=row][aria-selected=true]'), page.locator('compare-tree .body [role=row][aria-selected=false]'));
  });

  test('the areas of the treemap keep their colours', async ({ gateway, app }) => {
    await app.visit(`${gateway.origin}/?sample&tab=treemap`);
    const canvas = app.panel.locator('canvas');
    await expect(canvas).toHaveAttribute('data-areas', /^[1-9]/);
    const colours = (): Promise<number> =>
      canvas.evaluate((element) => {
        const { width, height } = element as HTMLCanvasElement;
        const copy = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d', { willReadFrequently: true });
        copy?.drawImage(element as HTMLCanvasElement, 0, 0);
        const data = copy?.getImageData(0, 0, width, height).data ?? [];
        const seen = new Map<string, number>();
        for (let at = 0; at < data.length; at += 4 * 97) {
          const colour = data.slice(at, at + 3).join();
          seen.set(colour, (seen.get(colour) ?? 0) + 1);
        }
        return [...seen.values()].filter((count) => count > 40).length;
      });
    // The ground, and what lies on it.
    await expect.poll(colours).toBeGreaterThan(1);
  });

  test('no tab has a barrier', async ({ gateway, app }) => {
    test.slow();
    await eachTab(app, gateway.origin, async (tab) => {
      expect.soft(await barriers(app.page), tab).toEqual([]);
      expect.soft(await layoutFaults(app.page), tab).toEqual([]);
    });
  });
});

/** What has the focus and no ring around it; null when nothing has the focus. */
function ringless(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    const focus = document.activeElement;
    if (focus === null || focus === document.body) return null;
    const isRinged = ({ outlineStyle, outlineWidth }: CSSStyleDeclaration): boolean => outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
    // A card is ringed by its button; a list by its active option.
    const active = document.getElementById(focus.getAttribute('aria-activedescendant') ?? '');
    if (isRinged(getComputedStyle(focus, '::after')) || (active !== null && isRinged(getComputedStyle(active)))) return '';
    // And a field around its input.
    for (let element: Element | null = focus; element !== null; element = element.parentElement) {
      if (isRinged(getComputedStyle(element))) return '';
      if (!element.matches('input, .in, label, .field, .ref, form')) break;
    }
    return `${focus.tagName.toLowerCase()}.${focus.className} “${(focus.textContent ?? '').trim().slice(0, 30)}”`;
  });
}

/** What is left of how an element looks when colours are forced. The weight of its letters is too little. */
async function told(chosen: Locator, other: Locator): Promise<void> {
  const look = (locator: Locator): Promise<string> =>
    locator.first().evaluate((element) => {
      // What has the colour of what is below it cannot be seen.
      const ground = (at: Element | null): string => {
        for (let below = at; below !== null; below = below.parentElement) {
          const { backgroundColor } = getComputedStyle(below);
          if (!/, 0\)$/.test(backgroundColor)) return backgroundColor;
        }
        return '';
      };
      const lines = (style: CSSStyleDeclaration): string => [style.outlineStyle, style.borderTopStyle, style.borderBottomStyle, style.borderInlineStartStyle].map((line, index) => (line === 'none' ? '' : `${index} ${line} ${style.outlineWidth} ${style.borderTopWidth}`)).join();
      const before = (name: string): string => {
        const style = getComputedStyle(element, name);
        return style.content === 'none' || style.backgroundColor === ground(element) || /, 0\)$/.test(style.backgroundColor) ? '' : `${name} ${style.backgroundColor}`;
      };
      const marks = [...element.querySelectorAll('svg')].filter((mark) => mark.checkVisibility({ visibilityProperty: true })).length;
      return JSON.stringify([ground(element), lines(getComputedStyle(element)), before('::before'), before('::after'), marks]);
    });
  await expect(chosen.first()).toBeVisible();
  // What moves to its new state has got there.
  await expect.poll(async () => (await look(chosen)) !== (await look(other)), { message: `${chosen} looks as ${other} does` }).toBe(true);
}

for (const reducedMotion of ['reduce', 'no-preference'] as const) {
  test(`motion: ${reducedMotion}`, async ({ gateway, app }) => {
    const { page } = app;
    await page.emulateMedia({ reducedMotion });
    const moving = (): Promise<string[]> =>
      page.evaluate(() =>
        [...document.querySelectorAll('*')].flatMap((element) => {
          const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
          const moves = transitionDuration.split(', ').some((time) => parseFloat(time) > 0) || animationName !== 'none' || scrollBehavior === 'smooth';
          return moves ? [`${element.tagName.toLowerCase()}.${element.className} ${transitionDuration} ${animationName}`] : [];
        }),
      );
    const all: string[] = [];
    await eachTab(app, gateway.origin, async () => void all.push(...(await moving())));
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox')).toBeFocused();
    all.push(...(await moving()));
    // What would move else does: the test can tell.
    all.push(...(await page.evaluate(() => {
      const probe = document.createElement('i');
      probe.className = 'run';
      document.querySelector('.app')?.append(probe);
      const { animationName } = getComputedStyle(probe);
      probe.remove();
      return animationName === 'none' ? [] : [animationName];
    })));
    if (reducedMotion === 'reduce') expect([...new Set(all)]).toEqual([]);
    else expect(all.length).toBeGreaterThan(0);
  });
}
