import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { packageVersion } from '../../paths.ts';
import type { Parts } from '../context.ts';
import { openapiDocument, typesBeside, workedAnswers } from '../openapi/document.ts';
import { docsPage, indexPage, initScript } from './html.ts';
import { sendStill, still, type Still } from './static-response.ts';

/** The page of all reports, the OpenAPI document, and a page to read it and try it. */
export function addPages(app: FastifyInstance, parts: Parts): void {
  const { reports, owner, tokens } = parts;
  app.get('/', { config: { isPage: true } }, async (_, reply) => {
    const page = indexPage({
      reports,
      database: basename(owner.path),
      version: packageVersion,
      needsToken: await tokens.areNeeded(),
    });
    return reply.type('text/html; charset=utf-8').send(page);
  });

  const stills: Record<string, () => Promise<Still>> = {
    '/openapi.json': async () => still('application/json; charset=utf-8', JSON.stringify(await documentOf(parts))),
    '/docs': async () => still('text/html; charset=utf-8', docsPage(swaggerVersion())),
    '/docs/init.js': async () => still('text/javascript; charset=utf-8', initScript),
  };
  const files = {
    'swagger-ui.css': 'text/css; charset=utf-8',
    'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  };
  for (const [path, make] of Object.entries(stills)) {
    const made = once(make);
    app.get(path, { config: { isPage: path === '/docs' } }, async (request, reply) =>
      sendStill(request, reply, await made()),
    );
  }
  for (const [name, type] of Object.entries(files)) {
    const made = once(async () => still(type, await readFile(find(`swagger-ui-dist/${name}`))));
    app.get(`/docs/${name}`, async (request, reply) => {
      // The page asks for them with their version.
      reply.header('cache-control', 'public, max-age=31536000, immutable');
      return sendStill(request, reply, await made());
    });
  }
}

const documentOf = async ({ reports, owner, tz }: Parts): Promise<object> => {
  const types = await owner.read((engine) => typesBeside(engine, reports), new AbortController().signal);
  return openapiDocument({ reports, acknowledging: owner.acknowledging, tz, types, examples: workedAnswers() });
};

const find = createRequire(import.meta.url).resolve;
const swaggerVersion = (): string =>
  (createRequire(import.meta.url)('swagger-ui-dist/package.json') as { version: string }).version;

/** Makes it when it is first asked for; anew, where that failed. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
}
