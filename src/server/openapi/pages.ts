import type { PageDefinition } from '../../catalog/definitions.ts';
import { stateNames } from '../../pages/state.ts';
import { authErrors, errorResponses, security } from './errors.ts';
import type { OpenApiObject } from './schemas.ts';
import { contentResponse, publicOperation, serverTag } from './server.ts';

const pathParameter = (
  name: string,
  description: string,
  schema: OpenApiObject = { type: 'string' },
): OpenApiObject => ({
  name,
  in: 'path',
  required: true,
  description,
  schema,
});
const queryParameter = (name: string, description: string, required = false): OpenApiObject => ({
  name,
  in: 'query',
  required,
  description,
  schema: { type: 'string' },
});
/** The state of a page, as docs/pages.md describes it. */
const stateParameters = (names: readonly string[]): OpenApiObject[] =>
  names.map((name) => queryParameter(name, `State of the page: ${name.replaceAll('_', ' ')}`));

const html = (description: string): OpenApiObject => contentResponse(description, 'text/html');

function pageOperation(operationId: string, summary: string, parameters: readonly OpenApiObject[]): OpenApiObject {
  return {
    operationId,
    tags: [serverTag.name],
    summary,
    security: security('read'),
    parameters,
    responses: {
      200: html('A page, or a part of one.'),
      ...errorResponses('analytics', ['usage', 'not_found', 'timeout', ...authErrors]),
    },
  };
}

/** The paths of pages and of their parts. */
export const pagePaths = (pages: readonly PageDefinition[]): OpenApiObject => ({
  ...Object.fromEntries(
    pages.map(({ name, title, description, address, subject }) => [
      address.replace(/\{\w+\}$/, '{id}'),
      {
        get: pageOperation(`page-${name}`, `Page: ${description || title}`, [
          ...(subject === undefined ? [] : [pathParameter('id', 'ID of what the page is about')]),
          ...stateParameters([...stateNames.filter((each) => each !== 'site' || subject === undefined), 'whole']),
        ]),
      },
    ]),
  ),
  '/tiles/{page}/{index}': {
    get: pageOperation('tile', 'A tile of a page', [
      ...tileParameters,
      ...stateParameters(['id', ...stateNames, 'part']),
    ]),
  },
  '/tiles/{page}/{index}/table': {
    get: pageOperation('tile-table', 'The table of a tile', [
      ...tileParameters,
      ...stateParameters(['id', ...stateNames, 'part']),
    ]),
  },
  '/tiles/version': {
    get: {
      operationId: 'data-version',
      tags: [serverTag.name],
      summary: 'Version of the data, which changes with every write',
      security: security('read'),
      responses: { 200: contentResponse('The version.', 'text/plain'), ...errorResponses('analytics', authErrors) },
    },
  },
  '/tiles/acknowledge': {
    post: {
      operationId: 'acknowledge-by-form',
      tags: [serverTag.name],
      summary: 'Acknowledge an issue by the form of a page',
      security: security('append'),
      requestBody: {
        required: true,
        content: {
          'application/x-www-form-urlencoded': {
            schema: {
              type: 'object',
              required: ['issue_id'],
              properties: {
                issue_id: { type: 'string', description: 'Issue ID' },
                return: { type: 'string', description: 'Address of the page to return to' },
              },
            },
          },
        },
      },
      responses: {
        303: { description: 'Acknowledged; the browser returns to the page.' },
        ...errorResponses('analytics', ['usage', 'not_found', 'conflict', 'unavailable', ...authErrors]),
      },
    },
  },
  '/reports': { get: publicOperation('report-index', 'List of all reports', { 200: html('A page.') }) },
  ...Object.fromEntries(
    (['css', 'javascript'] as const).map((type) => {
      const file = type === 'css' ? 'page.css' : 'page.js';
      return [
        `/assets/{version}/${file}`,
        {
          get: {
            ...publicOperation(`asset-${type}`, `The ${type === 'css' ? 'style' : 'script'} of all pages`, {
              200: contentResponse('A file.', `text/${type}`),
              304: { $ref: '#/components/responses/unchanged' },
            }),
            parameters: [pathParameter('version', 'Version of the file')],
          },
        },
      ];
    }),
  ),
});

const tileParameters: readonly OpenApiObject[] = [
  pathParameter('page', 'Name of the page'),
  pathParameter('index', 'Number of the tile, from 0', { type: 'integer', minimum: 0 }),
];
