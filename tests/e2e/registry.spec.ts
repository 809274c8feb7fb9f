import { AUTHS, PASSWORD, Registries } from './machine/registry.ts';
import { fixture, SAMPLE } from './machine/root.ts';
import { Gateway } from './machine/gateway.ts';
import { expect, test as base } from './page/test.ts';

interface Shared {
  readonly registries: Registries;
  /** A gateway that may ask them, with a Docker login for those that need one. */
  readonly allowed: Gateway;
}

const test = base.extend<object, Shared>({
  registries: [
    async ({}, use) => {
      const registries = await Registries.start();
      await registries.push(`oci-archive:${SAMPLE}`, 'garden/fruit:1');
      await registries.push(`oci-archive:${fixture('oci-zstd.tar')}`, 'garden/nuts:2');
      await registries.push(`oci-archive:${fixture('oci-plain.tar')}`, 'garden/nuts:plain');
      await use(registries);
      await registries.end();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  allowed: [
    async ({ registries }, use) => {
      const gateway = await Gateway.start(
        registries.hosts.flatMap((host) => ['--allow-registry', host]),
        { env: { DOCKER_CONFIG: registries.dockerConfig } },
      );
      await use(gateway);
      await gateway.end();
    },
    { scope: 'worker' },
  ],
});

// In one worker, so that the registries are started once.
test.describe.configure({ mode: 'default' });

for (const auth of AUTHS) {
  test(`a pasted reference opens from a registry (${auth})`, async ({ registries, allowed, app, watch }) => {
    await app.visit(allowed.startPage);
    await app.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const reference = `${registries.host(auth)}/garden/fruit:1`;
    await app.page.evaluate((text) => navigator.clipboard.writeText(text), reference);
    await app.page.keyboard.press('Control+V');
    await app.verified(9);
    await expect(app.page).toHaveTitle(new RegExp('garden/fruit:1'));
    // All of it came through the page's own origin, and the login is nowhere in the page.
    expect(watch.requests.some((request) => request.includes(`/registry/${registries.host(auth)}/v2/garden/fruit/manifests/1`))).toBe(true);
    expect(await app.page.content()).not.toContain(PASSWORD);
    await app.choosePlatform('linux/amd64', 'linux/arm64/v8');
    await app.verified(9);
    await app.walk('etc');
    await app.row('passwd').click();
    await expect(app.details).toContainText('root:');
  });
}

test('no login and no token is kept by the page', async ({ registries, allowed, app }) => {
  await app.visit(allowed.startPage);
  await app.open(`${registries.host('token')}/garden/fruit:1`);
  await app.verified(9);
  const kept = await app.page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    cookies: document.cookie,
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    history: location.href,
  }));
  // The secret of this gateway's run is all, and it lives no longer than the tab.
  expect(Object.keys(kept.session)).toEqual(['layerscope-gateway']);
  expect([kept.cookies, kept.databases, kept.caches]).toEqual(['', [], []]);
  const secret = kept.session['layerscope-gateway'] ?? '';
  const others = JSON.stringify([kept.local, kept.history]);
  // A token of the registry is a JSON Web Token, which begins like this.
  for (const word of [PASSWORD, Buffer.from(PASSWORD).toString('base64'), 'eyJ', secret]) expect(others).not.toContain(word);
  expect(secret).not.toBe('');
});

for (const tag of ['2', 'plain']) {
  test(`layers in other forms come from a registry, too (${tag})`, async ({ registries, allowed, app }) => {
    await app.visit(allowed.startPage);
    await app.open(`${registries.host('open')}/garden/nuts:${tag}`);
    await app.verified(2);
  });
}

test('an image that is not there says so', async ({ registries, allowed, app, watch }) => {
  watch.allow(/status of 404/);
  await app.visit(allowed.startPage);
  await app.open(`${registries.host('open')}/garden/stones:1`);
  await expect(app.page.locator('[data-error=not-found]')).toContainText('The registry does not know this image');
});

test('a host that the gateway was not told of is refused with the command that allows it', async ({ registries, gateway, app, watch }) => {
  watch.allow(/status of 403/);
  const host = registries.host('open');
  await app.visit(gateway.startPage);
  await app.open(`${host}/garden/fruit:1`);
  const card = app.page.locator('[data-error=host-not-allowed]');
  await expect(card).toContainText(`layerscope serve --allow-registry ${host}`);
  await expect(card.getByRole('button', { name: 'Copy command' })).toBeVisible();
});

test('without a gateway the page sends nothing and says what works', async ({ site, app, watch }) => {
  await app.visit(`${site.origin}/some/where/`);
  const before = watch.requests.length;
  await app.open('docker.io/library/alpine:3.20');
  const main = app.page.getByRole('main');
  await expect(main).toContainText('no request was sent');
  await expect(main).toContainText('docker save alpine:3.20');
  await expect(main).toContainText('layerscope serve alpine:3.20');
  await main.getByRole('radio', { name: 'skopeo' }).click();
  await expect(main).toContainText('skopeo copy docker://alpine:3.20 oci-archive:');
  expect(watch.requests.slice(before).filter((request) => !request.endsWith('/favicon.svg'))).toEqual([]);
});
