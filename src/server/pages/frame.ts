import { linkedAssets } from '../../pages/assets.ts';
import type { NavigationLink, PageFrame } from '../../pages/layout.ts';
import { pageLinks } from '../../pages/page.ts';
import { packageVersion } from '../../paths.ts';
import type { FastifyRequest } from 'fastify';
import type { ServerContext } from '../context.ts';

/** Links to the pages that every server has. */
const fixedLinks: readonly NavigationLink[] = [
  { href: '/reports', text: 'Reports' },
  { href: '/docs', text: 'API' },
];

/** What the pages of the server have around their content. @param path address of the page */
export async function pageFrame(
  { owner, pages }: Pick<ServerContext, 'owner' | 'pages'>,
  path: string,
  request?: FastifyRequest,
): Promise<Omit<PageFrame, 'title'>> {
  return {
    path,
    // A page must not fail because the database cannot be read.
    navigation: [...pageLinks(pages.definitions, await pages.data().catch(() => undefined)), ...fixedLinks],
    database: owner.databaseName,
    version: packageVersion,
    assets: linkedAssets(),
    ...accountOf(request),
  };
}

/** The same for a page that anybody may see: it says nothing about the database. */
export const publicFrame = (path: string): Omit<PageFrame, 'title'> => ({
  path,
  navigation: [],
  version: packageVersion,
  assets: linkedAssets(),
});

/** The button that ends the session of the browser. */
const accountOf = (request: FastifyRequest | undefined): Pick<PageFrame, 'account'> =>
  request?.sessionId === undefined
    ? {}
    : { account: '<form method="post" action="/logout"><button>Log out</button></form>' };
