/** A filter as it is typed: words that say what an entry is, and a pattern of its path. The core (`facet.rs`) decides; this only shows it. */

/** Words that a menu offers, each with the end of its message's key. */
export const FACETS = [
  ['size:>1M', 'size'], ['exec:', 'exec'], ['suid:', 'suid'], ['sgid:', 'sgid'], ['ww:', 'ww'], ['cap:', 'cap'], ['xattr:', 'xattr'], ['link:broken', 'broken'], ['link:out', 'out'],
  ['dup:', 'dup'], ['uid:0', 'uid'], ['gid:0', 'gid'],
] as const;

const FACET = /^(?:size:[<>]\S+|(?:suid|sgid|ww|exec|cap|xattr|dup):|[ug]id:\d+|link:(?:broken|out)?)$/;

export interface Filter {
  readonly facets: readonly string[];
  readonly pattern: string;
}

/** What is in quotes is text, whatever it looks like. */
export function readFilter(text: string): Filter {
  const facets: string[] = [];
  const rest: string[] = [];
  let quoted = false;
  for (const word of text.split(' ')) {
    quoted ||= word.startsWith('"');
    (!quoted && FACET.test(word) ? facets : rest).push(word);
    if (word.length > 1 && word.endsWith('"')) quoted = false;
  }
  const pattern = rest.join(' ');
  return { facets, pattern: facets.length === 0 ? pattern : pattern.trim() };
}

/** How the pattern is understood; `facet` where there is none beside the words. */
export function kindOf(text: string): 'regex' | 'glob' | 'text' | 'facet' {
  const { facets, pattern } = readFilter(text);
  if (facets.length > 0 && pattern === '') return 'facet';
  if (/^".*"$/.test(pattern)) return 'text';
  if (/^\/.+\/$/.test(pattern)) return 'regex';
  return /[*?[{]/.test(pattern) ? 'glob' : 'text';
}

/** The filter with a word more, or without it if it has it. */
export function toggled(text: string, word: string): string {
  const { facets, pattern } = readFilter(text);
  const others = facets.filter((each) => each !== word);
  return [...others, ...(others.length === facets.length ? [word] : []), ...(pattern === '' ? [] : [pattern])].join(' ');
}
