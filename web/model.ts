/**
 * What the page knows: the view (from the address bar), the session, its latest overview, and running work.
 * Components read it, draw themselves on every `change`, and act through its methods.
 */
import { Client, errorView, type Port } from './client.ts';
import { COLUMNS, keepColumns, keptColumns, USUAL_COLUMNS, type Column } from './columns.ts';
import type { Dropped } from './drop.ts';
import { USUAL, type Thresholds } from './gate-rules.ts';
import { given, type Arrival, type Given } from './gateway.ts';
import { t, tn, useLanguage, currentLanguage, pickLanguage, type Language } from './i18n.ts';
import { Announcer, isSettled, Meter, NO_WORK, workOf, type Announcement } from './progress.ts';
import { named, Other } from './other.ts';
import type { Choice, ErrorView, Event as SessionEvent, Gateway, ImageView, LayerView, OpenOptions, Overview, Progress, RowQuery, Scope, Source } from './protocol.ts';
import { familiar, refusesPages, registryOf, understand } from './reference.ts';
import { remember, type Recent } from './recent.ts';
import { Sources, openedOf } from './sources.ts';
import { forSource, parseView, printView, sameSource, START, type Opened, type View } from './state.ts';

/** Where the page stands. */
export type Phase =
  | { readonly name: 'start' }
  /** A source that this page cannot or will not read by itself: why, and what works. */
  | { readonly name: 'explain'; readonly opened: Opened }
  /** A link that speaks of a file which only the tab that made it had. */
  | { readonly name: 'lost'; readonly opened: Opened }
  | { readonly name: 'opening'; readonly opened: Opened }
  | { readonly name: 'open'; readonly opened: Opened }
  | { readonly name: 'failed'; readonly opened: Opened; readonly error: ErrorView };

/** A short notice that goes by itself. */
export interface Toast {
  readonly text: string;
  readonly action?: { readonly text: string; readonly run: () => void };
}

/** What the model needs of the world around it. */
export interface World {
  readonly location: Location;
  readonly history: History;
  readonly storage: Storage | null;
  spawn(): Port;
  now(): number;
}

/** How the address bar changes: a step that Back undoes, or none. */
type Step = 'push' | 'replace';

/** The least milliseconds between two drawings of the tree while layers arrive. */
const TREES_MS = 400;

