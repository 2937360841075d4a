import { say } from './live.ts';
import { loadTile } from './tiles.ts';
import { markCurrent } from './version.ts';

/** Acknowledges an issue in place, and loads its tile again. */
export function addAcknowledge(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    const button = form.querySelector<HTMLButtonElement>('button.acknowledge');
    if (!button) return;
    event.preventDefault();
    void send(form, button);
  });
}

async function send(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  const response = await fetch(form.dataset['action']!, {
    method: 'POST',
    headers: { accept: 'application/json' },
  }).catch(() => undefined);
  if (!response?.ok) {
    const body = (await response?.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
    button.disabled = false;
    return say(`Not acknowledged: ${body?.error?.message ?? 'no answer from the server'}`);
  }
  say('Acknowledged');
  await markCurrent();
  const tile = form.closest<HTMLElement>('.tile')!;
  const url = tile.dataset['from'];
  if (url) await loadTile(tile, url);
  else button.replaceWith('Acknowledged');
}
