import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Gateway } from './machine/gateway.ts';
import { run } from './machine/program.ts';
import { ScriptedRegistry, type Script } from './machine/scripted-registry.ts';
import { expect, test as base } from './page/test.ts';

interface Each {
  /** Starts a registry, and a gateway that may ask it and loses patience soon. */
  readonly start: (script: Script, size?: number) => Promise<{ registry: ScriptedRegistry; gateway: Gateway }>;
}

const test = base.extend<Each>({
  start: async ({}, use) => {
    const running: { end(): Promise<void> }[] = [];
    await use(async (script, size) => {
      const registry = await ScriptedRegistry.start(script, size);
      const gateway = await Gateway.start(['--allow-registry', registry.host], { env: { LAYERSCOPE_TEST_IDLE_MS: '1500' } });
      running.push(gateway, registry);
      return { registry, gateway };
    });
    for (const each of running) await each.end();
  },
});

test('the page counts down while a registry asks for time', async ({ start, app, watch }) => {
  watch.allow(/status of 429/);
  const { registry, gateway } = await start((request, response, time) => {
    if (request.url !== '/v2/fruit/manifests/1') return false;
    if (time > 0) {
      response.setHeader('ratelimit-limit', '100;w=21600');
      response.setHeader('ratelimit-remaining', '41;w=21600');
      return false;
    }
    response.writeHead(429, { 'retry-after': '4' }).end();
    return true;
  });
  await app.visit(gateway.startPage);
  await app.open(registry.reference);
  const status = app.page.getByRole('contentinfo');
  await expect(status).toContainText(/asking again in [34] s/);
  await expect(app.page.locator('#said')).toContainText('asking again in');
  await expect(status).toContainText(/asking again in [12] s/);
  await app.verified(2);
  await expect(status).not.toContainText('asking again');
  expect(registry.requests.filter((request) => request.endsWith('/manifests/1'))).toHaveLength(2);
  // What is left of the quota is among the facts.
  await app.show('Overview');
  await expect(app.panel).toContainText('41/100');
});

test('the wait for a layer can be given up', async ({ start, app, watch }) => {
  watch.allow(/status of 503/);
  const { registry, gateway } = await start((request, response) => {
    if (!request.url?.endsWith(registry.large)) return false;
    response.writeHead(503, { 'retry-after': '60' }).end();
    return true;
  });
  await app.visit(gateway.startPage);
  await app.open(registry.reference);
  const status = app.page.getByRole('contentinfo');
  await expect(status).toContainText(/asking again in \d+ s/);
  // The other layer does not wait for it.
  await expect.poll(async () => (await app.states()).toSorted()).toEqual(['verified', 'verifying']);
  await status.getByRole('button', { name: 'Cancel' }).click();
  await expect(status).not.toContainText('asking again');
  await expect.poll(async () => (await app.states()).toSorted()).toEqual(['pending', 'verified']);
});

test('a download that is cut ten times ends verified', async ({ start, app, watch }) => {
  watch.allow(/ERR_CONTENT_LENGTH_MISMATCH|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_FAILED/);
  const { registry, gateway } = await start((request, response) => {
    if (!request.url?.endsWith(registry.large)) return false;
    const bytes = registry.bytes(registry.large);
    ScriptedRegistry.send(request, response, bytes, Math.ceil(bytes.length / 11));
    return true;
  });
  await app.visit(gateway.startPage);
  await app.open(registry.reference);
  await app.verified(2);
  const asked = registry.requests.filter((request) => request.includes(registry.large));
  expect(asked.length).toBeGreaterThanOrEqual(11);
  expect(asked.filter((request) => request.includes(' bytes=')).length).toBeGreaterThanOrEqual(10);
});

test('a line that stalls is taken up again', async ({ start, app, watch }) => {
  watch.allow(/ERR_CONTENT_LENGTH_MISMATCH|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_FAILED/);
  const { registry, gateway } = await start((request, response, time) => {
    if (!request.url?.endsWith(registry.large) || time > 0) return false;
    const bytes = registry.bytes(registry.large);
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 100_000));
    return true;
  });
  await app.visit(gateway.startPage);
  await app.open(registry.reference);
  await app.verified(2);
});

