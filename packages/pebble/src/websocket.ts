/** @module WebSocket frames (RFC 6455), as much as Pebble's exec needs: text, binary, ping, close; messages in one piece. */

/** The frame types that occur. */
export const opcode = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One frame with its payload unmasked. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Writes one final frame; clients must give a 4-byte mask, servers none. */
export function encodeFrame(code: number, payload: Buffer, mask?: Buffer): Buffer {
  const flag = mask === undefined ? 0 : 0x80;
  const head = [0x80 | code];
  if (payload.length < 126) head.push(flag | payload.length);
  else if (payload.length < 65_536) head.push(flag | 126, payload.length >> 8, payload.length & 255);
  else head.push(flag | 127, 0, 0, 0, 0, ...bytes(payload.length));
  return Buffer.concat([Buffer.from(head), ...(mask === undefined ? [payload] : [mask, masked(payload, mask)])]);
}

/** Takes bytes as they come and hands out whole frames; a message cut into fragments comes as one frame. */
export class FrameReader {
  #buffer: Buffer = Buffer.alloc(0);
  #fragments: Buffer[] = [];
  #fragmentOpcode = 0;

  /** The frames that are complete with these bytes. */
  push(data: Buffer): Frame[] {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    const frames: Frame[] = [];
    for (let raw = this.#take(); raw !== undefined; raw = this.#take()) {
      const frame = this.#assemble(raw);
      if (frame !== undefined) frames.push(frame);
    }
    return frames;
  }

  #assemble(raw: Frame & { readonly final: boolean }): Frame | undefined {
    if (raw.opcode >= opcode.close) return raw;
    if (raw.opcode !== 0) this.#fragmentOpcode = raw.opcode;
    this.#fragments.push(raw.payload);
    if (!raw.final) return undefined;
    const payload = Buffer.concat(this.#fragments.splice(0));
    return { opcode: this.#fragmentOpcode, payload };
  }

  #take(): (Frame & { readonly final: boolean }) | undefined {
    const buffer = this.#buffer;
    if (buffer.length < 2) return undefined;
    const short = buffer[1]! & 127;
    const lengthEnd = short < 126 ? 2 : short === 126 ? 4 : 10;
    const start = lengthEnd + (buffer[1]! & 0x80 ? 4 : 0);
    if (buffer.length < start) return undefined;
    const length = short < 126 ? short : short === 126 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2));
    if (buffer.length < start + length) return undefined;
    this.#buffer = buffer.subarray(start + length);
    const body = buffer.subarray(start, start + length);
    const payload = start > lengthEnd ? masked(body, buffer.subarray(lengthEnd, start)) : Buffer.from(body);
    return { opcode: buffer[0]! & 15, final: (buffer[0]! & 0x80) !== 0, payload };
  }
}

function masked(payload: Buffer, mask: Buffer): Buffer {
  return Buffer.from(payload.map((byte, index) => byte ^ mask[index % 4]!));
}

function bytes(length: number): number[] {
  return [(length >>> 24) & 255, (length >>> 16) & 255, (length >>> 8) & 255, length & 255];
}
