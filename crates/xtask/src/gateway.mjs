// Starts `layerscope serve` for the scripts that drive the page.
import { spawn } from 'node:child_process';

/** Starts the gateway, and gives the address of the page with nothing open. */
export async function serve(layerscope) {
  const gateway = spawn(layerscope, ['serve', '--no-open'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const bytes of gateway.stdout) {
    said += bytes;
    const url = /^http:\S+(?=\n)/m.exec(said)?.[0];
    if (url !== undefined) return { gateway, url: url.replace(/&open=\w+/, '') };
  }
  throw new Error(`layerscope serve printed no address: ${said}`);
}
