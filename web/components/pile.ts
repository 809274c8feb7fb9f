/** The sample as a pile of plates, oldest at the bottom: a picture of what a layer is. Drawn from a few numbers. */
import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { t } from '../i18n.ts';
import { vars } from './part.ts';

interface Sheet {
  readonly label: string;
  readonly note: string;
  /** Height of the block in units of the picture; 0 draws a dashed outline: a step without a layer. */
  readonly height: number;
  /** Seeds the cells on the top face, so that each layer has its own files. */
  readonly cells: readonly number[];
}

const WIDTH = 236;
const DEPTH = 118;
const LEFT = 32;
const GAP = 36;

type Point = readonly [u: number, v: number];

/** A point of the unit square on the top face, in the picture's coordinates. */
const onFace = ([u, v]: Point, y: number): string => `${(LEFT + WIDTH / 2 + ((u - v) * WIDTH) / 2).toFixed(1)} ${(y + ((u + v) * DEPTH) / 2).toFixed(1)}`;

/** Splits the face again and again, each time at a share of what is left. */
function cells(shares: readonly number[], y: number): string {
  let path = '';
  let [u0, v0, u1, v1] = [0, 0, 1, 1];
  shares.forEach((share, index) => {
    if (index % 2 === 0) {
      const u = u0 + (u1 - u0) * share;
      path += `M${onFace([u, v0], y)}L${onFace([u, v1], y)}`;
      u0 = u;
    } else {
      const v = v0 + (v1 - v0) * share;
      path += `M${onFace([u0, v], y)}L${onFace([u1, v], y)}`;
      v0 = v;
    }
  });
  return path;
}

function block(sheet: Sheet, index: number, count: number, y: number): SVGTemplateResult {
  const [top, right, bottom, left] = [onFace([0, 0], y), onFace([1, 0], y), onFace([1, 1], y), onFace([0, 1], y)];
  if (sheet.height === 0) return svg`<path class="wire" d="M${top}L${right}L${bottom}L${left}z"></path>`;
  const down = `v${sheet.height}`;
  return svg`<g class="stratum" ${vars({ '--i': index, '--n': count })}>
    <path class="left-face" d="M${left}L${bottom}${down}L${onFace([0, 1], y + sheet.height)}z"></path>
    <path class="right-face" d="M${bottom}L${right}${down}L${onFace([1, 1], y + sheet.height)}z"></path>
    <path class="top-face" d="M${top}L${right}L${bottom}L${left}z"></path>
    <path class="cells" d=${cells(sheet.cells, y)}></path></g>`;
}

/** Newest first, as the eye reads it; drawn from the bottom up. */
export function pile(): TemplateResult {
  const sheets: readonly Sheet[] = [
    { label: 'CMD /apple.txt', note: t('pile.config'), height: 0, cells: [] },
    { label: 'RUN rm -rf seeds', note: t('pile.deletes'), height: 14, cells: [0.72] },
    { label: 'RUN touch banana.txt', note: t('pile.adds'), height: 20, cells: [0.42, 0.6, 0.55] },
    { label: 'COPY apple.txt /', note: t('pile.adds'), height: 24, cells: [0.58, 0.36, 0.5, 0.5] },
    { label: 'ADD rootfs.tar /', note: t('pile.base'), height: 44, cells: [0.44, 0.5, 0.38, 0.44, 0.52, 0.5, 0.5, 0.46] },
  ];
  const layers = sheets.filter(({ height }) => height > 0).length;
  let y = 6;
  let number = layers;
  const placed = sheets.map((sheet) => {
    const at = y;
    y += GAP + sheet.height;
    return { sheet, at, number: sheet.height === 0 ? 0 : number-- };
  });
  return html`<svg class="pile" viewBox="0 0 440 ${Math.ceil(y + DEPTH - GAP + 6)}" role="img" aria-label=${t('pile.label')}>
    ${[...placed].reverse().map((each) => block(each.sheet, each.number, layers, each.at))}
    ${placed.map(({ sheet, at }) => {
      const middle = at + DEPTH / 2 + sheet.height / 2;
      return svg`<path class="lead-line" d="M${LEFT + WIDTH + 5} ${middle}H${LEFT + WIDTH + 30}"></path>
        <text x=${LEFT + WIDTH + 38} y=${middle - 3}>${sheet.label}</text><text class="sub" x=${LEFT + WIDTH + 38} y=${middle + 13}>${sheet.note}</text>`;
    })}
  </svg>`;
}
