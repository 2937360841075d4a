import { addTools } from './tools.ts';

/** Tiles that are loaded at the same time. */
const maxRequests = 4;

/** Loads the content of all tiles that have none, in their order. */
export async function loadTiles(): Promise<void> {
  const waiting = [...document.querySelectorAll<HTMLElement>('.tile[data-src]')];
  const loadNext = async (): Promise<void> => {
    for (let tile = waiting.shift(); tile; tile = waiting.shift()) await loadTile(tile);
  };
  for (const tile of waiting) {
    const link = tile.querySelector('.pending a');
    if (link) link.textContent = '';
  }
  await Promise.all(Array.from({ length: maxRequests }, loadNext));
}

/** Milliseconds until a tile says that it is loading. */
const patience = 300;

/** Loads a tile; an earlier picture stays until the new one is there. */
export async function loadTile(tile: HTMLElement, url = tile.dataset['src']!): Promise<void> {
  tile.setAttribute('aria-busy', 'true');
  const pending = tile.querySelector('.pending');
  const timer = setTimeout(() => {
    if (pending) pending.textContent = 'Loading …';
  }, patience);
  try {
    const response = await fetch(url, { headers: { accept: 'text/html' } });
    // The session has ended: the page leads to the login.
    if (response.status === 401) return location.reload();
    const html = await response.text();
    const loaded = new DOMParser().parseFromString(html, 'text/html').querySelector<HTMLElement>('.tile');
    if (!loaded) throw new Error(`status ${response.status}`);
    loaded.dataset['from'] = url;
    tile.replaceWith(loaded);
    addTools(loaded);
  } catch (error) {
    tile.setAttribute('aria-busy', 'false');
    const content = tile.querySelector('.content')!;
    content.innerHTML =
      '<p class="note error"><strong>Not loaded</strong> <span></span> <button>Try again</button></p>';
    content.querySelector('span')!.textContent = (error as Error).message;
    content.querySelector('button')!.addEventListener('click', () => void loadTile(tile, url));
  } finally {
    clearTimeout(timer);
  }
}
