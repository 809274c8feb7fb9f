/** Findings as sentences. */
import { lookup, t } from './i18n.ts';
import type { FindingView } from './protocol.ts';
import { show } from './show.ts';
import type { View } from './state.ts';

export type Severity = FindingView['severity'];
export const SEVERITIES: readonly Severity[] = ['high', 'warning', 'info'];

/** The sentence of a finding; one that the catalogue does not know is told by its id and arguments. */
export function findingText(finding: FindingView): string {
  const args = shownArgs(finding);
  const known = lookup(`finding.${finding.id}`, args);
  if (known !== null) return known;
  const rest = Object.entries(args).map(([name, value]) => `${name} ${value}`).join(', ');
  return rest === '' ? finding.id : t('finding-unknown', { id: finding.id, args: rest });
}

/** What a runtime would do about it; null for a finding that the catalogue does not know. */
export function runtimeText(finding: FindingView): string | null {
  return lookup(`finding.${finding.id}.runtime`, shownArgs(finding));
}

/** A count of bytes becomes a number, which is grouped as the language does it. */
function shownArgs(finding: FindingView): Record<string, string | number> {
  const shown = ([name, value]: [string, string]): [string, string | number] => [name, name === 'bytes' && /^\d{1,15}$/.test(value) ? Number(value) : show(value)];
  return Object.fromEntries(Object.entries(finding.args).map(shown));
}

/** Worst first, each severity in the order in which it was found. */
export function sorted(findings: readonly FindingView[]): FindingView[] {
  return [...findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

/** How many there are of each severity. */
export function tally(findings: readonly FindingView[]): Readonly<Record<Severity, number>> {
  const counts: Record<Severity, number> = { high: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}

/** Where a finding leads: to its path, or to its layer. Null: it is about the whole image. */
export function findingPlace({ path, layer }: FindingView): Partial<View> | null {
  if (path !== undefined) return { tab: 'files', path, ...(layer !== undefined && { layer, scope: 'layer' }), filter: '', changedOnly: false };
  return layer === undefined ? null : { tab: 'files', layer, path: null };
}
