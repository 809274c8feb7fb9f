/**
 * Every message between the page, the session worker and the scan workers, and
 * the shapes that they carry. The shapes mirror `crates/inspect/src/view` field for field.
 *
 * Components know only this file: a saved report can answer the same requests as a live image.
 */

// ---- what a person opens ------------------------------------------------------------------

/** How the page reaches a registry when it was served by `layerscope serve`. */
export interface Gateway {
  /** Prefix of registry URLs, ending in `/`: `registry/`. */
  readonly prefix: string;
  /** Value of the `x-layerscope-secret` header. */
  readonly secret: string;
}

export type Source =
  /** A dropped or chosen archive. Read by slices, never whole. */
  | { readonly kind: 'file'; readonly file: File }
  /** A dropped directory with an OCI layout: relative path and file. */
  | { readonly kind: 'directory'; readonly name: string; readonly files: readonly { path: string; file: File }[] }
  /** An archive of the page's own origin, read by Range requests: the sample, or the SOURCE of `serve`. */
  | { readonly kind: 'url'; readonly url: string; readonly name: string; readonly secret?: string }
  /** An OCI layout directory under a URL that ends in `/`. */
  | { readonly kind: 'layout-url'; readonly url: string; readonly name: string; readonly secret?: string }
  /** An image in a registry: through the gateway, or directly where the registry allows pages to. */
  | { readonly kind: 'reference'; readonly reference: string; readonly gateway?: Gateway };

export interface OpenOptions {
  /** `os/arch[/variant]`; absent: linux/amd64 if there is one, else the first. */
  readonly platform?: string;
  /** Where no platform is asked for: this one if it is there. */
  readonly prefer?: string;
  /** Which image of an archive: a number from 0, or a name. */
  readonly image?: string;
}

// ---- views (crates/inspect/src/view) ------------------------------------------------------

export type Scope = { scope: 'layer'; layer: number } | { scope: 'up-to'; layer: number } | { scope: 'merged' };
export type ChangeKind = 'unchanged' | 'added' | 'modified' | 'removed' | 'metadata';
export type AttributeName = 'content' | 'kind' | 'size' | 'mode' | 'owner' | 'mtime' | 'link' | 'xattrs' | 'device';
export type EntryKind = 'file' | 'directory' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo' | 'other';
export type LayerState =
  | 'pending' | 'verifying' | 'verified' | 'known' | 'mismatch' | 'not-stated' | 'unchecked' | 'failed' | 'absent' | 'foreign' | 'not-a-layer';
export type SealState = 'pending' | 'verifying' | 'verified' | 'known' | 'mismatch' | 'not-stated' | 'unchecked';