export class Model extends EventTarget {
  view: View = START;
  phase: Phase = { name: 'start' };
  overview: Overview | null = null;
  readonly meter = new Meter();
  readonly #meters = new Map<number, Meter>();
  /** Grows whenever rows that are on screen may have changed. */
  treeVersion = 0;
  /** Grows when a search found more rows. */
  foundVersion = 0;
  toast: Toast | null = null;
  /** What was said last, for the live regions: in its turn, and at once. */
  said = '';
  alarm = '';
  /** On small screens: whether the details lie over the tree. */
  sheet = false;
  /** The user stopped the work. */
  stopped = false;
  /** The image that this one is compared with. */
  readonly other = new Other(() => this.#changed());
  #client: Client | null = null;
  #announcer = new Announcer();
  readonly #sources: Sources;
  #toastTimer = 0;
  #treesTimer = 0;
  #treesAt = Number.NEGATIVE_INFINITY;
  /** A worker that loads the core while a person chooses what to open. */
  #warm: Port | null = null;
  /** When a registry is asked again, on the clock of `World.now`. */
  #againAt = 0;
  #againTimer = 0;
  #remembered = false;

  constructor(private readonly world: World) {
    super();
    this.#sources = new Sources(world.location);
  }

  // ---- what components read ------------------------------------------------------------------

  get gateway(): Gateway | null {
    return this.#sources.gateway;
  }

  get client(): Client | null {
    return this.#client;
  }

  get image(): ImageView | null {
    return this.overview?.image ?? null;
  }

  get choice(): Choice | null {
    const { overview } = this;
    return overview?.choices.find(({ id }) => id === overview.chosen) ?? null;
  }

  /** The layer that is looked at; the newest unless one was chosen. */
  get layer(): LayerView | null {
    const layers = this.image?.layers ?? [];
    return layers[Math.min(this.view.layer ?? layers.length - 1, layers.length - 1)] ?? null;
  }

  get scope(): Scope {
    const layer = this.layer?.number ?? 0;
    return this.view.scope === 'merged' ? { scope: 'merged' } : { scope: this.view.scope, layer };
  }

  get query(): RowQuery {
    const { sort, ghosts, changedOnly, filter } = this.view;
    return { scope: this.scope, sort, ghosts, changedOnly, filter };
  }

  /** The layers of what is looked at of which no file is known, because nobody asked for them. */
  get unlisted(): LayerView[] {
    const { scope } = this;
    const isShown = ({ number }: LayerView): boolean => scope.scope === 'merged' || (scope.scope === 'layer' ? number === scope.layer : number <= scope.layer);
    return (this.image?.layers ?? []).filter((layer) => layer.onDemand === true && layer.preview !== true && isShown(layer));
  }

  /** What the source is called on screen. */
  get name(): string {
    const opened = this.overview?.source.name ?? this.view.opened;
    if (typeof opened === 'string') return opened;
    if (opened === null) return '';
    if (opened.kind === 'sample') return t('sample.name');
    return opened.kind === 'reference' ? familiar(opened.reference) : opened.kind === 'layout' ? opened.url : opened.name;
  }

  /** Seconds until a registry is asked again; null when none asked for time. */
  get againIn(): number | null {
    const left = Math.ceil((this.#againAt - this.world.now()) / 1000);
    return left > 0 ? left : null;
  }

  // ---- beginning -----------------------------------------------------------------------------

  /** Reads the address bar and shows what it says. */
  async begin(arrival: Arrival, spoken: readonly string[]): Promise<void> {
    this.#sources.gateway = arrival.gateway;
    this.view = this.#address();
    this.#applyTheme();
    await useLanguage(pickLanguage(this.view.language, spoken));
    if (this.gateway !== null) this.#sources.served = await given(this.gateway);
    if (this.view.opened !== null) this.#resume(this.view.opened);
    else if (this.#sources.served !== null) this.#openServed(this.#sources.served, arrival);
    else if (arrival.open === 'sample') this.openSample('replace');
    this.#changed();
  }

  /** Back or forward. */
  async follow(spoken: readonly string[]): Promise<void> {
    const before = this.view;
    this.view = this.#address();
    this.#applyTheme();
    const language = pickLanguage(this.view.language, spoken);
    if (language !== currentLanguage()) await useLanguage(language);
    const shown = this.phase.name === 'open' || this.phase.name === 'opening';
    if (!shown || !sameSource(before.opened, this.view.opened)) {
      if (this.view.opened === null) this.#close({ name: 'start' });
      else this.#resume(this.view.opened);
    } else if (before.platform !== this.view.platform || before.image !== this.view.image) {
      const again = this.overview?.choices.find((choice) => this.#isChosenBy(choice, this.view));
      if (again !== undefined) this.#choose(again);
    }
    this.#changed();
  }

  /** What the address says, with what this browser remembers where it says nothing. */
  #address(): View {
    const view = parseView(this.world.location.search);
    return { ...view, columns: view.columns ?? keptColumns(this.world.storage) };
  }

  // ---- opening -------------------------------------------------------------------------------

  /** What was typed or pasted. */
  openText(text: string, platform: string | null): void {
    const typed = understand(text);
    if (typed.kind === 'nothing') return;
    const opened: Opened = typed.kind === 'layout' ? { kind: 'layout', url: typed.url } : { kind: 'reference', reference: typed.reference };
    this.#begin(opened, platform);
  }

  openSource(source: Dropped): void {
    const opened = openedOf(source);
    this.#sources.keep(opened, source);
    this.#begin(opened, null);
  }

  openSample(step: Step = 'push'): void {
    this.#begin({ kind: 'sample' }, null, step);
  }

  openAgain(opened: Opened, platform: string | null): void {
    this.#begin(opened, platform);
  }

  /** The user insists on asking a host that may not answer pages. */
  openDirectly(): void {
    if (this.phase.name === 'explain') this.#open(this.phase.opened, this.#sources.of(this.phase.opened, true));
  }

  /** The same source, from the start. */
  reopen(): void {
    if (this.phase.name === 'failed') this.#open(this.phase.opened, this.#sources.of(this.phase.opened, true));
  }

  /** To the start page. */
  leave(): void {
    this.#close({ name: 'start' });
    this.#navigate(forSource(this.view, null), 'push');
  }

  /** Files of earlier links can be had again only from the user; whether this tab still has them. */
  has(opened: Opened): boolean {
    return this.#sources.of(opened, false) !== null || opened.kind === 'reference' || opened.kind === 'layout';
  }

  #begin(opened: Opened, platform: string | null, step: Step = 'push', image: string | null = null): void {
    this.#navigate(forSource(this.view, opened, { platform, image }), step);
    this.#resume(opened);
    this.#changed();
  }

  #resume(opened: Opened): void {
    const source = this.#sources.of(opened, false);
    if (source !== null) this.#open(opened, source);
    else if (opened.kind === 'reference' || opened.kind === 'layout') this.#close({ name: 'explain', opened });
    else this.#close({ name: 'lost', opened });
  }

  /** Where an image is that is compared with: whoever types its name wants it asked for. */
  sourceOf(reference: string): Source | null {
    return this.#sources.of({ kind: 'reference', reference }, true);
  }

  #openServed(served: Given, { image, platform }: Arrival): void {
    this.#begin(served.kind === 'reference' ? { kind: 'reference', reference: served.name } : { kind: 'served', name: served.name }, platform, 'replace', image);
  }

  /** Something will be opened soon: the core is loaded meanwhile. */
  warm(): void {
    this.#warm ??= this.world.spawn();
  }

  #open(opened: Opened, source: Source | null): void {
    if (source === null) return;
    // A new worker for each source: wasm memory never shrinks, and ending the old one ends all its work.
    this.#close({ name: 'opening', opened });
    const port = this.#warm ?? this.world.spawn();
    this.#warm = null;
    const client = new Client(port, (event) => {
      if (this.#client === client) this.#hear(event);
    });
    this.#client = client;
    const options: OpenOptions = {
      ...(this.view.platform !== null && { platform: this.view.platform }),
      ...(this.view.image !== null && { image: this.view.image }),
    };
    client.request('open', { source, options }).catch((error: unknown) => {
      if (this.#client === client) this.#fail(opened, errorView(error));
    });
  }

  #close(phase: Phase): void {
    this.#client?.close();
    this.#client = null;
    this.overview = null;
    this.other.reset();
    this.phase = phase;
    this.meter.reset();
    this.#announcer.reset();
    this.said = this.alarm = '';
    this.#againAt = 0;
    this.stopped = false;
    this.sheet = false;
    this.#remembered = false;
    this.#changed();
  }

  #fail(opened: Opened, error: ErrorView): void {
    // What is known already stays on screen: one fault never hides what is good.
    if (this.overview?.image == null) this.phase = { name: 'failed', opened, error };
    else this.notify({ text: error.text });
    this.#changed();
  }

