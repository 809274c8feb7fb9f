/** The wasm module: compiled once by the session worker, and handed to scan workers as it is. */
import address from '../generated/layerscope_wasm_bg.wasm?url';
import { fail } from './failure.ts';

/** The smallest module that uses a 128-bit vector: `i8x16.splat` of a constant, dropped. */
const SIMD = new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 0x41, 0, 0xfd, 0x0f, 0x1a, 0x0b,
]);

export async function compile(): Promise<WebAssembly.Module> {
  if (typeof WebAssembly !== 'object' || !WebAssembly.validate(SIMD)) {
    throw fail('no-wasm-simd', 'this browser has no WebAssembly SIMD');
  }
  let answer: Response;
  try {
    answer = await fetch(address);
  } catch {
    throw fail('network', 'the reader could not be loaded', { at: address });
  }
  if (!answer.ok) throw fail('network', 'the reader could not be loaded', { at: address, expected: '200', found: String(answer.status) });
  // Simple servers do not know the media type of wasm, and browsers refuse to compile such an answer as it arrives.
  const streams = answer.headers.get('content-type')?.startsWith('application/wasm') === true;
  return streams ? WebAssembly.compileStreaming(answer) : WebAssembly.compile(await answer.arrayBuffer());
}
