import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { toFileError } from '../../errors/system-error.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';

/** Max bytes of a file. */
const maxFileBytes = 2_147_483_648;

/**
 * Saves the uploaded file of a request, its body or the one file of a form, to `path`. Returns the file name of the form.
 * @throws WattduckError if the file is missing, incomplete, empty or too large, or its encoding is unsupported
 */
export async function saveUpload(request: FastifyRequest, path: string): Promise<string | undefined> {
  const { headers } = request;
  const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && (request.isMultipart() || !/^(x-)?gzip$/.test(encoding))) {
    throw new WattduckError('unsupported_file_encoding', { encoding });
  }
  if (Number(headers['content-length']) > maxFileBytes) throw fileTooLargeError();
  try {
    if (request.isMultipart()) return await saveFormFile(request, path);
    // A body with Content-Encoding gzip is saved as a gzip file.
    const { 'content-type': type = '' } = headers;
    await saveStream(request.body as Readable | undefined, path, /^application\/x-www-form-urlencoded/i.test(type));
    return undefined;
  } catch (error) {
    if (error instanceof WattduckError || ((error as { statusCode?: number }).statusCode ?? 500) < 500) throw error;
    const knownError = toFileError(error, 'the upload folder');
    throw knownError instanceof WattduckError
      ? knownError
      : new WattduckError('upload_failed', { reason: (error as Error).message }, error);
  }
}

async function saveFormFile(request: FastifyRequest, path: string): Promise<string> {
  let name: string | undefined;
  for await (const part of request.parts()) {
    if (part.type === 'field')
      throw part.fieldname === 'url'
        ? remoteUrlError()
        : new WattduckError('form_field_not_file', { name: part.fieldname });
    if (name !== undefined) throw new WattduckError('repeated_file');
    name = part.filename;
    await saveStream(part.file, path);
  }
  if (name === undefined) throw new WattduckError('missing_file');
  return name;
}

/** @param mayBeForm true if the body may be a form with the URL of a remote file */
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
  if (bytes === 0) throw new WattduckError('empty_upload');
}

const fileTooLargeError = (): WattduckError => new WattduckError('upload_too_large');

/** Error for an upload by URL. */
export const remoteUrlError = (): WattduckError => new WattduckError('remote_url_not_supported');