test('cancel ends a download within a second even at the registry', async ({ start, app }) => {
  let closed = 0;
  const { registry, gateway } = await start((request, response) => {
    if (!request.url?.endsWith(registry.large)) return false;
    const bytes = registry.bytes(registry.large);
    response.writeHead(200, { 'content-length': bytes.length });
    // It drips for ever, so that nobody loses patience.
    let at = 0;
    const timer = setInterval(() => response.write(bytes.subarray(at, (at += 1000))), 50);
    response.on('close', () => {
      clearInterval(timer);
      closed = performance.now();
    });
    return true;
  });
  await app.visit(gateway.startPage);
  await app.open(registry.reference);
  await expect.poll(() => app.states()).toEqual(['verifying', 'verified']);
  const clicked = performance.now();
  await app.page.getByRole('contentinfo').getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => closed).toBeGreaterThan(0);
  expect(closed - clicked).toBeLessThan(1000);
  await expect.poll(() => app.states()).toEqual(['pending', 'verified']);
});

test('a registry that is not there is told at once', async ({ start, app, watch }) => {
  watch.allow(/status of 424/);
  const { registry, gateway } = await start(() => false);
  const { reference } = registry;
  await registry.end();
  await app.visit(gateway.startPage);
  await app.open(reference);
  await expect(app.page.locator('[data-error=unreachable]')).toContainText('The registry cannot be reached');
});

test('a file late in a large layer is opened without reading the layer again', async ({ start, app }) => {
  // A larger image would be read only when somebody asks.
  const { registry, gateway } = await start(() => false, 24 << 20);
  await app.visit(gateway.startPage);
  await app.open(registry.reference);
  await app.verified(2);
  await app.row('late').click();
  await expect(app.details.getByLabel('Text')).toContainText('late, but here');
  const asked = registry.requests.filter((request) => request.includes(registry.large));
  expect(asked).toHaveLength(2);
  const from = Number(/ bytes=(\d+)-/.exec(asked[1] ?? '')?.[1]);
  const size = registry.bytes(registry.large).length;
  expect(size).toBeGreaterThan(24 << 20);
  expect(size - from).toBeGreaterThan(0);
  expect(size - from).toBeLessThan(5 << 20);
});

test('a file late in a large layer is shown even if its registry knows no ranges', async ({ start, app }) => {
  const { registry, gateway } = await start((request) => {
    delete request.headers.range;
    return false;
  }, 12 << 20);
  await app.visit(gateway.startPage);
  await app.open(registry.reference);
  await app.verified(2);
  await app.row('late').click();
  await expect(app.details.getByLabel('Text')).toContainText('late, but here');
  expect(registry.requests.filter((request) => request.includes(`${registry.large} bytes=`))).toHaveLength(1);
});

test('a file late in a layer of a served layout is asked for from near it', async ({ start, app }) => {
  const { registry } = await start(() => false, 24 << 20);
  const directory = await mkdtemp(`${tmpdir()}/layerscope-layout-`);
  await run('skopeo', ['--insecure-policy', 'copy', '--quiet', '--src-tls-verify=false', `docker://${registry.reference}`, `oci:${directory}:ripe`]);
  const gateway = await Gateway.start([`oci:${directory}:ripe`]);
  const ranges: string[] = [];
  app.page.context().on('request', (request) => {
    const range = request.headers()['range'];
    if (range !== undefined && request.url().includes(registry.large.replace('sha256:', ''))) ranges.push(range);
  });
  try {
    await app.visit(gateway.url);
    await app.verified(2);
    expect(ranges).toEqual([]);
    await app.row('late').click();
    await expect(app.details.getByLabel('Text')).toContainText('late, but here');
    expect(ranges).toHaveLength(1);
    const from = Number(/^bytes=(\d+)-$/.exec(ranges[0] ?? '')?.[1]);
    expect(from).toBeGreaterThan(19 << 20);
  } finally {
    await gateway.end();
    await rm(directory, { recursive: true });
  }
});