export interface ErrorView { name: string; at?: string; expected?: string; found?: string; text: string }
export interface FindingView {
  id: string; severity: 'info' | 'warning' | 'high'; layer?: number; digest?: string; path?: string; pathBase64?: string; offset?: number;
  args: Record<string, string>;
}
export interface SourceView {
  kind: 'registry' | 'docker-archive' | 'oci-archive' | 'oci-layout';
  name: string; canonical: string | null; size: number | null; wrapped: string | null;
  /** What a registry says is left of a quota: `7/100`. */
  quota?: string;
}
export interface Choice {
  id: number; number: number; names: string[]; platform: string | null; osVersion: string | null; osFeatures?: string[]; digest: string | null;
  size: number | null; state: 'ready' | 'not-asked' | 'absent' | 'failed'; error: ErrorView | null; attestations: number;
}
export interface BlobView {
  mediaType: string | null; digest: string | null; digestFound: string; digestOk: boolean | null;
  sizeStated: number | null; size: number; error: ErrorView | null;
}
export interface DocumentView { blob: BlobView; text: string }
export interface AttachedView { readonly possible: boolean; readonly byTag: boolean; readonly artifacts: readonly AttachedArtifact[]; readonly problems: readonly ErrorView[] }
export interface AttachedArtifact {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly place: 'index' | 'referrers' | 'tag' | 'image';
  readonly tag: string | null;
  readonly of: 'manifest' | 'index' | null;
  readonly digestOk: boolean | null;
  readonly error: ErrorView | null;
  readonly statements: readonly StatementView[];
}
export interface StatementView {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
  readonly kind: 'spdx' | 'cyclonedx' | 'slsa' | 'signature' | 'in-toto' | 'blob';
  readonly predicateType: string | null;
  readonly digestOk: boolean | null;
  readonly error: ErrorView | null;
  readonly namesImage: boolean | null;
  /** How many it carries. They are not checked. */
  readonly signatures: number;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** The first packages or materials. */
  readonly items: readonly StatedItem[];
  readonly itemCount: number;
}
export interface StatedItem { readonly name: string; readonly version: string | null; readonly licence: string | null; readonly purl: string | null }
export interface ArtifactView { digest: string; mediaType: string; artifactType: string | null; subject: string | null; size: number }
export interface Progress { read: number; total: number | null; unpacked: number; entries: number }
export interface Counts { added: number; modified: number; removed: number; metadata: number }
export interface Instruction { keyword: string; text: string; full: string }
export interface LayerView {
  number: number; state: LayerState;
  digest: string | null; digestFound: string | null; digestState: SealState;
  diffId: string | null; diffIdFound: string | null; diffIdState: SealState;
  chainId: string | null; mediaType: string | null; compression: string | null;
  size: number | null; sizeStated: number | null; uncompressedSize: number | null; entries: number | null;
  /** Its files can be looked at, and nothing of them is verified yet. */
  preview?: boolean;
  /** The table of contents that they are from: its format, whether the manifest states its digest, and what it took of the layer's bytes. */
  table?: { format: string; authenticated: boolean; fetched: number };
  /** It is not read before somebody asks for it. */
  onDemand?: boolean;
  counts: Counts | null; hidesBytes: number | null; instruction: Instruction | null; created: string | null;
  progress: Progress | null; error: ErrorView | null; urls: string[]; annotations: Record<string, string>;
}
export interface StepView {
  layer: number | null; instruction: Instruction; created: string | null; author: string | null; comment: string | null;
}
export interface RuntimeView {
  user: string | null; env: string[]; entrypoint: string[]; cmd: string[]; workingDir: string | null;
  exposedPorts: string[]; volumes: string[]; labels: Record<string, string>; stopSignal: string | null; healthcheck: string[];
}
export interface Totals {
  size: number; uncompressedSize: number; entries: number; visibleEntries: number | null; visibleBytes: number | null;
  reclaimableBytes: number | null; verified: boolean; settled: boolean;
}
export interface ImageView {
  names: string[]; platform: string | null; digest: string | null; imageId: string | null;
  manifest: BlobView | null; config: BlobView | null; created: string | null; author: string | null;
  runtime: RuntimeView; annotations: Record<string, string>; layers: LayerView[]; steps: StepView[]; totals: Totals;
}
export interface Overview {
  source: SourceView; choices: Choice[]; chosen: number | null; image: ImageView | null;
  others: ArtifactView[]; indexes: DocumentView[]; findings: FindingView[];
}
export interface RowView {
  node: number; name: string; path: string; level: number; posInSet: number; setSize: number; expanded: boolean | null; kind: EntryKind;
  size: number; mode: number; uid: number; gid: number; mtime?: string; change: ChangeKind; attributes: AttributeName[]; layer: number;
  deletedBy: number | null; link: string | null; synthetic: boolean; changedBelow: boolean;
}
export interface RowPage { total: number; from: number; rows: RowView[]; incomplete: boolean; preview: boolean; searching: boolean }
/** What layers take away: whiteouts, and directories that hide all that lower layers have in them. */
export interface Markers { total: number; markers: { layer: number; path: string; opaque: boolean }[] }
/** One thing in a directory: bytes that are visible and bytes that went with what was deleted, with all below; the layer that stores most of them. */
export interface Share { row: RowView; visible: number; gone: number; layer: number }
export interface Shares { path: string; visible: number; gone: number; shares: Share[]; others: number; incomplete: boolean }
export interface Told { layer: number; change: ChangeKind; attributes: AttributeName[]; size: number | null }
/** One step of the way that a symbolic link leads. */
export interface Hop { path: string; node: number | null; state: 'found' | 'path-absent' | 'path-not-directory' | 'path-link-loop'; leavesRoot: boolean }
export interface Details {
  node: number; path: string; pathBase64: string | null; row: RowView; uname: string; gname: string; mtime: string;
  /** `meaning`: what `security.capability` says, as `getcap` tells it. */
  modeText: string; xattrs: { name: string; value: string; base64: string; meaning?: string }[]; device: [number, number] | null;
  offset: number | null; readable: boolean; links: Hop[]; story: Told[];
}
/** What an ELF file says of itself; null is what cannot be known. */
export interface ElfView {
  kind: 'executable' | 'pie' | 'shared' | 'relocatable' | 'core' | 'unknown'; bits: number | null; endian: 'little' | 'big' | null; machine: string;
  linking: 'static' | 'dynamic' | null; interpreter: string | null; needed: string[]; soname: string | null; rpath: string | null; runpath: string | null;
  buildId: string | null; stripped: boolean | null; debug: boolean | null; miniDebug: boolean | null; relro: 'none' | 'partial' | 'full' | null;
  nx: boolean | null; canary: boolean | null; fortify: boolean | null;
  faults: { part: 'header' | 'sections' | 'section-names' | 'segments' | 'interpreter' | 'dynamic' | 'strings' | 'notes'; kind: 'outside' | 'too-large' | 'malformed'; offset: number }[];
}
export interface WastedPath {
  path: string; bytes: number; cause: 'overwritten' | 'deleted' | 'opaque' | 'replaced' | 'metadata-only' | 'duplicate';
  layer: number; by: number;
}
/** Thresholds of a `.dive-ci` file, judged. */
export interface GateRule { rule: 'lowestEfficiency' | 'highestWastedBytes' | 'highestUserWastedPercent'; state: 'pass' | 'fail' | 'skip'; threshold: string | null }
export interface GateReport { passed: boolean; rules: GateRule[] }
export interface WasteReport {
  reclaimableBytes: number; visibleBytes: number; totalBytes: number; paths: WastedPath[]; incomplete: boolean;
  dive: { efficiency: number; wastedBytes: number; userWastedPercent: number | null; sizeBytes: number; userSizeBytes: number };
}

