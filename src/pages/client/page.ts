// The script of all pages. Without it, the server sends whole pages, and tables are pages of their own.
import { addAcknowledge } from './acknowledge.ts';
import { addMarks } from './marks.ts';
import { addTools } from './tools.ts';
import { loadTiles } from './tiles.ts';
import { watchVersion } from './version.ts';

document.documentElement.classList.add('scripted');
// On a phone, the pickers would fill the first screen.
if (matchMedia('(max-width: 760px)').matches)
  for (const pickers of document.querySelectorAll<HTMLDetailsElement>('details.pickers')) pickers.open = false;
for (const tile of document.querySelectorAll<HTMLElement>('.tile:not([data-src])')) addTools(tile);
addMarks();
addAcknowledge();
void loadTiles();
watchVersion();
