import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { packageVersion } from '../../paths.ts';
import type { ServerContext } from '../context.ts';
import { factTypes, loadExamples, openapiDocument } from '../openapi/document.ts';
import { docsPage, indexPage, initScript } from './html.ts';
import { sendStaticResponse, staticResponse, type StaticResponse } from './static-response.ts';

/** The page of all reports, the OpenAPI document, and a page to read it and try it. */
export function addPages(app: FastifyInstance, context: ServerContext): void {
  const { reports, owner, tokens } = context;
  app.get('/', { config: { isPage: true } }, async (_, reply) => {
    const page = indexPage({
      reports,
      database: basename(owner.path),
      version: packageVersion,
      needsToken: await tokens.areRequired(),
    });
    return reply.type('text/html; charset=utf-8').send(page);
  });

  const staticResponses: Record<string, () => Promise<StaticResponse>> = {
    '/openapi.json': async () =>
      staticResponse('application/json; charset=utf-8', JSON.stringify(await buildDocument(context))),
    '/docs': async () => staticResponse('text/html; charset=utf-8', docsPage(swaggerVersion())),
    '/docs/init.js': async () => staticResponse('text/javascript; charset=utf-8', initScript),
  };
  const files = {
    'swagger-ui.css': 'text/css; charset=utf-8',
    'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  };
  for (const [path, create] of Object.entries(staticResponses)) {
    const getResponse = memoize(create);
    app.get(path, { config: { isPage: path === '/docs' } }, async (request, reply) =>
      sendStaticResponse(request, reply, await getResponse()),
    );
  }
  for (const [name, type] of Object.entries(files)) {
    const getResponse = memoize(async () =>
      staticResponse(type, await readFile(resolvePackageFile(`swagger-ui-dist/${name}`))),
    );
    app.get(`/docs/${name}`, async (request, reply) => {
      // The page asks for them with their version.
      reply.header('cache-control', 'public, max-age=31536000, immutable');
      return sendStaticResponse(request, reply, await getResponse());
    });
  }
}

const buildDocument = async ({ reports, owner, tz }: ServerContext): Promise<object> => {
  const types = await owner.read((duckdb) => factTypes(duckdb, reports), new AbortController().signal);
  return openapiDocument({ reports, acknowledgeAction: owner.acknowledgeAction, tz, types, examples: loadExamples() });
};

const resolvePackageFile = createRequire(import.meta.url).resolve;
const swaggerVersion = (): string =>
  (createRequire(import.meta.url)('swagger-ui-dist/package.json') as { version: string }).version;

/** Makes it when it is first asked for; anew, where that failed. */
function memoize<T>(create: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | undefined;
  return () =>
    (promise ??= create().catch((error: unknown) => {
      promise = undefined;
      throw error;
    }));
}
