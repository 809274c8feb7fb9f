/** Stands in for `web/spawn.ts` under `vite --mode design`: the page over a made-up session. Never part of a build. */
import type { Port } from '../client.ts';
import { FakeSession } from './fake-session.ts';

export function spawnSession(): Port {
  return new FakeSession();
}
