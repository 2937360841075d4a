import { layoutPage, type PageFrame } from '../../pages/layout.ts';

/** The documentation page, which shows the OpenAPI document. @param swaggerVersion version of Swagger UI, for its URLs */
export const docsPage = (frame: Omit<PageFrame, 'title'>, swaggerVersion: string): string =>
  layoutPage(
    {
      ...frame,
      title: 'API',
      head: `
<link rel="stylesheet" href="/docs/swagger-ui.css?v=${swaggerVersion}">
<style>html.dark-mode { background: #1c2022; } .api { padding-left: 0; padding-right: 0; max-width: 1500px; }</style>`,
      className: 'api',
    },
    `<div id="swagger-ui"></div>
<noscript><p class="message">This page requires JavaScript. It shows <a href="/openapi.json">openapi.json</a>.</p></noscript>
<script src="/docs/swagger-ui-bundle.js?v=${swaggerVersion}"></script>
<script src="/docs/init.js"></script>`,
  );

/** Script of the documentation page; it requests nothing from other servers. */
export const initScript = `const dark = matchMedia('(prefers-color-scheme: dark)');
const update = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', update);
update();
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  filter: true,
  showExtensions: true,
  tryItOutEnabled: true,
  // The default is an online validator.
  validatorUrl: null,
});
`;
