/** Keys as they are printed on a keyboard. */
import { html, type TemplateResult } from 'lit';
import { t } from '../i18n.ts';

/** Between two ways to do the same. */
export const OR = 'or';

/** One cap for each; `–` stands between the first and the last of a row. */
export function keyCaps(keys: readonly string[]): TemplateResult[] {
  return keys.map((key) => (key === '–' ? html`–` : key === OR ? html`${t('keys.or')} ` : html`<kbd>${key}</kbd> `));
}
