/** Keyboard manners that several parts share. */

/** True for elements in which letters are text. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Whether a key comes alone or with Shift at most. */
export function isPlain(event: KeyboardEvent): boolean {
  return !event.ctrlKey && !event.metaKey && !event.altKey;
}

/**
 * Arrow keys, Home and End within a group of radios or tabs: moves the focus to the next one and activates it, as the
 * ARIA practices ask. The one that is active is the group's only tab stop.
 */
export function rove(event: KeyboardEvent, selector: string): void {
  const group = event.currentTarget as HTMLElement;
  const items = [...group.querySelectorAll<HTMLElement>(selector)].filter((item) => !item.hasAttribute('disabled'));
  const now = items.indexOf(event.target as HTMLElement);
  if (now < 0 || !isPlain(event)) return;
  const forward = getComputedStyle(group).direction === 'rtl' ? -1 : 1;
  const step: Readonly<Record<string, number>> = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: 1, ArrowUp: -1 };
  const move = step[event.key];
  const next =
    event.key === 'Home' ? items[0] : event.key === 'End' ? items.at(-1) : move === undefined ? undefined : items.at((now + move) % items.length);
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  next.click();
}
