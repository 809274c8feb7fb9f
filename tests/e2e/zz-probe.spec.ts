import { fixture } from './machine/root.ts';
import { writeBigArchive } from './archives/big.ts';
import { test } from './page/test.ts';
import { existsSync } from 'node:fs';
test('probe', async ({ gateway, app }) => {
  test.setTimeout(300000);
  const path = '/tmp/w/probe/big.tar';
  if (!existsSync(path)) await writeBigArchive(path);
  await app.visit(gateway.startPage);
  await app.page.evaluate(() => {
    new PerformanceObserver((list) => { for (const e of list.getEntries()) { const l = e as any; if (l.duration > 40) (globalThis as any).loaf = [...((globalThis as any).loaf ?? []), { at: l.startTime, d: l.duration, block: l.blockingDuration, render: l.renderStart, style: l.styleAndLayoutStart, scripts: l.scripts.map((s: any) => [s.invoker, s.sourceFunctionName, s.sourceCharPosition, s.duration, s.forcedStyleAndLayoutDuration]) }]; } }).observe({ type: 'long-animation-frame' });
  });
  const mark = async (name: string) => console.log(name, JSON.stringify(await app.page.evaluate(() => { const l = (globalThis as any).loaf ?? []; (globalThis as any).loaf = []; return l; })));
  await app.choose(path);
  await app.verified(3);
  await mark('verified');
  await app.walk('data'); await mark('walk');
  await app.row('large-13.bin').click();
  await app.details.getByLabel('Bytes in hex').waitFor();
  await mark('file');
  await app.walk('small', '119'); await mark('small');
  await app.filter.fill('/7777'); await app.row('7777.txt').waitFor(); await mark('filter');
  await app.filter.fill(''); await mark('filter-off');
});
