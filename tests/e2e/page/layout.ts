/** What must hold of every view, whatever is in it: nothing is wider than the window, no text is cut off unsaid, and nothing to press lies over something else to press. */
import type { Page } from '@playwright/test';

export async function layoutFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) faults.push(`the page is ${root.scrollWidth - root.clientWidth} px wider than its window`);
    const dialog = document.querySelector('dialog[open]');
    const scope: Element = dialog ?? document.body;
    const nameOf = (element: Element): string => `${element.tagName.toLowerCase()}.${element.className?.toString().replaceAll(' ', '.')} “${(element.textContent ?? '').trim().slice(0, 40)}”`;
    const hides = (value: string): boolean => value === 'hidden' || value === 'clip';
    const isUnseen = (element: Element): boolean => element.closest('.vh, .skip, [hidden], svg') !== null || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

    // Text that a box cuts off, without an ellipsis to say so.
    const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (parent === null || (node.textContent ?? '').trim() === '' || isUnseen(parent)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const rects = [...range.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
      let isSaid = false;
      for (let box: Element | null = parent; box !== null && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box);
        isSaid ||= style.textOverflow === 'ellipsis' || !['', 'none'].includes(style.webkitLineClamp);
        // What scrolls can be read.
        if (['auto', 'scroll'].includes(style.overflowX) || ['auto', 'scroll'].includes(style.overflowY)) break;
        const frame = box.getBoundingClientRect();
        const cutX = hides(style.overflowX) && rects.some(({ left, right }) => right > frame.right + 1.5 || left < frame.left - 1.5);
        const cutY = hides(style.overflowY) && rects.some(({ top, bottom }) => bottom > frame.bottom + 3 || top < frame.top - 3);
        if ((cutX && !isSaid) || (cutY && !isSaid)) {
          faults.push(`cut off: ${nameOf(parent)} in ${nameOf(box)}`);
          break;
        }
      }
    }

    // What can be pressed where it is seen.
    const pressable = [...scope.querySelectorAll('button, a[href], input, select, [role=tab], [role=option], [role=row][tabindex]')].filter((element) => !isUnseen(element));
    const seen = pressable.flatMap((element) => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      const [x, y] = [(left + right) / 2, (top + bottom) / 2];
      const hit = document.elementFromPoint(x, y);
      return hit !== null && (element === hit || element.contains(hit)) && right - left > 1 ? [{ element, left, top, right, bottom }] : [];
    });
    seen.forEach((a, index) => {
      for (const b of seen.slice(index + 1)) {
        if (a.element.contains(b.element) || b.element.contains(a.element)) continue;
        const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        // A row is pressed around the buttons of its cells, and what scrolls out goes under what stays.
        const scrolls = [a, b].some(({ element }) => element.closest('.scroll, .panel, .over, .results, .tabs, .strip, .facets') !== null);
        if (width > 2 && height > 2 && !(scrolls && a.element.closest('.scroll, .panel, .over, .results') !== b.element.closest('.scroll, .panel, .over, .results'))) {
          faults.push(`one over the other: ${nameOf(a.element)} and ${nameOf(b.element)}`);
        }
      }
    });
    return [...new Set(faults)];
  });
}
