/** Starts scan workers. Their address is known when the page is built, and is the only one that is trusted here. */
import address from '../scan-worker.ts?worker&url';
import { workerAddresses } from '../trust.ts';
import type { Hand } from './pool.ts';

const trusted = workerAddresses(address);

export function spawnScan(): Hand {
  return new Worker(trusted(address), { type: 'module', name: 'scan' });
}