/** What one image has at a path. */
export interface ComparedEntry {
  node?: number; kind: EntryKind; size: number; mode: number; uid: number; gid: number; mtime: string | null; link: string | null;
  device: [number, number] | null; xattrs: { name: string; value: string; base64: string }[]; layer: number;
}
export interface RowPlace { row: number; level: number; posInSet: number; setSize: number; expanded: boolean | null }
/** A path that differs; `unchanged` for a directory in which something does. */
export interface Difference {
  path: string; pathBase64?: string; change: ChangeKind; attributes: AttributeName[]; a: ComparedEntry | null; b: ComparedEntry | null; place?: RowPlace;
}
export interface ComparePage { total: number; from: number; rows: Difference[] }
export interface ComparedImage {
  source: string; platform: string | null; digest: string | null; imageId: string | null; size: number; visibleBytes: number; incomplete: boolean; preview: boolean;
}
export interface ComparedLayer {
  number: number; diffId: string | null; size: number | null; instruction: Instruction | null; same: number | null; proven: boolean; step: number | null;
}
export type ConfigField =
  | 'platform' | 'created' | 'author' | 'user' | 'env' | 'entrypoint' | 'cmd' | 'workingDir' | 'exposedPorts' | 'volumes' | 'labels' | 'stopSignal'
  | 'stopTimeout' | 'healthcheck' | 'onBuild' | 'shell' | 'annotations';
export interface ConfigDifference { field: ConfigField; name: string | null; a: string[] | null; b: string[] | null }
export interface CompareView {
  same: boolean; a: ComparedImage; b: ComparedImage;
  totals: { added: number; removed: number; modified: number; metadata: number; unproven: number };
  layers: [ComparedLayer[], ComparedLayer[]] | null; config: ConfigDifference[]; growth: { path: string; bytes: number }[]; moreGrowth: number;
}

// ---- how the tree grid asks for rows -------------------------------------------------------

export interface RowQuery {
  readonly scope: Scope;
  readonly sort: 'name' | 'size' | 'mode' | 'owner' | 'mtime';
  /** Show deleted entries as ghosts. */
  readonly ghosts: boolean;
  /** Only paths that the (top) layer changed, and their parents. */
  readonly changedOnly: boolean;
  /** Empty: no filter. `*` or `?` make it a glob, `/…/` a regular expression, else a substring. */
  readonly filter: string;
  /** Every directory is open, whatever the grid on screen shows: for a list of all files. */
  readonly all?: boolean;
}

/** Which rows of a comparison are shown. */
export interface CompareQuery {
  readonly added: boolean;
  readonly removed: boolean;
  readonly modified: boolean;
  readonly metadata: boolean;
  /** As in `RowQuery`. */
  readonly filter: string;
}
export type Side = 'a' | 'b';

// ---- page → session worker -----------------------------------------------------------------

