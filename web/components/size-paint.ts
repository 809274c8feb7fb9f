/** Draws a treemap. Colours come from the page's own properties, so that themes and contrast follow. */
import { TITLE, type Area } from '../areas.ts';
import { bytes } from '../format.ts';
import { t } from '../i18n.ts';
import { show } from '../show.ts';

export type Colour = 'layer' | 'change';

export interface Paint {
  readonly colour: Colour;
  /** Layers of the image. */
  readonly layers: number;
  /** The area that is pointed at; below zero: none. */
  readonly active: number;
}

const LINE = 16;
const INSET = 6;
/** From here on a name, and a size below it, fit. */
const NAMED = { width: 38, height: 20 } as const;
const SIZED = { width: 62, height: 40 } as const;
const HATCH = 6;

interface Inks {
  readonly ink: string;
  readonly dim: string;
  readonly surface: string;
  readonly line: string;
  readonly focus: string;
  readonly removed: string;
  readonly font: string;
  /** Of a layer or a change: behind the words, and at full strength. */
  tint(area: Area): readonly [soft: string, strong: string];
}

/** Asks the browser what the style sheet's colours are here and now. */
function inksOf(canvas: HTMLCanvasElement, { colour, layers }: Paint): Inks {
  const probe = document.createElement('i');
  probe.className = 'stratum';
  probe.hidden = true;
  // What is drawn on a canvas is forced to no colour: neither is what it is drawn with.
  probe.style.setProperty('forced-color-adjust', 'none');
  canvas.after(probe);
  probe.style.setProperty('--n', String(layers));
  const paint = (value: string): string => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const tints = new Map<string, readonly [string, string]>();
  const soft = (strong: string): string => paint(`color-mix(in oklab, ${strong} 24%, var(--surface))`);
  for (let layer = 0; layer < layers && colour === 'layer'; layer += 1) {
    probe.style.setProperty('--i', String(layer + 1));
    tints.set(String(layer), [soft('var(--stratum)'), paint('var(--stratum)')]);
  }
  for (const change of ['added', 'modified', 'removed', 'metadata'] as const) tints.set(change, [soft(`var(--${change})`), paint(`var(--${change})`)]);
  const plain = [paint('var(--ground)'), paint('var(--line-strong)')] as const;
  const inks: Inks = {
    ink: paint('var(--ink-1)'), dim: paint('var(--ink-2)'), surface: paint('var(--surface)'), line: paint('var(--line-strong)'), focus: paint('var(--focus)'), removed: paint('var(--removed)'),
    font: getComputedStyle(canvas).fontFamily,
    tint: ({ share }) => (share === null ? plain : (tints.get(colour === 'layer' ? String(share.layer) : share.row.changedBelow && share.row.change === 'unchanged' ? 'modified' : share.row.change) ?? plain)),
  };
  probe.remove();
  return inks;
}

export function paintMap(canvas: HTMLCanvasElement, areas: readonly Area[], how: Paint): void {
  const { width, height } = canvas.getBoundingClientRect();
  const scale = window.devicePixelRatio;
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  pen.scale(scale, scale);
  pen.textBaseline = 'middle';
  const inks = inksOf(canvas, how);
  for (const area of areas) {
    pen.save();
    if (area.isFrame) frame(pen, area, inks);
    else leaf(pen, area, inks);
    pen.restore();
  }
  const active = areas[how.active];
  if (active === undefined) return;
  const { x, y, width: w, height: h } = active.box;
  pen.strokeStyle = inks.focus;
  pen.lineWidth = 2;
  pen.strokeRect(x + 1, y + 1, Math.max(0, w - 2), Math.max(0, h - 2));
}

/** A directory with what is in it: its name and size above. */
function frame(pen: CanvasRenderingContext2D, area: Area, inks: Inks): void {
  const { x, y, width, height } = area.box;
  clip(pen, x, y, width, height);
  pen.fillStyle = inks.surface;
  pen.fillRect(x, y, width, height);
  const size = bytes(area.bytes);
  pen.font = `400 12px ${inks.font}`;
  const room = pen.measureText(size).width;
  pen.font = `600 12px ${inks.font}`;
  const name = show(area.name);
  const both = pen.measureText(name).width + room + 20 < width;
  pen.fillStyle = inks.ink;
  pen.fillText(fitting(pen, name, width - 8), x + 4, y + TITLE / 2);
  if (!both) return;
  pen.font = `400 12px ${inks.font}`;
  pen.fillStyle = inks.dim;
  pen.fillText(size, x + width - room - 4, y + TITLE / 2);
}

function leaf(pen: CanvasRenderingContext2D, area: Area, inks: Inks): void {
  const [x, y, width, height] = [area.box.x + 0.5, area.box.y + 0.5, area.box.width - 1, area.box.height - 1];
  if (width <= 0 || height <= 0) return;
  clip(pen, x, y, width, height);
  const [soft, strong] = inks.tint(area);
  const gone = area.share?.row.deletedBy != null;
  if (gone) hatch(pen, x, y, width, height, strong, inks.surface);
  else {
    pen.fillStyle = soft;
    pen.fillRect(x, y, width, height);
    pen.fillStyle = strong;
    pen.fillRect(x, y, width, Math.min(2, height));
  }
  if (width < NAMED.width || height < NAMED.height) return;
  pen.font = `400 12px ${inks.font}`;
  const name = fitting(pen, area.share === null ? t('map.others') : show(area.name), width - 2 * INSET);
  if (name === '') return;
  const sized = width > SIZED.width && height > SIZED.height;
  const long = pen.measureText(name).width;
  if (gone) {
    pen.fillStyle = inks.surface;
    pen.fillRect(x + INSET - 3, y + INSET - 2, Math.max(long, sized ? pen.measureText(bytes(area.bytes)).width : 0) + 6, sized ? 2 * LINE + 3 : LINE + 1);
  }
  pen.fillStyle = inks.ink;
  pen.fillText(name, x + INSET, y + INSET + LINE / 2);
  if (gone) {
    pen.fillStyle = inks.removed;
    pen.fillRect(x + INSET, y + INSET + LINE / 2, long, 1);
  }
  if (!sized) return;
  pen.fillStyle = inks.dim;
  pen.fillText(fitting(pen, bytes(area.bytes), width - 2 * INSET), x + INSET, y + INSET + LINE * 1.5);
}

function hatch(pen: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, strong: string, surface: string): void {
  pen.fillStyle = surface;
  pen.fillRect(x, y, width, height);
  pen.strokeStyle = strong;
  pen.globalAlpha = 0.55;
  pen.beginPath();
  for (let at = -height; at < width; at += HATCH) {
    pen.moveTo(x + at, y + height);
    pen.lineTo(x + at + height, y);
  }
  pen.stroke();
  pen.globalAlpha = 1;
  pen.strokeRect(x + 0.5, y + 0.5, Math.max(0, width - 1), Math.max(0, height - 1));
}

function clip(pen: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
}

/** The text, or its beginning with an ellipsis; nothing when not even three letters fit. */
function fitting(pen: CanvasRenderingContext2D, text: string, width: number): string {
  if (pen.measureText(text).width <= width) return text;
  let [least, most] = [0, text.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (pen.measureText(`${text.slice(0, middle)}…`).width <= width) least = middle;
    else most = middle - 1;
  }
  return least < 3 ? '' : `${text.slice(0, least)}…`;
}
