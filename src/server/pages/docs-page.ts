import { htmlHead } from './layout.ts';

/** The documentation page, which shows the OpenAPI document. @param version version of Swagger UI, for its URLs */
export const docsPage = (version: string): string => `${htmlHead(
  'wattduck: documentation',
  `<link rel="stylesheet" href="/docs/swagger-ui.css?v=${version}">
<style>body { margin: 0; } html.dark-mode { background: #1c2022; } .back { display: block; max-width: 1460px; margin: 0 auto; padding: 1rem 20px 0; font: 1rem system-ui, sans-serif; color: #49a; }</style>`,
)}
<body>
<a class="back" href="/">All reports</a>
<div id="swagger-ui"></div>
<noscript>This page requires JavaScript. It shows <a href="/openapi.json">openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js?v=${version}"></script>
<script src="/docs/init.js"></script>
</body>
</html>
`;

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
