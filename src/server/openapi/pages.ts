import type { PageDefinition } from '../../catalog/definitions.ts';
import { stateNames } from '../../pages/state.ts';
import { authErrors, bodyErrors, errorResponses, security } from './errors.ts';
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

/** A form with text fields. */
const formBody = (fields: Record<string, string>, required: readonly string[]): OpenApiObject => ({
  required: true,
  content: {
    'application/x-www-form-urlencoded': {
      schema: {
        type: 'object',
        required,
        properties: Object.fromEntries(
          Object.entries(fields).map(([name, description]) => [name, { type: 'string', description }]),
        ),
      },
    },
  },
});

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
      requestBody: formBody({ issue_id: 'Issue ID', return: 'Address of the page to return to' }, ['issue_id']),
      responses: {
        303: { description: 'Acknowledged; the browser returns to the page.' },
        ...errorResponses('analytics', ['usage', 'not_found', 'conflict', 'unavailable', ...authErrors]),
      },
    },
  },
  '/reports': { get: pageOperation('report-index', 'Page: List of all reports', []) },
  '/reports/{name}': {
    get: pageOperation('report-page', 'Page of a report, with its parameters as query parameters', [
      pathParameter('name', 'Name of the report'),
    ]),
  },
  '/login': {
    get: {
      ...publicOperation('login-page', 'Page: Log in', {
        200: html('The form.'),
        303: { description: 'Logged in already, or no token is required.' },
        ...errorResponses('analytics', ['usage', ...authErrors]),
      }),
      parameters: [
        queryParameter('next', 'Address on this server to return to'),
        queryParameter('problem', 'Why the last login failed'),
      ],
    },
    post: {
      ...publicOperation('login', 'Log in with a token, and get a session cookie', {
        303: { description: 'Logged in; the browser returns to the page.' },
        ...errorResponses('analytics', ['usage', ...authErrors, ...bodyErrors]),
      }),
      requestBody: formBody({ token: 'Token with the scope read', next: 'Address on this server to return to' }, [
        'token',
      ]),
    },
  },
  '/logout': {
    post: publicOperation('logout', 'End the session of the browser', {
      303: { description: 'Logged out.' },
      ...errorResponses('analytics', ['forbidden', ...bodyErrors]),
    }),
  },
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
