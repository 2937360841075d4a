import { Readable } from 'node:stream';
import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Min bytes of a body that is compressed, except streams, whose length is unknown. */
const minBytes = 1024;
/** Max bytes of a body that is compressed at once; larger ones are compressed by other threads. */
const maxSyncBytes = 16_384;
/** Media types of text; Parquet is already compressed. */
const compressibleTypes = /^(text\/|application\/(json|x-ndjson|javascript)|image\/svg\+xml)/;

/** Request header that keeps `@fastify/compress` from compressing the response. */
const noCompressionHeader = 'x-no-compression';

/** Compresses responses with brotli or gzip, as their client accepts. Call it before adding routes. */
export async function addCompression(app: FastifyInstance): Promise<void> {
  app.addHook('onSend', async (request, reply, payload) => {
    if (!isCompressible(reply)) return undefined;
    addVary(reply);
    weakenEtag(reply);
    if (isFromOtherSite(request) || looksCompressed(payload)) skipCompression(request);
    // The length of the compressed body is unknown, and HEAD must not send another one.
    return request.method === 'HEAD' && acceptsCompression(request) && isLong(payload) ? Readable.from([]) : undefined;
  });
  await app.register(compress, {
    encodings: ['br', 'gzip'],
    threshold: minBytes,
    syncThreshold: maxSyncBytes,
    customTypes: (type) => compressibleTypes.test(type),
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
    // Routes decompress request bodies themselves, up to their limits.
    globalDecompression: false,
  });
}

/** Sends the response to this request uncompressed. */
export function skipCompression({ headers }: FastifyRequest): void {
  headers[noCompressionHeader] = '1';
}

/**
 * True for text that `@fastify/compress` would take for deflated data by its first two bytes, and label as compressed without
 * compressing it: a CSV that begins with `80`, for example.
 */
export const looksCompressed = (body: unknown): boolean =>
  (typeof body === 'string' || Buffer.isBuffer(body)) && hasDeflateHeader(Buffer.from(body.slice(0, 2)));

const hasDeflateHeader = ([first = 0, second = 0]: Buffer): boolean =>
  (first & 0x8f) === 0x08 && ((first << 8) + second) % 31 === 0;

const isCompressible = (reply: FastifyReply): boolean =>
  reply.statusCode === 304 || compressibleTypes.test(String(reply.getHeader('content-type') ?? ''));

const acceptsCompression = ({ headers }: FastifyRequest): boolean =>
  /\b(br|gzip)\b|\*/i.test(String(headers['accept-encoding'] ?? '')) && headers[noCompressionHeader] === undefined;

const isLong = (body: unknown): boolean =>
  (typeof body === 'string' || Buffer.isBuffer(body)) && Buffer.byteLength(body) >= minBytes;

/** A shared cache must not give a compressed response to a client that cannot read it. */
function addVary(reply: FastifyReply): void {
  const vary = reply.getHeader('vary');
  // The plugin looks for it in lower case.
  reply.header('vary', vary === undefined ? 'accept-encoding' : `${String(vary)}, accept-encoding`);
}

/** A strong ETag would have to differ between encodings. */
function weakenEtag(reply: FastifyReply): void {
  const etag = reply.getHeader('etag');
  if (typeof etag === 'string' && !etag.startsWith('W/')) reply.header('etag', `W/${etag}`);
}

/**
 * True if another site made the browser send the request. The length of a compressed page that repeats text of the URL could
 * reveal the rest of the page to that site (BREACH). Sites allowed by --cors read the response anyway.
 */
const isFromOtherSite = ({ headers, routeOptions }: FastifyRequest): boolean =>
  routeOptions.config.isPage === true && headers['sec-fetch-site'] === 'cross-site';
