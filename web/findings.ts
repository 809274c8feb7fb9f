/** Findings as sentences. */
import { lookup, t } from './i18n.ts';
import { bytes } from './format.ts';
import type { FindingView } from './protocol.ts';
import { show } from './show.ts';

export type Severity = FindingView['severity'];
export const SEVERITIES: readonly Severity[] = ['high', 'warning', 'info'];

/** The sentence of a finding; one that the catalogue does not know is told by its id and arguments. */
export function findingText(finding: FindingView): string {
  const args: Record<string, string> = {};
  for (const [name, value] of Object.entries(finding.args)) {
    args[name] = /bytes$/i.test(name) && /^\d+$/.test(value) ? bytes(Number(value)) : show(value);
  }
  if (finding.layer !== undefined) args['layer'] ??= String(finding.layer + 1);
  if (finding.path !== undefined) args['path'] ??= show(finding.path);
  const known = lookup(`finding.${finding.id}`, args);
  if (known !== null) return known;
  const rest = Object.entries(args).map(([name, value]) => `${name} ${value}`).join(', ');
  return rest === '' ? finding.id : t('finding-unknown', { id: finding.id, args: rest });
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
