/** @module multipart/form-data as Pebble's files API speaks it (RFC 7578): named parts, raw bytes between boundaries. */

/** One part; `name` and `filename` are those of its Content-Disposition. */
export interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly type: string;
  readonly body: Buffer;
}

/** Writes parts; the boundary must be at least 32 characters long and not occur in any body. */
export function encodeMultipart(parts: readonly Part[], boundary: string): Buffer {
  const chunks = parts.flatMap((part) => [
    Buffer.from(`--${boundary}\r\n${head(part)}\r\n`),
    part.body,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]);
}

/** Reads parts; throws an Error when the end boundary is missing, which is a body that was cut off. */
export function parseMultipart(body: Buffer, boundary: string): Part[] {
  const parts: Part[] = [];
  // Why: every delimiter but the first begins with the line break that ends the part before it.
  let at = body.indexOf(`--${boundary}`) + boundary.length + 2;
  while (body.subarray(at, at + 2).toString() !== '--') {
    const headEnd = body.indexOf('\r\n\r\n', at);
    const end = body.indexOf(`\r\n--${boundary}`, headEnd + 2);
    if (headEnd < 0 || end < 0) throw new Error('multipart body ends before its last boundary');
    parts.push({ ...readHead(body.subarray(at, headEnd).toString('utf8')), body: body.subarray(headEnd + 4, end) });
    at = end + boundary.length + 4;
  }
  return parts;
}

/** The boundary of a Content-Type header, undefined when it is not multipart/form-data. */
export function boundaryOf(contentType: string): string | undefined {
  return /^multipart\/form-data\s*;.*?boundary="?([^";]+)"?/i.exec(contentType)?.[1];
}

function head(part: Part): string {
  const filename = part.filename === undefined ? '' : `; filename="${escaped(part.filename)}"`;
  return `Content-Disposition: form-data; name="${part.name}"${filename}\r\nContent-Type: ${part.type}\r\n`;
}

function readHead(text: string): Omit<Part, 'body'> {
  const disposition = /^content-disposition:(.*)$/im.exec(text)?.[1] ?? '';
  const filename = parameter(disposition, 'filename');
  return {
    name: parameter(disposition, 'name') ?? '',
    ...(filename === undefined ? {} : { filename }),
    type: /^content-type:\s*(.*?)\s*$/im.exec(text)?.[1] ?? '',
  };
}

function parameter(disposition: string, name: string): string | undefined {
  return new RegExp(`;\\s*${name}="((?:[^"\\\\]|\\\\.)*)"`).exec(disposition)?.[1]?.replaceAll(/\\(.)/g, '$1');
}

function escaped(value: string): string {
  return value.replaceAll(/["\\]/g, '\\$&');
}
