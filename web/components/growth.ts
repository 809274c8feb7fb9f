/** More or less bytes. Neither is good or bad, so that colour says nothing of it but which. */
import { bytes } from '../format.ts';

/** `+7.6 MB`, `−31.9 MB`, or nothing for no difference. */
export function signed(difference: number): string {
  if (difference === 0) return '±0';
  return `${difference < 0 ? '−' : '+'}${bytes(Math.abs(difference))}`;
}
