/** Milliseconds between questions for new data. */
const interval = 30_000;

let current = document.querySelector<HTMLElement>('#page')?.dataset['version'];

const ask = async (): Promise<string | undefined> => {
  const response = await fetch('/tiles/version', { method: 'HEAD' }).catch(() => undefined);
  return response?.ok ? response.headers.get('etag')?.replaceAll(/^W\/|"/g, '') : undefined;
};

/** The reader knows of the newest change: it is their own. */
export async function markCurrent(): Promise<void> {
  current = (await ask()) ?? current;
}

/** Offers to load the page again when the data has changed: numbers never move under a reader. */
export function watchVersion(): void {
  if (current === undefined) return;
  const timer = setInterval(async () => {
    if (document.hidden) return;
    const version = await ask();
    if (version === undefined || version === current) return;
    clearInterval(timer);
    const button = document.createElement('button');
    button.className = 'update';
    button.textContent = 'New data. Update';
    button.addEventListener('click', () => location.reload());
    document.querySelector('main')!.prepend(button);
  }, interval);
}
