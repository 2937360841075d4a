import { authErrors, errorResponses, security } from './errors.ts';
import { json, objectOf, type OpenApiObject } from './schemas.ts';

export const serverTag = { name: 'Server', description: 'Pages, health checks and metrics.' };

const statusResponse = (description: string, status: string): OpenApiObject => ({
  description,
  content: json(objectOf({ status: { type: 'string', const: status } })),
});
export const contentResponse = (
  description: string,
  type: string,
  schema: OpenApiObject = { type: 'string' },
): OpenApiObject => ({
  description,
  content: { [type]: { schema } },
});
/** An operation without a token; the Host header is still checked. */
export const publicOperation = (operationId: string, summary: string, responses: OpenApiObject): OpenApiObject => ({
  operationId,
  tags: [serverTag.name],
  summary,
  security: [],
  responses: { ...responses, ...errorResponses('analytics', ['forbidden']) },
});
const notModified: OpenApiObject = { 304: { $ref: '#/components/responses/unchanged' } };

export const serverPaths: OpenApiObject = {
  '/docs': {
    get: publicOperation('docs-page', 'Documentation page', {
      200: contentResponse('A page.', 'text/html'),
      ...notModified,
    }),
  },
  '/docs/{file}': {
    get: {
      ...publicOperation('docs-file', 'Static assets of the documentation page', {
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
          description: 'File name',
          schema: { type: 'string', enum: ['init.js', 'swagger-ui.css', 'swagger-ui-bundle.js'] },
        },
      ],
    },
  },
  '/openapi.json': {
    get: publicOperation('openapi-document', 'OpenAPI document', {
      200: contentResponse('An OpenAPI document.', 'application/json', { type: 'object' }),
      ...notModified,
    }),
  },
  '/healthz': {
    get: publicOperation('is-alive', 'Liveness check', { 200: statusResponse('Server is up.', 'ok') }),
  },
  '/readyz': {
    get: publicOperation('is-ready', 'Readiness check', {
      200: statusResponse('Server is ready.', 'ready'),
      503: {
        description: 'The database cannot be read, or the server is shutting down.',
        content: json({ type: 'object' }),
      },
    }),
  },
  '/metrics': {
    get: {
      operationId: 'get-metrics',
      tags: [serverTag.name],
      summary: 'Prometheus metrics',
      security: security('read'),
      description:
        'Requests by method, route and status; request durations; cached and computed responses; imported rows; database size; process metrics.',
      responses: {
        200: contentResponse('Metrics in the Prometheus text format.', 'text/plain'),
        ...errorResponses('analytics', ['usage', ...authErrors]),
      },
    },
  },
};
