import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results/e2e',
  fullyParallel: true,
  workers: 2,
  // A second try is counted and named as flaky in the report: a loaded machine is no reason to fail, and no reason to be silent.
  retries: 1,
  forbidOnly: true,
  // The last line of this reporter counts.
  reporter: 'list',
  timeout: 60_000,
  expect: { timeout: 20_000 },
  use: {
    browserName: 'chromium',
    locale: 'en-US',
    timezoneId: 'UTC',
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'page', testIgnore: 'big.spec.ts' },
    // By itself, when everything else is done: it measures time and memory.
    { name: 'big', testMatch: 'big.spec.ts', dependencies: ['page'] },
  ],
});