  // ---- what the session tells ----------------------------------------------------------------

  #hear(event: SessionEvent): void {
    if (event.event === 'overview') this.#learn(event.overview);
    else if (event.event === 'progress') this.#progressed(event.layers);
    else if (event.event === 'opening') this.#reading(event.progress);
    else if (event.event === 'trees') this.#treesChanged(event.layer);
    else if (event.event === 'found') this.#found();
    else if (event.event === 'digesting') this.dispatchEvent(new CustomEvent('digesting', { detail: event.read }));
    else if (event.event === 'waiting') this.#waitFor(event.seconds);
    else if (event.event === 'other' || event.event === 'other-progress' || event.event === 'compared') this.other.hear(event);
    else if (event.event === 'crashed' && 'opened' in this.phase) {
      this.phase = { name: 'failed', opened: this.phase.opened, error: { name: 'worker-crashed', text: event.message } };
      this.#changed();
    }
  }

  /** A wrapped archive is read to its end before anything is known of it. */
  #reading({ read, total }: Progress): void {
    this.meter.sample(this.world.now(), { ...NO_WORK, read, total, waiting: 1 });
    this.#changed();
  }

  /** Counts down to when a registry is asked again. It is said aloud once. */
  #waitFor(seconds: number): void {
    this.#againAt = Math.max(this.#againAt, this.world.now() + seconds * 1000);
    if (this.againIn !== null) this.said = t('status.again-in', { seconds: this.againIn });
    this.#countDown();
  }

  #countDown(): void {
    window.clearTimeout(this.#againTimer);
    if (this.againIn !== null) this.#againTimer = window.setTimeout(() => this.#countDown(), 250);
    this.#changed();
  }

  #learn(overview: Overview): void {
    const fresh = this.overview?.chosen !== overview.chosen;
    this.overview = overview;
    if (this.phase.name === 'opening') this.phase = { name: 'open', opened: this.phase.opened };
    if (fresh) {
      this.meter.reset();
      this.#announcer.reset();
      this.#remembered = false;
      this.treeVersion += 1;
      this.#treesAt = Number.NEGATIVE_INFINITY;
    }
    const { image } = overview;
    if (image !== null) {
      this.#measure(image);
      if (image.layers.every(isSettled) && !this.#remembered) this.#remember(overview, image);
    }
    this.#changed();
  }

  /** Only figures change: what draws none of them hears nothing. */
  #progressed(layers: readonly (readonly [number, Progress])[]): void {
    const { image } = this;
    if (image === null) return;
    for (const [number, progress] of layers) {
      const layer = image.layers[number];
      if (layer?.state === 'verifying') layer.progress = progress;
    }
    this.dispatchEvent(new Event(this.#measure(image) ? 'change' : 'progress'));
  }

  /** Takes note of how far the work is. True if there is something to say of it. */
  #measure({ layers }: ImageView): boolean {
    for (const { number, state, progress } of layers) {
      if (state !== 'verifying') this.#meters.delete(number);
      else if (progress !== null) {
        const meter = this.#meters.get(number) ?? new Meter();
        this.#meters.set(number, meter);
        meter.sample(this.world.now(), { ...NO_WORK, read: progress.read, total: progress.total ?? layers[number]?.size ?? null, running: [number] });
      }
    }
    const work = workOf(layers, this.stopped);
    this.meter.sample(this.world.now(), work);
    const said = this.#announcer.next(work, this.meter.share);
    this.#announce(said);
    return said.length > 0;
  }

  #announce(all: readonly Announcement[]): void {
    const alarms = all.filter(({ kind }) => kind === 'mismatch');
    const others = all.filter(({ kind }) => kind !== 'mismatch');
    if (alarms.length > 0) this.alarm = alarms.map(sentence).join(' ');
    if (others.length > 0) this.said = others.map(sentence).join(' ');
  }

  /** While layers arrive the tree changes often. The first change is shown at once; then twice a second is enough for eyes. */
  #treesChanged(layer: number): void {
    const { scope } = this;
    if (scope.scope === 'layer' ? scope.layer !== layer : scope.scope === 'up-to' && scope.layer < layer) return;
    if (this.#treesTimer !== 0) return;
    const since = this.world.now() - this.#treesAt;
    this.#treesTimer = window.setTimeout(() => {
      this.#treesTimer = 0;
      this.#treesAt = this.world.now();
      this.treeVersion += 1;
      this.#changed();
    }, this.meter.busy ? Math.max(0, TREES_MS - since) : 30);
  }

  #found(): void {
    this.foundVersion += 1;
    this.dispatchEvent(new Event('found'));
  }

  #remember(overview: Overview, image: ImageView): void {
    this.#remembered = true;
    const { opened } = this.view;
    if (opened === null || opened.kind === 'sample') return;
    remember(this.world.storage, {
      opened,
      name: overview.source.name,
      platform: image.platform,
      layers: image.layers.map((layer) => layer.uncompressedSize ?? layer.size ?? 0),
      size: image.totals.size,
      result: resultOf(image),
      at: Date.now(),
    });
  }

  // ---- what the user does --------------------------------------------------------------------

  /** Looks at something else. */
  look(change: Partial<View>, step: Step = 'push'): void {
    this.#navigate({ ...this.view, ...change }, step);
    this.#changed();
  }

  /** Opens the directories of so many levels of the tree that is looked at, and closes all others. */
  async fold(levels: number): Promise<void> {
    await this.#client?.request('fold', { query: this.query, node: null, levels }).catch((error: unknown) => this.notify({ text: errorView(error).text }));
    this.treeVersion += 1;
    this.look({ tab: 'files' });
  }

  get columns(): readonly Column[] {
    return this.view.columns ?? USUAL_COLUMNS;
  }

  /** Shows a column of the tree or hides it. */
  flipColumn(column: Column): void {
    this.showColumns(COLUMNS.filter((each) => this.columns.includes(each) !== (each === column)));
  }

  /** Null: the usual columns. */
  showColumns(columns: readonly Column[] | null): void {
    keepColumns(this.world.storage, columns);
    this.look({ columns }, 'replace');
  }

  /** Compares with what was dropped or chosen. */
  compareWith(source: Dropped): void {
    this.other.given = { opened: openedOf(source), source };
    this.look({ compare: null, comparePlatform: null, compareImage: null });
  }

  /** Opens the image that this one is compared with, and compares it with this one. */
  swap(): void {
    const { view, other } = this;
    const a = view.opened;
    const source = a === null ? null : this.#sources.of(a, true);
    if (a === null || source === null || other.choice === null) return;
    const mine = named(this.choice, this.overview?.choices ?? []);
    const theirs = named(other.choice, other.overview?.choices ?? []);
    const turned = { compare: a.kind === 'reference' && (view.compare !== null || other.given !== null) ? a.reference : null, comparePlatform: mine.platform, compareImage: mine.image };
    if (view.compare === null && other.given === null) {
      const { number, platform, digest } = other.choice;
      const same = this.overview?.choices.find((each) => each.number === number && each.platform === platform && each.digest === digest);
      if (same === undefined) return;
      this.#navigate({ ...view, ...turned, platform: theirs.platform, image: theirs.image, layer: null }, 'push');
      this.#choose(same);
    } else {
      const b = view.compare === null ? other.given : { opened: { kind: 'reference' as const, reference: view.compare }, source: this.sourceOf(view.compare) };
      if (b?.source == null) return;
      if (b.source.kind === 'file' || b.source.kind === 'directory') this.#sources.keep(b.opened, b.source);
      this.#navigate({ ...forSource(view, b.opened, theirs), tab: 'compare', path: view.path, ...turned }, 'push');
      this.#open(b.opened, b.source);
      other.given = a.kind === 'reference' ? null : { opened: a, source };
    }
    this.#changed();
  }

  choose(choice: Choice): void {
    const several = new Set(this.overview?.choices.map(({ number }) => number)).size > 1;
    this.#navigate({ ...this.view, platform: choice.platform, image: several ? String(choice.number) : null, layer: null, path: null }, 'push');
    this.#choose(choice);
    this.#changed();
  }

  #choose(choice: Choice): void {
    this.stopped = false;
    this.#client?.request('choose', { choice: choice.id }).catch((error: unknown) => this.notify({ text: errorView(error).text }));
  }

  #isChosenBy(choice: Choice, view: View): boolean {
    const image = view.image === null || view.image === String(choice.number) || choice.names.includes(view.image);
    return image && (view.platform === null || view.platform === choice.platform);
  }

  cancel(): void {
    this.stopped = true;
    this.#againAt = 0;
    if (this.phase.name === 'opening') {
      const { opened } = this.phase;
      this.#close({ name: 'failed', opened, error: { name: 'cancelled', text: 'cancelled' } });
      return;
    }
    this.#client?.request('cancel').then(
      () => this.notify({ text: t('progress.cancelled'), action: { text: t('progress.go-on'), run: () => this.goOn() } }),
      (error: unknown) => this.notify({ text: errorView(error).text }),
    );
    this.#changed();
  }

  /** Stops the reading of one layer. */
  cancelLayer({ digest, diffId }: LayerView): void {
    const blob = digest ?? diffId;
    if (blob !== null) this.#client?.request('cancel', { blob }).catch((error: unknown) => this.notify({ text: errorView(error).text }));
  }

  /** How fast one layer is being read, and how long it will take. */
  meterOf(layer: number): Meter | null {
    return this.#meters.get(layer) ?? null;
  }

  /** Reads what was not read to its end. */
  goOn(): void {
    for (const layer of this.image?.layers ?? []) if (layer.state === 'pending' || layer.state === 'failed') this.retry(layer.number);
  }

  retry(layer: number): void {
    this.stopped = false;
    this.#client?.request('retry', { layer }).catch((error: unknown) => this.notify({ text: errorView(error).text }));
    this.#changed();
  }

  /** Reads what is only known from before, so that it is verified. */
  verifyKnown(): void {
    for (const layer of this.image?.layers ?? []) if (layer.state === 'known') this.retry(layer.number);
  }

  notify(toast: Toast): void {
    this.toast = toast;
    window.clearTimeout(this.#toastTimer);
    this.#toastTimer = window.setTimeout(() => this.dismiss(), toast.action === undefined ? 4000 : 10_000);
    this.#changed();
  }

  dismiss(): void {
    this.toast = null;
    this.#changed();
  }

  async copy(text: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.notify({ text: t('copied', { what }) });
    } catch {
      this.notify({ text: t('copy-failed') });
    }
  }

  /** Allows more or less; null: what dive allows. */
  setThresholds(change: Partial<Thresholds> | null): void {
    this.look({ thresholds: change === null ? USUAL : { ...this.view.thresholds, ...change } }, 'replace');
  }

  openSheet(open: boolean): void {
    this.sheet = open;
    this.#changed();
  }

  async speak(language: Language): Promise<void> {
    await useLanguage(language);
    this.look({ language }, 'replace');
  }

  toggleTheme(): void {
    const dark = (this.view.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
    this.look({ theme: dark ? 'light' : 'dark' }, 'replace');
  }

  /** Registries that are known to refuse pages are not even offered politely. */
  get explainsClosed(): boolean {
    return this.phase.name === 'explain' && this.phase.opened.kind === 'reference' && refusesPages(registryOf(this.phase.opened.reference));
  }

  #navigate(view: View, step: Step): void {
    this.view = view;
    const address = this.world.location.pathname + printView(view);
    if (address === this.world.location.pathname + this.world.location.search) return;
    if (step === 'push') this.world.history.pushState(null, '', address);
    else this.world.history.replaceState(null, '', address);
    this.#applyTheme();
  }

  #applyTheme(): void {
    const root = document.documentElement;
    if (this.view.theme === null) delete root.dataset['theme'];
    else root.dataset['theme'] = this.view.theme;
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}

function resultOf({ layers, totals }: ImageView): Recent['result'] {
  if (totals.verified) return 'verified';
  if (layers.some(({ state }) => state === 'mismatch')) return 'mismatch';
  return layers.every(({ state }) => state === 'verified' || state === 'known') ? 'known' : 'unverified';
}

function sentence(announcement: Announcement): string {
  switch (announcement.kind) {
    case 'started':
      return tn('say.started', announcement.layers);
    case 'quarter':
      return t('say.quarter', { percent: announcement.percent });
    case 'mismatch':
      return t('say.mismatch', { layer: announcement.layer });
    case 'ended':
      if (announcement.failed + announcement.mismatched > 0) return t('say.ended-badly', { mismatched: announcement.mismatched, failed: announcement.failed });
      if (announcement.known > 0) return t('say.ended-known', { known: announcement.known, verified: announcement.verified });
      return tn('say.ended', announcement.verified);
  }
}
