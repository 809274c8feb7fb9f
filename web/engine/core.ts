/** The core as the session worker sees it: exports of the wasm module, and the jobs that it writes for scan workers. */
import type * as Wasm from '../generated/layerscope_wasm.js';

/** What a session needs of the module. A test can stand in for it. */
export type Core = Pick<
  typeof Wasm,
  | 'attached' | 'attached_bytes' | 'choose' | 'close' | 'compare' | 'compare_locate' | 'compare_rows' | 'compare_toggle' | 'content_job' | 'details' | 'elf_facts' | 'fold' | 'index_bytes' | 'known' | 'locate' | 'next_scan' | 'node_at' | 'open'
  | 'parent' | 'preview' | 'progress' | 'read_unlisted' | 'resolve' | 'retry' | 'rows' | 'scan_failed' | 'scanned' | 'search' | 'search_tables' | 'seek' | 'shares' | 'stop' | 'tags' | 'uncompare'
  | 'unknown' | 'view'
>;

/** Where a job's bytes are: in the archive, in a file of the layout, in a registry, or in a member of a wrapped archive. */
export type Place = { range: { offset: number; len: number } } | { file: { path: string } } | { http: object } | { member: number };

/** What the engine reads of a job of `next_scan`. The rest is the core's own business. */
export interface ScanPlan {
  readonly id: number;
  /** The name under which the layer may be known. */
  readonly known?: string | null;
  /** Nobody asked for the layer: if it is not known, it is not read. */
  readonly unasked?: boolean;
  /** What is stated of the layer. */
  readonly expected?: { readonly digest?: string | null; readonly diffId?: string | null };
  readonly place: Place;
}

/** What the engine reads of a job of `content_job`. */
export interface ContentPlan {
  readonly place: Place;
  /** The whole file's size, and the bytes of it that the job reads. */
  readonly content: { readonly size: number; readonly range: { readonly start: number; readonly end: number } };
}
