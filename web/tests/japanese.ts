/** Speaks Japanese where no server has the sentences. */
import { vi } from 'vitest';
import { useLanguage } from '../i18n.ts';
import ja from '../messages/ja.json';

export async function speakJapanese(): Promise<void> {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify(ja))));
  await useLanguage('ja');
  vi.unstubAllGlobals();
}
