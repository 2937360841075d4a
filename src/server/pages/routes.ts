import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { assetFiles } from '../../pages/assets.ts';
import { packageRoot } from '../../paths.ts';
import { callerOf } from '../access/page-access.ts';
import type { ServerContext } from '../context.ts';
import { factTypes, loadExamples, openapiDocument } from '../openapi/document.ts';
import { docsPage, initScript } from './docs-page.ts';
import { pageFrame, publicFrame } from './frame.ts';
import { indexPage } from './index-page.ts';
import { addPageRoutes } from './page-routes.ts';
import { sendStaticResponse, staticResponse, type StaticResponse } from './static-response.ts';

/** Adds the index page, the OpenAPI document and the documentation page. */
export function addPages(app: FastifyInstance, context: ServerContext): void {
  const { reports, tokens } = context;
  app.get('/reports', { config: { isPage: true, scope: 'read' } }, async (request, reply) => {
    const page = indexPage({
      ...(await pageFrame(context, '/reports', request)),
      title: 'Reports',
      reports,
      needsToken: await tokens.areRequired(),
    });
    return reply.type('text/html; charset=utf-8').send(page);
  });
  addPageRoutes(app, context);
  addAssets(app);

  const staticResponses: Record<string, () => Promise<StaticResponse>> = {
    '/openapi.json': async () =>
      staticResponse('application/json; charset=utf-8', JSON.stringify(await buildDocument(context))),
    '/docs/init.js': async () => staticResponse('text/javascript; charset=utf-8', initScript),
  };
  const files = {
    'swagger-ui.css': 'text/css; charset=utf-8',
    'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  };
  for (const [path, create] of Object.entries(staticResponses)) {
    const getResponse = memoize(create);
    app.get(path, async (request, reply) => sendStaticResponse(request, reply, await getResponse()));
  }
  const getVersion = memoize(swaggerVersion);
  app.get('/docs', { config: { isPage: true } }, async (request, reply) => {
    const isKnown = await callerOf(request, context).then(
      () => true,
      () => false,
    );
    const frame = isKnown ? await pageFrame(context, '/docs', request) : publicFrame('/docs');
    const page = docsPage(frame, await getVersion());
    return sendStaticResponse(request, reply, staticResponse('text/html; charset=utf-8', page));
  });
  for (const [name, type] of Object.entries(files)) {
    const getResponse = memoize(async () => staticResponse(type, await readSwaggerFile(name)));
    app.get(`/docs/${name}`, async (request, reply) => {
      const response = await getResponse();
      // The page requests these files with their version in the URL.
      reply.header('cache-control', 'public, max-age=31536000, immutable');
      return sendStaticResponse(request, reply, response);
    });
  }
}

/** The style and the script of all pages. Their addresses contain their version, so they never change. */
function addAssets(app: FastifyInstance): void {
  const types = { 'page.css': 'text/css; charset=utf-8', 'page.js': 'text/javascript; charset=utf-8' } as const;
  for (const [name, type] of Object.entries(types)) {
    app.get<{ Params: { version: string } }>(`/assets/:version/${name}`, async (request, reply) => {
      const { css, js, version } = assetFiles();
      const response = staticResponse(type, name === 'page.css' ? css : js);
      // A page of another version is open: it gets the current file, but must not keep it.
      if (request.params.version === version) reply.header('cache-control', 'public, max-age=31536000, immutable');
      return sendStaticResponse(request, reply, response);
    });
  }
}

const buildDocument = async ({ reports, owner, tz }: ServerContext): Promise<object> => {
  const types = await owner.read((duckdb) => factTypes(duckdb, reports), new AbortController().signal);
  return openapiDocument({
    reports,
    pages: owner.pages,
    acknowledgeAction: owner.acknowledgeAction,
    tz,
    types,
    examples: loadExamples(),
  });
};

/** Reads a file of Swagger UI, which the build copies to dist/. @throws WattduckError (docs_not_built) */
async function readSwaggerFile(name: string): Promise<Buffer> {
  try {
    return await readFile(join(packageRoot, 'dist', 'swagger-ui', name));
  } catch (error) {
    throw new WattduckError('docs_not_built', {}, error);
  }
}

const swaggerVersion = async (): Promise<string> =>
  (JSON.parse((await readSwaggerFile('package.json')).toString()) as { version: string }).version;

/** Creates a value on first use, and keeps it; a failed attempt is repeated. */
function memoize<T>(create: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | undefined;
  return () =>
    (promise ??= create().catch((error: unknown) => {
      promise = undefined;
      throw error;
    }));
}
