import { say } from './live.ts';

/** Shows the description of a mark next to the pointer, and lets the arrow keys step through the marks of a chart. */
export function addMarks(): void {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  // Screen readers get the same text from the live region.
  tip.setAttribute('aria-hidden', 'true');
  document.body.append(tip);
  const hide = (): void => void (tip.hidden = true);

  const show = (mark: Element, x: number, y: number): void => {
    tip.textContent = (mark as SVGElement).dataset['tip'] ?? '';
    tip.hidden = false;
    const left = Math.min(x + 12, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(4, left) + scrollX}px`;
    tip.style.top = `${y + scrollY - tip.offsetHeight - 10}px`;
  };
  document.addEventListener('pointermove', ({ target, clientX, clientY }) => {
    const mark = (target as Element).closest?.('[data-tip]');
    if (mark) show(mark, clientX, clientY);
    else hide();
  });
  document.addEventListener('focusin', ({ target }) => {
    if (!(target as Element).matches?.('.picture')) hide();
  });

  // A chart gets the focus as a whole.
  const prepare = (root: ParentNode): void => {
    for (const picture of root.querySelectorAll<HTMLElement>('.picture:not([tabindex])')) {
      if (!picture.querySelector('[data-tip]')) continue;
      picture.tabIndex = 0;
      picture.setAttribute('role', 'group');
      picture.setAttribute('aria-label', 'Chart: arrow keys step through its values');
    }
  };
  prepare(document);
  new MutationObserver(() => prepare(document)).observe(document.querySelector('main') ?? document.body, {
    childList: true,
    subtree: true,
  });
  document.addEventListener('keydown', (event) => {
    const picture = event.target as HTMLElement;
    if (!picture.matches?.('.picture')) return;
    if (event.key === 'Escape') return hide();
    const marks = [...picture.querySelectorAll('[data-tip]')];
    const at = marks.findIndex((mark) => mark.classList.contains('focused'));
    const next = {
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      ArrowLeft: at < 0 ? marks.length - 1 : at - 1,
      ArrowUp: at < 0 ? marks.length - 1 : at - 1,
      Home: 0,
      End: marks.length - 1,
    }[event.key];
    if (next === undefined || marks.length === 0) return;
    event.preventDefault();
    marks[at]?.classList.remove('focused');
    const mark = marks[Math.min(Math.max(next, 0), marks.length - 1)]!;
    mark.classList.add('focused');
    const { left, top } = mark.getBoundingClientRect();
    show(mark, left, top);
    say(tip.textContent ?? '', false);
  });
}
