/** Facts of an ELF file: the core asks for parts of it, and each is read where it lies. */
import type { Content, ElfView } from '../protocol.ts';
import type { Core } from './core.ts';

/** What the core answers: a part that it needs, from and to, or what it knows. */
type Answer = { readonly read: readonly [number, number] } | { readonly elf: ElfView | null };

export async function elfFacts(core: Pick<Core, 'elf_facts'>, size: number, read: (from: number, length: number) => Promise<Content>): Promise<ElfView | null> {
  const given: [number, Uint8Array][] = [];
  for (;;) {
    // The core takes a limited number of parts, so that this ends.
    const answer = core.elf_facts(size, given) as Answer;
    if ('elf' in answer) return answer.elf;
    const [from, to] = answer.read;
    const { bytes } = await read(from, to - from);
    given.push([from, new Uint8Array(bytes)]);
  }
}
