// Baseline for requests per second: Fastify with one route that returns a file. node bench/bare-server.mjs FILE
import Fastify from 'fastify';
import { readFileSync } from 'node:fs';

const body = readFileSync(process.argv[2]);
const app = Fastify();
app.get('/', async (_, reply) => reply.type('application/json; charset=utf-8').send(body));
process.stderr.write(`bare at ${await app.listen({ port: 0 })} \n`);
