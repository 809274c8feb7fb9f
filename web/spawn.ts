/** Starts the session worker. Its address is known when the page is built, and is the only one that is trusted. */
import address from './worker.ts?worker&url';
import type { Port } from './client.ts';
import { workerAddresses } from './trust.ts';

const trusted = workerAddresses(address);

export function spawnSession(): Port {
  return new Worker(trusted(address), { type: 'module', name: 'session' });
}
