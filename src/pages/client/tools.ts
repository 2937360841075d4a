import { say } from './live.ts';

/** Adds what needs a script to a tile: its table in place, a PNG, a link to copy, and keys for its chart. */
export function addTools(tile: HTMLElement): void {
  const footer = tile.querySelector('footer');
  const table = footer?.querySelector<HTMLAnchorElement>('a.table');
  if (table) table.replaceWith(tableButton(tile, table.href));
  const svg = footer?.querySelector<HTMLAnchorElement>('a.svg');
  if (footer && svg && !tile.classList.contains('figure')) footer.append(button('PNG', () => savePng(tile, svg.href)));
  if (footer && !tile.classList.contains('figure')) footer.append(button('Copy link', () => copyLink(tile)));
}

function button(text: string, run: () => void | Promise<void>): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = text;
  element.addEventListener('click', () => void run());
  return element;
}

function tableButton(tile: HTMLElement, url: string): HTMLButtonElement {
  let box: HTMLElement | undefined;
  const element = button('Table', async () => {
    if (!box) {
      const loaded = document.createElement('div');
      loaded.className = 'table-box';
      const part = `${url}${url.includes('?') ? '&' : '?'}part=1`;
      const response = await fetch(part);
      loaded.innerHTML = await response.text();
      tile.querySelector('footer')!.after(loaded);
      box = loaded;
    } else box.hidden = !box.hidden;
    element.setAttribute('aria-expanded', String(!box.hidden));
  });
  element.setAttribute('aria-expanded', 'false');
  return element;
}

/** Draws the standalone SVG of a chart at twice its size, and saves it. */
async function savePng(tile: HTMLElement, url: string): Promise<void> {
  const text = await (await fetch(url)).text();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.naturalWidth * 2, image.naturalHeight * 2];
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) return say('The picture is too large for a PNG');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${tile
    .querySelector('h2')!
    .textContent!.trim()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .toLowerCase()}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Copies the address of a tile with absolute dates, so that it shows the same later. */
async function copyLink(tile: HTMLElement): Promise<void> {
  const link = document.querySelector<HTMLElement>('#page')?.dataset['link'] ?? location.pathname;
  const url = new URL(`${link}#${tile.id}`, location.href).href;
  try {
    await navigator.clipboard.writeText(url);
    say('Link copied');
  } catch {
    // Without permission, or on a page without TLS: the address bar has it.
    history.replaceState(null, '', url);
    say('The link is in the address bar');
  }
}
