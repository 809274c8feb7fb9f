/** Line icons on a 16-pixel grid, drawn with the ink of the text around them. */
import { html, nothing, svg, type TemplateResult } from 'lit';

const circle = (x: number, y: number, r: number): string => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
const sheet = 'M3.3 1.8h6l3.4 3.4v9H3.3zM9.2 1.9v3.4h3.4';

const DRAWN = {
  alert: 'M8 2.2 14.6 13.6H1.4zM8 6.4v3.4M8 11.7v.1',
  bad: 'M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4zM5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2',
  bin: `${sheet}M6.6 8.2l-1.4 1.7 1.4 1.7M9.4 8.2l1.4 1.7-1.4 1.7`,
  box: 'M8 1.8 13.8 5v6L8 14.2 2.2 11V5zM2.4 5.1 8 8.2l5.6-3.1M8 8.2v5.9',
  check: 'm3 8.6 3.3 3.3L13 4.6',
  columns: 'M2.2 3h11.6v10H2.2zM6 3v10M10 3v10',
  command: 'M5.6 5.6h4.8v4.8H5.6zM5.6 5.6V4a1.6 1.6 0 1 0-1.6 1.6zM10.4 5.6H12A1.6 1.6 0 1 0 10.4 4zM10.4 10.4V12a1.6 1.6 0 1 0 1.6-1.6zM5.6 10.4H4A1.6 1.6 0 1 0 5.6 12z',
  copy: 'M6.6 5.4h6c.66 0 1.2.54 1.2 1.2v6c0 .66-.54 1.2-1.2 1.2h-6c-.66 0-1.2-.54-1.2-1.2v-6c0-.66.54-1.2 1.2-1.2zM10.6 5.2V3.4c0-.7-.5-1.2-1.2-1.2H3.4c-.7 0-1.2.5-1.2 1.2v6c0 .7.5 1.2 1.2 1.2h1.8',
  device: `M2.2 5h11.6v6H2.2zM5 8h.01M7.4 8h.01M10 8h1.6`,
  dir: 'M1.8 3.6c0-.5.4-.9.9-.9h3.2l1.5 1.7h5.9c.5 0 .9.4.9.9v7.1c0 .5-.4.9-.9.9H2.7c-.5 0-.9-.4-.9-.9z',
  diro: 'M1.8 12.4V3.6c0-.5.4-.9.9-.9h3.2l1.5 1.7h5.1c.5 0 .9.4.9.9v1.4M1.9 12.9 4 6.9h11l-2 5.6c-.1.5-.5.8-1 .8H2.3',
  down: 'm3.5 6 4.5 4.5L12.5 6',
  'down-to': 'M8 2v7.6M4.8 6.6 8 9.8l3.2-3.2M2.5 13.2h11',
  up: 'm3.5 10 4.5-4.5L12.5 10',
  globe: `${circle(8, 8, 6.2)}M1.9 8h12.2M8 1.8c2.2 2 3.2 4 3.2 6.2s-1 4.2-3.2 6.2C5.8 12.2 4.8 10.2 4.8 8s1-4.2 3.2-6.2`,
  half: 'M8 2.4a5.6 5.6 0 0 1 0 11.2',
  help: `${circle(8, 8, 6.2)}M6.2 6.3c.1-1 .8-1.6 1.8-1.6s1.8.6 1.8 1.5c0 1.2-1.8 1.4-1.8 2.7M8 11.3v.1`,
  info: `${circle(8, 8, 6.2)}M8 7.4v3.6M8 5.1v.1`,
  key: `${circle(5, 11, 2.8)}M7 9l6-6M10.6 5.4l2 2`,
  link: 'M2.5 13.5c.3-4 3-6.3 8-6.2M7.8 4.2l3.2 3-3 3.2',
  lock: 'M4.2 7h7.6c.66 0 1.2.54 1.2 1.2v4.6c0 .66-.54 1.2-1.2 1.2H4.2c-.66 0-1.2-.54-1.2-1.2V8.2C3 7.54 3.54 7 4.2 7zM5.2 7V5a2.8 2.8 0 0 1 5.6 0v2',
  pile: 'M8 2 14.5 4.9 8 7.8 1.5 4.9zM1.5 8 8 10.9 14.5 8M1.5 11 8 13.9 14.5 11',
  pipe: 'M2 5.5h4v5H2M6 8h4M14 5.5h-4v5h4',
  play: 'M4.6 3v10l8-5z',
  retry: 'M13 8a5 5 0 1 1-1.6-3.7M13.2 1.8v3.4H9.8',
  right: 'm6 3.5 4.5 4.5L6 12.5',
  ring: circle(8, 8, 5.6),
  save: 'M8 2v7.6M4.8 6.6 8 9.8l3.2-3.2M2.5 13.2h11',
  search: `${circle(7, 7, 4.4)}M10.4 10.4l3.6 3.6`,
  shield: 'M8 1.7 13.4 3.8v4c0 3-2 5.2-5.4 6.5-3.4-1.3-5.4-3.5-5.4-6.5v-4zM5.6 7.9l1.8 1.8 3.2-3.4',
  stop: 'M4.5 4h7c.3 0 .5.2.5.5v7c0 .3-.2.5-.5.5h-7c-.3 0-.5-.2-.5-.5v-7c0-.3.2-.5.5-.5z',
  sun: `${circle(8, 8, 3)}M8 1.2v1.4M8 13.4v1.4M1.2 8h1.4M13.4 8h1.4M3.2 3.2l1 1M11.8 11.8l1 1M12.8 3.2l-1 1M4.2 11.8l-1 1`,
  swap: 'M2.6 5.2h10.8M10.8 2.6l2.6 2.6-2.6 2.6M13.4 10.8H2.6M5.2 8.2l-2.6 2.6 2.6 2.6',
  terminal: 'M1.8 3h12.4v10H1.8zM4.4 6l2.2 2-2.2 2M8 10.4h3.4',
  text: `${sheet}M5.5 8.2h5M5.5 10.8h3.4`,
  x: 'm4 4 8 8M12 4l-8 8',
} as const;

export type IconName = keyof typeof DRAWN;

/** Drawn thinner, behind. */
const FAINT: Partial<Record<IconName, string>> = { half: circle(8, 8, 5.6) };

/** An icon beside words; without words, the control that holds it needs a label. */
export function icon(name: IconName, kind = ''): TemplateResult {
  const faint = FAINT[name];
  return html`<svg class="i ${kind}" viewBox="0 0 16 16" aria-hidden="true">${faint === undefined ? nothing : svg`<path class="faint" d=${faint}></path>`}<path d=${DRAWN[name]}></path></svg>`;
}
