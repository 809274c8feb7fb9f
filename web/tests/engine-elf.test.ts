import { expect, test } from 'vitest';
import { elfFacts } from '../engine/elf.ts';
import type { ElfView } from '../protocol.ts';

test('each part is read where the core asks for it, and all of them are given to it', async () => {
  const wanted: [number, number][] = [[0, 4], [90, 100], [40, 50]];
  const given: unknown[] = [];
  const core = {
    elf_facts: (size: number, parts: [number, Uint8Array][]): unknown => {
      given.push([size, parts.map(([from, bytes]) => [from, ...bytes])]);
      const read = wanted[parts.length];
      return read === undefined ? { elf: { machine: 'x86-64' } } : { read };
    },
  };
  const read = async (from: number, length: number): Promise<{ bytes: ArrayBuffer; from: number; size: number }> => ({ bytes: Uint8Array.of(from, length).buffer, from, size: 100 });
  expect(await elfFacts(core, 100, read)).toEqual({ machine: 'x86-64' } as ElfView);
  expect(given.at(-1)).toEqual([100, [[0, 0, 4], [90, 90, 10], [40, 40, 10]]]);
});

test('what is no ELF file has no facts', async () => {
  expect(await elfFacts({ elf_facts: () => ({ elf: null }) }, 0, () => Promise.reject(new Error('nothing is to be read')))).toBeNull();
});
