import { failures, ofTokens, security } from './errors.ts';
import { json, objectOf, type Part } from './schemas.ts';

export const serverTag = { name: 'Server', description: 'Pages, and how the server fares.' };

const state = (description: string, status: string): Part => ({
  description,
  content: json(objectOf({ status: { type: 'string', const: status } })),
});
const page = (description: string, type: string, schema: Part = { type: 'string' }): Part => ({
  description,
  content: { [type]: { schema } },
});
/** Anybody may ask, as long as the request is meant for this machine. */
const open = (operationId: string, summary: string, responses: Part): Part => ({
  operationId,
  tags: [serverTag.name],
  summary,
  security: [],
  responses: { ...responses, ...failures('analytics', ['not_allowed']) },
});
const still: Part = { 304: { $ref: '#/components/responses/unchanged' } };

export const serverPaths: Part = {
  '/': { get: open('index-page', 'Reports and where they are', { 200: page('A page.', 'text/html') }) },
  '/docs': {
    get: open('docs-page', 'This document, to read and to try', { 200: page('A page.', 'text/html'), ...still }),
  },
  '/docs/{file}': {
    get: {
      ...open('docs-file', 'What that page is made of', {
        200: {
          description: 'A file.',
          content: { 'text/css': { schema: { type: 'string' } }, 'text/javascript': { schema: { type: 'string' } } },
        },
        ...still,
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
    get: open('openapi-document', 'This document', {
      200: page('An OpenAPI document.', 'application/json', { type: 'object' }),
      ...still,
    }),
  },
  '/healthz': { get: open('is-alive', 'Whether the server lives', { 200: state('It does.', 'ok') }) },
  '/readyz': {
    get: open('is-ready', 'Whether the server can answer', {
      200: state('The database can be read.', 'ready'),
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
        200: page('Metrics in the text format of Prometheus.', 'text/plain'),
        ...failures('analytics', ['usage', ...ofTokens]),
      },
    },
  },
};
