import { escapeHtml } from '../text/html.ts';
import { plainText } from '../text/plain-text.ts';

/** A link of the navigation. */
export interface NavigationLink {
  href: string;
  text: string;
}

/** Style and script of a page, as HTML of its head. */
export interface PageAssets {
  head: string;
  /** HTML at the end of the body. */
  end?: string;
}

/** What every page has around its content. */
export interface PageFrame {
  /** Title of the page, without the name of the product. */
  title: string;
  navigation: readonly NavigationLink[];
  /** Address of the page; the navigation marks the link that leads to it or to the page above it. */
  path: string;
  /** File name of the database; undefined for a page that anybody may see. */
  database?: string;
  version: string;
  assets: PageAssets;
  /** HTML at the end of the header, such as a button to log out. */
  account?: string;
  /** HTML of further elements of the head. */
  head?: string;
  /** Class of the main element. */
  className?: string;
  /** Whether the page is a file of its own, without links to a server. */
  isOffline?: boolean;
}

/** A link to a path that is not percent-encoded yet; both its target and its text are escaped. */
export const link = (path: string, text: string): string => anchor(encodeURI(plainText(path)), text);

/** A link to an address whose parts are percent-encoded. @param attributes HTML of further attributes */
export const anchor = (url: string, text: string, attributes = ''): string =>
  `<a href="${escapeHtml(url)}"${attributes}>${escapeHtml(text)}</a>`;

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M9 0 3 9h4l-1 7 7-10H8z' fill='%23d97706'/%3E%3C/svg%3E";

/**
 * Start of a page up to the end of its head. Browsers send the origin of a form only with a referrer policy that allows it.
 * @param title text
 * @param rest HTML of further head elements
 */
export const htmlHead = (title: string, rest: string): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="same-origin">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${icon}">
${rest}
</head>`;

/** A whole page. @param main HTML of its content */
export function layoutPage(frame: PageFrame, main: string): string {
  const { title, database, version, assets, account, head = '', className, isOffline = false } = frame;
  const brand = `<svg width="14" height="16" viewBox="2 0 12 16" aria-hidden="true"><path d="M9 0 3 9h4l-1 7 7-10H8z" fill="#d97706"/></svg>wattduck`;
  return `${htmlHead(`${title} · wattduck`, `${assets.head}${head}`)}
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><div>
${isOffline ? `<span class="brand">${brand}</span>` : `<a class="brand" href="/">${brand}</a>`}
${frame.navigation.length === 0 ? '' : `<nav aria-label="Pages">${navigationLinks(frame)}</nav>\n`}${account === undefined ? '' : `<div class="account">${account}</div>\n`}</div></header>
<main id="main"${className === undefined ? '' : ` class="${className}"`}>
${main}
</main>
<footer class="bottom"><span>wattduck ${escapeHtml(version)}</span>${database === undefined ? '' : `<span>Database ${escapeHtml(database)}</span>`}</footer>
${assets.end === undefined ? '' : `${assets.end}\n`}</body>
</html>
`;
}

function navigationLinks({ navigation, path }: PageFrame): string {
  const isAbove = (href: string): boolean =>
    href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
  const current = navigation.filter(({ href }) => isAbove(href)).toSorted((a, b) => b.href.length - a.href.length)[0];
  return navigation
    .map((each) => {
      const mark = each === current ? ` aria-current="${each.href === path ? 'page' : 'true'}"` : '';
      return anchor(each.href, each.text, mark);
    })
    .join('');
}
