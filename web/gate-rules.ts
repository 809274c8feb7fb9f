/** The thresholds of a `.dive-ci` file as they are typed, and the file that they make. The core judges by it. */

export const THRESHOLDS = ['lowestEfficiency', 'highestWastedBytes', 'highestUserWastedPercent'] as const;
export type Thresholds = Readonly<Record<(typeof THRESHOLDS)[number], string>>;

/** Those of dive. */
export const USUAL: Thresholds = { lowestEfficiency: '0.9', highestWastedBytes: 'disabled', highestUserWastedPercent: '0.1' };

export function rulesText(thresholds: Thresholds): string {
  return `rules:\n${THRESHOLDS.map((rule) => `  ${rule}: ${thresholds[rule].trim()}\n`).join('')}`;
}
