/** @module Reads a zip archive by its central directory, with Unix modes, using node:zlib only. */

import { inflateRawSync } from 'node:zlib';

/** One file or symbolic link of an archive. `mode` holds the permission bits that extraction honours (0 if the archive has none). */
export interface ZipEntry {
  readonly path: string;
  readonly mode: number;
  readonly symlink: boolean;
  readonly content: () => Buffer;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const UNIX = 3;

/**
 * The entries of a zip, directories left out.
 *
 * Throws `not a valid zip: ...` for anything else; ZIP64 and encryption are refused (no packer of charms writes them).
 * Source: APPNOTE.TXT of PKWARE, sections 4.3.7, 4.3.12, 4.3.16.
 */
export function readZip(zip: Buffer): readonly ZipEntry[] {
  const end = findEnd(zip);
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  const entries: ZipEntry[] = [];
  for (let n = 0; n < count; n++) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== CENTRAL)
      throw new Error('not a valid zip: central directory is broken');
    const header = centralHeader(zip, at);
    if (!header.path.endsWith('/')) entries.push(entryOf(zip, header));
    at = header.next;
  }
  return entries;
}

type CentralHeader = ReturnType<typeof centralHeader>;

function centralHeader(zip: Buffer, at: number) {
  const nameLength = zip.readUInt16LE(at + 28);
  return {
    madeBy: zip.readUInt16LE(at + 4) >> 8,
    flags: zip.readUInt16LE(at + 8),
    method: zip.readUInt16LE(at + 10),
    packed: zip.readUInt32LE(at + 20),
    size: zip.readUInt32LE(at + 24),
    attributes: zip.readUInt32LE(at + 38),
    local: zip.readUInt32LE(at + 42),
    path: zip.toString('utf8', at + 46, at + 46 + nameLength),
    next: at + 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32),
  };
}

function entryOf(zip: Buffer, header: CentralHeader): ZipEntry {
  const { path, flags, method, local, packed, size } = header;
  if (flags & 1) throw new Error(`not a valid zip: ${path} is encrypted`);
  if (method !== 0 && method !== 8)
    throw new Error(`not a valid zip: ${path} uses method ${method}, only stored and deflated are read`);
  if (path.startsWith('/') || path.split('/').includes('..'))
    throw new Error(`not a valid charm: path ${path} leaves the charm`);
  const unix = header.madeBy === UNIX ? header.attributes >>> 16 : 0;
  const content = () => {
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const data = zip.subarray(start, start + packed);
    return method === 0 ? Buffer.from(data) : inflateRawSync(data, { maxOutputLength: Math.max(size, 1) });
  };
  return { path, mode: unix & 0o777, symlink: (unix & 0o170000) === 0o120000, content };
}

function findEnd(zip: Buffer): number {
  for (let at = zip.length - 22; at >= Math.max(0, zip.length - 22 - 0xffff); at--) {
    if (zip.readUInt32LE(at) === END) return at;
  }
  throw new Error('not a valid zip: no end of central directory');
}
