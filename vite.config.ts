import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  // Relative, so that `dist/` works under any path of any static server.
  base: './',
  publicDir: 'web/public',
  build: {
    outDir: 'dist',
    target: 'es2022',
    // `light-dark()` and `@property` stay as they are written: the page needs wasm SIMD anyway, which is younger.
    cssTarget: ['chrome123', 'edge123', 'firefox128', 'safari17.5'],
    // The content security policy admits no `data:` URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  // `vite --mode design` draws the page over a made-up session, with no wasm and no worker.
  resolve: {
    alias:
      mode === 'design'
        ? [{ find: /^\.\/spawn\.ts$/, replacement: decodeURIComponent(new URL('web/dev/spawn.ts', import.meta.url).pathname) }]
        : [],
  },
  test: { include: ['web/tests/**/*.test.ts'] },
}));
