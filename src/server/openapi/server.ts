import { authErrors, errorResponses, security } from './errors.ts';
import { json, objectOf, type OpenApiObject } from './schemas.ts';

export const serverTag = { name: 'Server', description: 'Pages, and how the server fares.' };

const statusResponse = (description: string, status: string): OpenApiObject => ({
  description,
  content: json(objectOf({ status: { type: 'string', const: status } })),
});
const contentResponse = (
  description: string,
  type: string,
  schema: OpenApiObject = { type: 'string' },
): OpenApiObject => ({
  description,
  content: { [type]: { schema } },
});
/** Anybody may ask, as long as the request is meant for this machine. */
const publicOperation = (operationId: string, summary: string, responses: OpenApiObject): OpenApiObject => ({
  operationId,
  tags: [serverTag.name],
  summary,
  security: [],
  responses: { ...responses, ...errorResponses('analytics', ['forbidden']) },
});
const notModified: OpenApiObject = { 304: { $ref: '#/components/responses/unchanged' } };

export const serverPaths: OpenApiObject = {
  '/': {
    get: publicOperation('index-page', 'Reports and where they are', { 200: contentResponse('A page.', 'text/html') }),
  },
  '/docs': {
    get: publicOperation('docs-page', 'This document, to read and to try', {
      200: contentResponse('A page.', 'text/html'),
      ...notModified,
    }),
  },
  '/docs/{file}': {
    get: {
      ...publicOperation('docs-file', 'What that page is made of', {
        200: {
          description: 'A file.',
          content: { 'text/css': { schema: { type: 'string' } }, 'text/javascript': { schema: { type: 'string' } } },
        },
        ...notModified,
      }),
      parameters: [
        {
          name: 'file',
          in: 'path',
          required: true,
          description: 'Name of the file',
          schema: { type: 'string', enum: ['init.js', 'swagger-ui.css', 'swagger-ui-bundle.js'] },
        },
      ],
    },
  },
  '/openapi.json': {
    get: publicOperation('openapi-document', 'This document', {
      200: contentResponse('An OpenAPI document.', 'application/json', { type: 'object' }),
      ...notModified,
    }),
  },
  '/healthz': {
    get: publicOperation('is-alive', 'Whether the server lives', { 200: statusResponse('It does.', 'ok') }),
  },
  '/readyz': {
    get: publicOperation('is-ready', 'Whether the server can answer', {
      200: statusResponse('The database can be read.', 'ready'),
      503: { description: 'The database can not be read, or the server is ending.', content: json({ type: 'object' }) },
    }),
  },
  '/metrics': {
    get: {
      operationId: 'get-metrics',
      tags: [serverTag.name],
      summary: 'How the server fares, for Prometheus',
      security: security('read'),
      description:
        'Requests by method, route and status, and how long they took; answers from memory and computed; rows taken in; size of the database; the process.',
      responses: {
        200: contentResponse('Metrics in the text format of Prometheus.', 'text/plain'),
        ...errorResponses('analytics', ['usage', ...authErrors]),
      },
    },
  },
};
