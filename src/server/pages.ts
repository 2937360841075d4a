import type { FastifyInstance } from 'fastify';
import type { Parts } from './app.ts';

export function addPages(app: FastifyInstance, _parts: Parts): void {
  app.get('/', async (_, reply) => reply.type('text/html; charset=utf-8').send('<!doctype html>'));
}