/** Each request is answered by exactly one `Reply` with the same id. */
export type Request = { readonly id: number } & (
  | { readonly op: 'open'; readonly source: Source; readonly options: OpenOptions } // → null, after the manifest is known; events follow
  | { readonly op: 'choose'; readonly choice: number } // another image or platform of the same source → null
  | { readonly op: 'rows'; readonly query: RowQuery; readonly from: number; readonly count: number } // → RowPage
  | { readonly op: 'fold'; readonly query: RowQuery; readonly node: number | null; readonly levels: number } // 0 closes, more opens; of all directories (null) so many levels → null
  | { readonly op: 'locate'; readonly query: RowQuery; readonly path: string } // opens the parents → { node, row } | null
  | { readonly op: 'parent'; readonly query: RowQuery; readonly node: number } // → { node, row } | null
  | { readonly op: 'seek'; readonly query: RowQuery; readonly text: string; readonly from: number } // type-ahead → { node, row } | null
  | { readonly op: 'details'; readonly scope: Scope; readonly node: number } // → Details
  | { readonly op: 'shares'; readonly scope: Scope; readonly path: string; readonly count: number } // the largest things in a directory → Shares | null
  | { readonly op: 'content'; readonly scope: Scope; readonly node: number; readonly from: number; readonly length: number } // → Content
  | { readonly op: 'node'; readonly scope: Scope; readonly path: string } // → number | null
  | { readonly op: 'elf'; readonly scope: Scope; readonly node: number } // → ElfView | null, null when it is no ELF file
  | { readonly op: 'digest'; readonly scope: Scope; readonly node: number } // reads the whole file → SHA-256 in hexadecimal; one at a time
  | { readonly op: 'digest-stop' } // ends that → null
  | { readonly op: 'waste' } // → WasteReport
  | { readonly op: 'markers' } // → Markers
  | { readonly op: 'gate'; readonly rules: string; readonly dive: WasteReport['dive'] } // figures by the text of a `.dive-ci` file → GateReport
  | { readonly op: 'raw'; readonly what: 'manifest' | 'config' } // → DocumentView | null
  | { readonly op: 'attached' } // looks for what is attached to the image → AttachedView, or null where there is no image
  | { readonly op: 'attached-bytes'; readonly digest: string } // of a statement or an artifact's manifest → ArrayBuffer, or null when they are not at hand
  | { readonly op: 'tags' } // registry only → string[]
  | { readonly op: 'retry'; readonly layer: number } // → null
  | { readonly op: 'cancel'; readonly blob?: string } // stops all running work, or the layer of a digest or diff_id; keeps what is known → null
  | { readonly op: 'compare'; readonly source: Source | null; readonly options: OpenOptions } // with another source, or another image of the same → null, after its manifest is known; events follow
  | { readonly op: 'compared'; readonly ignoreTimes: boolean } // → CompareView, or null while a layer of one of the images is read
  | { readonly op: 'compare-rows'; readonly query: CompareQuery; readonly from: number; readonly count: number } // → ComparePage
  | { readonly op: 'compare-toggle'; readonly query: CompareQuery; readonly row: number; readonly expand: boolean } // → null
  | { readonly op: 'compare-locate'; readonly query: CompareQuery; readonly path: string } // opens the parents → { node, row } | null
  | { readonly op: 'compare-content'; readonly side: Side; readonly node: number; readonly from: number; readonly length: number } // → Content
  | { readonly op: 'uncompare' } // forgets the other image → null
  | { readonly op: 'memory' } // wasm bytes of this worker and all live scan workers, and of the indexes in it → { bytes, peak, indexes }
);

export interface Content { bytes: ArrayBuffer; from: number; size: number }
export interface Located { node: number; row: number }

// ---- session worker → page -----------------------------------------------------------------

export type Reply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: ErrorView };

export type Event =
  | { readonly event: 'ready' } // the wasm is loaded
  | { readonly event: 'opening'; readonly progress: Progress } // a wrapped archive is read through before anything is known of it
  | { readonly event: 'waiting'; readonly seconds: number } // a registry is asked again after so long
  | { readonly event: 'overview'; readonly overview: Overview } // at once, then at most ten times a second while anything but the progress changes
  | { readonly event: 'progress'; readonly layers: readonly (readonly [number, Progress])[] } // how far the layers are that are being read, by number
  | { readonly event: 'trees'; readonly layer: number } // the rows of scopes that include this layer have changed
  | { readonly event: 'digesting'; readonly read: number } // bytes of the file whose digest is worked out
  | { readonly event: 'found' } // a search found more rows, or came to its end
  | { readonly event: 'other'; readonly overview: Overview } // the image that is compared with
  | { readonly event: 'other-progress'; readonly layers: readonly (readonly [number, Progress])[] } // how far its layers are
  | { readonly event: 'compared' } // all that can be known of both images is known, or something of it has changed
  | { readonly event: 'crashed'; readonly message: string };

// ---- session worker → scan worker (one job each, then it ends) -----------------------------

/** What bytes to read. Made by the core (`BlobPlan`) as JSON text, completed here with what only a browser has. */
export interface ScanJob {
  readonly op: 'scan' | 'extract' | 'digest' | 'read-through' | 'extract-member';
  /** JSON of the core's plan. */
  readonly plan: string;
  /** The archive, or the file of a layout. */
  readonly blob?: Blob;
  /** Or its URL, read by Range requests. */
  readonly url?: string;
  readonly secret?: string;
}
export type ScanEvent =
  | { readonly event: 'progress'; readonly progress: Progress; readonly memory: number }
  | { readonly event: 'waiting'; readonly seconds: number }
  | { readonly event: 'preview'; readonly bytes: ArrayBuffer } // what the headers tell before the contents are read, or what has been read so far
  | { readonly event: 'done'; readonly bytes: ArrayBuffer; readonly memory: number }
  | { readonly event: 'failed'; readonly error: ErrorView };
