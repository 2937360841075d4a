import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { toFileError } from '../../errors/system-error.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clipped } from '../../text/plain-text.ts';

/** Most bytes of a file. */
const maxFileBytes = 2_147_483_648;

/**
 * Writes the file a request brings to `path` as it comes: its body, or the one file of a form. Answers what the client calls it.
 * @throws WattduckError usage where there is none or it breaks off, payload_too_large, unsupported_media_type
 */
export async function saveUpload(request: FastifyRequest, path: string): Promise<string | undefined> {
  const { headers } = request;
  const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && (request.isMultipart() || !/^(x-)?gzip$/.test(encoding))) {
    throw new WattduckError(
      'unsupported_media_type',
      clipped`the encoding ${encoding} is not known here`,
      'Send the file as it is, or gzipped.',
    );
  }
  if (Number(headers['content-length']) > maxFileBytes) throw fileTooLargeError();
  try {
    if (request.isMultipart()) return await saveFormFile(request, path);
    // A gzipped body is a gzipped file.
    const { 'content-type': type = '' } = headers;
    await saveStream(request.body as Readable | undefined, path, /^application\/x-www-form-urlencoded/i.test(type));
    return undefined;
  } catch (error) {
    if (error instanceof WattduckError || ((error as { statusCode?: number }).statusCode ?? 500) < 500) throw error;
    const knownError = toFileError(error, 'the upload folder');
    throw knownError instanceof WattduckError
      ? knownError
      : new WattduckError(
          'usage',
          clipped`the file broke off: ${(error as Error).message}`,
          'Send it again; nothing of it was kept.',
          error,
        );
  }
}

async function saveFormFile(request: FastifyRequest, path: string): Promise<string> {
  let name: string | undefined;
  for await (const part of request.parts()) {
    if (part.type === 'field')
      throw part.fieldname === 'url'
        ? remoteUrlError()
        : new WattduckError(
            'usage',
            clipped`the form's field ${part.fieldname} is no file`,
            'Send one file, and parameters in the URL.',
          );
    if (name !== undefined) throw new WattduckError('usage', 'the form has more than one file', 'Send each by itself.');
    name = part.filename;
    await saveStream(part.file, path);
  }
  if (name === undefined) throw new WattduckError('usage', 'the form has no file', 'Send it like curl -F csv=@FILE.');
  return name;
}

/** @param mayBeForm true where the body may be a form that names a file elsewhere */
async function saveStream(stream: Readable | undefined, path: string, mayBeForm = false): Promise<void> {
  let bytes = 0;
  const limited = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      if (bytes === 0 && mayBeForm && /^(?:[\w.]+=[^&\s]*&)*url=/.test(chunk.toString('latin1', 0, 1000)))
        throw remoteUrlError();
      bytes += chunk.length;
      if (bytes > maxFileBytes) throw fileTooLargeError();
      yield chunk;
    }
  };
  if (stream) await pipeline(stream, limited, createWriteStream(path));
  if (bytes === 0) throw new WattduckError('usage', 'the file is empty', 'Check the export.');
}

const fileTooLargeError = (): WattduckError =>
  new WattduckError(
    'payload_too_large',
    'the file is larger than 2 GB',
    'Send it in parts, or wattduck ingest it where the database is.',
  );

/** Nothing is fetched from elsewhere. */
export const remoteUrlError = (): WattduckError =>
  new WattduckError(
    'usage',
    'url: files are not fetched from elsewhere',
    'Send the file itself, as the body or in a form.',
  );
