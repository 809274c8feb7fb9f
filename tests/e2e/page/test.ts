/** Tests of the page: each watches the browser, and fails on anything it says that was not expected. */
import { test as base } from '@playwright/test';
import { Gateway } from '../machine/gateway.ts';
import { DIST } from '../machine/root.ts';
import { StaticServer } from '../machine/static-server.ts';
import { App } from './app.ts';
import { Watch } from './watch.ts';

export { expect } from '@playwright/test';

interface Each {
  readonly watch: Watch;
  readonly app: App;
}
interface Shared {
  /** `layerscope serve`, without a source and with no registry but the public ones. */
  readonly gateway: Gateway;
  /** A server that knows nothing, with the page below `/some/where/`. */
  readonly site: StaticServer;
}

export const PAGE = '/some/where/';

export const test = base.extend<Each, Shared>({
  watch: [
    async ({ page }, use) => {
      const watch = new Watch(page);
      await use(watch);
      base.expect(watch.problems).toEqual([]);
    },
    { auto: true },
  ],
  app: async ({ page }, use) => use(new App(page)),
  gateway: [
    async ({}, use) => {
      const gateway = await Gateway.start();
      await use(gateway);
      await gateway.end();
    },
    { scope: 'worker' },
  ],
  site: [
    async ({}, use) => {
      const site = await StaticServer.start({ [PAGE]: DIST });
      await use(site);
      await site.end();
    },
    { scope: 'worker' },
  ],
});
