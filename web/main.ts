/** Starts the page: one model, one element, and the address bar between them. */
import './components/app-shell.ts';
import type { AppShell } from './components/app-shell.ts';
import { arrive } from './gateway.ts';
import { Model } from './model.ts';
import { spawnSession } from './spawn.ts';

function kept(which: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return window[which];
  } catch {
    return null;
  }
}

const model = new Model({ location, history, storage: kept('localStorage'), spawn: spawnSession, now: () => performance.now() });
const arrival = arrive(location, history, kept('sessionStorage'));

void model.begin(arrival, navigator.languages).then(() => {
  const app = document.querySelector<AppShell>('layerscope-app');
  if (app !== null) app.model = model;
});
window.addEventListener('popstate', () => void model.follow(navigator.languages));
