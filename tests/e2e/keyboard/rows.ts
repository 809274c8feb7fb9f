/** The tables of `docs/keyboard.md`: what can be done by keyboard, where, and by which keys. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { ROOT } from '../machine/root.ts';

export interface Row {
  /** The heading above its table. */
  readonly where: string;
  readonly what: string;
  readonly keys: readonly Press[];
}
/** A key that is pressed, or a text that is typed. */
type Press = { readonly key: string } | { readonly text: string };

const ARROWS: Readonly<Record<string, string>> = { '↑': 'ArrowUp', '↓': 'ArrowDown', '←': 'ArrowLeft', '→': 'ArrowRight' };

/** Every row, in order. A row that cannot be read is an error, not skipped. */
export function tableRows(): Row[] {
  let where = '';
  const rows: Row[] = [];
  for (const line of readFileSync(`${ROOT}docs/keyboard.md`, 'utf8').split('\n')) {
    if (line.startsWith('## ')) where = line.slice(3);
    if (!line.startsWith('|') || line.startsWith('| What |') || line.startsWith('|---')) continue;
    const [, what = '', keys = ''] = line.split('|').map((cell) => cell.trim());
    rows.push({ where, what, keys: presses(keys) });
  }
  return rows;
}

function presses(cell: string): Press[] {
  const all = [...cell.matchAll(/`([^`]+)`|"([^"]+)"/g)];
  if (all.length === 0 || cell.replaceAll(/`[^`]+`|"[^"]+"/g, '').trim() !== '') throw new Error(`these are no keys: ${cell}`);
  return all.map(([, key, text]) => (key === undefined ? { text: text ?? '' } : { key: ARROWS[key] ?? key.replace(/^Ctrl\+K$/, 'Control+k') }));
}

/** Presses the keys of a row. What is typed waits for nothing: the page must not lose any of it. */
export async function press(page: Page, row: Row): Promise<void> {
  for (const each of row.keys) {
    if ('key' in each) await page.keyboard.press(each.key);
    else await page.keyboard.type(each.text);
  }
}
