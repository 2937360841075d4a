let timer: ReturnType<typeof setTimeout> | undefined;

/** Says something to screen readers, and shows it for a moment. */
export function say(text: string, isVisible = true): void {
  const live = document.querySelector('#live');
  if (!live) return;
  live.textContent = text;
  live.classList.toggle('toast', isVisible);
  live.classList.toggle('hidden', !isVisible);
  clearTimeout(timer);
  if (isVisible) timer = setTimeout(() => live.classList.replace('toast', 'hidden'), 3000);
}
