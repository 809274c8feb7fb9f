import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './page/test.ts';
import { DIST, fixture } from './machine/root.ts';
import { StaticServer } from './machine/static-server.ts';

/** A documentation site as files: a chapter, the page beside it, an image as an OCI layout below the page, and one elsewhere. */
async function documentation(act: (site: StaticServer) => Promise<void>): Promise<void> {
  const docs = await mkdtemp(join(tmpdir(), 'layerscope-docs-'));
  await writeFile(join(docs, 'chapter.html'), '<!doctype html><html lang="en"><title>Chapter</title><h1>The image</h1><iframe title="The image" width="1200" height="700" src="viewer/?layout=images/nuts&tab=files&path=/apple.txt"></iframe>');
  const layout = fixture('oci-layout');
  const site = await StaticServer.start({ '/docs/viewer/images/nuts/': layout, '/images/nuts/': layout, '/docs/viewer/': DIST, '/docs/': docs });
  try {
    await act(site);
  } finally {
    await site.end();
    await rm(docs, { recursive: true });
  }
}

test('an image beside the page is opened by a link, wherever the files are served', async ({ app }) => {
  const { page } = app;
  await documentation(async (site) => {
    for (const layout of ['images/nuts', 'images/nuts/', '../../images/nuts/', '/images/nuts/', `${site.origin}/images/nuts/`]) {
      await page.goto('about:blank');
      await page.goto(`${site.origin}/docs/viewer/?layout=${encodeURIComponent(layout)}&tab=files`);
      await app.seen(9);
      await expect(app.row('apple.txt')).toBeVisible();
      // The link stays as it was written.
      expect(new URL(page.url()).searchParams.get('layout')).toBe(layout);
    }
    // A file opens, too: the server knows no ranges.
    await app.row('apple.txt').click();
    await expect(app.details.getByLabel('Text')).toContainText('Two a day.');
    expect(site.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
  });
});

test('a chapter shows an image within it', async ({ page, watch }) => {
  // The chapter has no icon, which its browser asks for all the same.
  watch.allow(/404/);
  await documentation(async (site) => {
    await page.goto(`${site.origin}/docs/chapter.html`);
    const frame = page.frameLocator('iframe');
    await expect(frame.getByRole('treegrid')).toBeVisible();
    await expect(frame.getByRole('row', { name: /^apple\.txt/ })).toHaveAttribute('aria-selected', 'true');
    await expect(frame.getByLabel('Text')).toContainText('Two a day.');
    await expect(frame.locator('layer-stack [data-state=verified]').first()).toBeVisible();
  });
});

test('what is no layout is told, and a link to another host is not followed unasked', async ({ app, watch }) => {
  const { page } = app;
  watch.allow(/404/);
  await documentation(async (site) => {
    await page.goto(`${site.origin}/docs/viewer/?layout=images/pears/`);
    await expect(page.locator('[data-error]')).toBeVisible();
    const other = await StaticServer.start({ '/': fixture('oci-layout') });
    await page.goto('about:blank');
    await page.goto(`${site.origin}/docs/viewer/?layout=${encodeURIComponent(`${other.origin}/`)}`);
    await expect(page.getByText('No request was sent yet.')).toBeVisible();
    for (const layout of [`//${new URL(other.origin).host}/`, `/\\${new URL(other.origin).host}/`]) {
      await page.goto('about:blank');
      await page.goto(`${site.origin}/docs/viewer/?layout=${encodeURIComponent(layout)}`);
      await expect(page.getByRole('button', { name: 'Open this sample' })).toBeVisible();
    }
    expect(other.requests).toEqual([]);
    await other.end();
  });
});
