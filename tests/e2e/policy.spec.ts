/** What the browser lets the page do. */
import { expect, PAGE, test } from './page/test.ts';

/** The directives of a policy. */
function directives(policy: string): Record<string, string> {
  return Object.fromEntries(policy.split(';').map((directive) => directive.trim().split(/\s+(.*)/s)).map(([name = '', value = '']) => [name, value]));
}

const STRICT = {
  'default-src': "'none'", 'script-src': "'self' 'wasm-unsafe-eval'", 'style-src': "'self'", 'img-src': "'self' blob:", 'font-src': "'self'",
  'worker-src': "'self'", 'base-uri': "'none'", 'form-action': "'none'", 'require-trusted-types-for': "'script'", 'trusted-types': 'layerscope lit-html',
};

test('the gateway sends a strict policy with the page and with its workers', async ({ gateway, app }) => {
  const policies = new Map<string, string>();
  app.page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (pathname === '/' || pathname.endsWith('.js')) policies.set(pathname.replace(/-[\w-]{8}\.js$/, '.js'), response.headers()['content-security-policy'] ?? '');
  });
  await app.visit(gateway.url);
  await app.verified(9);
  expect([...policies.keys()]).toEqual(expect.arrayContaining(['/', '/assets/worker.js', '/assets/scan-worker.js']));
  for (const policy of policies.values()) {
    expect(directives(policy)).toMatchObject({ ...STRICT, 'connect-src': "'self'", 'frame-ancestors': "'none'" });
  }
});

test('the page carries a strict policy of its own', async ({ site, app }) => {
  await app.visit(site.origin + PAGE);
  const policy = await app.page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  expect(directives(policy ?? '')).toMatchObject(STRICT);
});

test('markup from strings and foreign code are refused, and the watch sees it', async ({ gateway, app, watch }) => {
  await app.visit(gateway.startPage);
  const directive = await app.page.evaluate(() => {
    const seen = new Promise<string>((resolve) => document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective), { once: true }));
    try {
      document.body.innerHTML = '<img src=x onerror=alert(1)>';
    } catch {
      // Told by the event.
    }
    return seen;
  });
  expect(directive).toBe('require-trusted-types-for');
  expect(watch.problems.join()).toMatch(/console error: .*TrustedHTML/);
  watch.problems.length = 0;
});
