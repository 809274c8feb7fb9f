/** Where things are. */
import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const FIXTURES = `${ROOT}tests/fixtures`;
/** The embedded sample: an index of two platforms, with attestations beside them. */
export const SAMPLE = `${ROOT}web/public/sample.tar`;
/** The page as it was built for any static server. */
export const DIST = `${ROOT}dist`;
/** What wasm-bindgen and wasm-opt left. */
export const GENERATED = `${ROOT}web/generated`;
/** The program under test. */
export const LAYERSCOPE = process.env['LAYERSCOPE_BIN'] ?? `${ROOT}target/release/layerscope`;

export const fixture = (name: string): string => `${FIXTURES}/${name}`;
