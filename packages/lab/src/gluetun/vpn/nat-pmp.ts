/** @module Two requests of NAT-PMP (RFC 6886): the external address, and a port mapping over UDP and TCP for 60 s. */

import { createSocket } from 'node:dgram';

const PORT = 5351;
const LIFETIME_S = 60;

/** The gateway's external IPv4 address. @throws Error when the server does not answer */
export async function externalAddress(server: string): Promise<string> {
  const answer = await exchange(server, Buffer.from([0, 0]));
  return [...answer.subarray(8, 12)].join('.');
}

/**
 * Maps a port over UDP and TCP; 1 lets the server choose, as gluetun asks first.
 * @returns the external port
 */
export async function mapPort(server: string, external: number): Promise<number> {
  const udp = await exchange(server, mappingRequest(1, external));
  await exchange(server, mappingRequest(2, external));
  return udp.readUInt16BE(10);
}

/** The bytes that gluetun sends (recorded): internal port 0, the external one it had. */
export function mappingRequest(protocol: 1 | 2, external: number): Buffer {
  const request = Buffer.alloc(12);
  request.writeUInt8(protocol, 1);
  request.writeUInt16BE(external, 6);
  request.writeUInt32BE(LIFETIME_S, 8);
  return request;
}

function exchange(server: string, request: Buffer): Promise<Buffer> {
  const socket = createSocket('udp4');
  const fail = (why: string) => new Error(`executing remote procedure call: reading from udp connection: ${why}`);
  return new Promise<Buffer>((resolve, reject) => {
    const timer = setTimeout(() => reject(fail('i/o timeout')), 5000);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      settle();
    };
    socket.once('error', (error) => end(() => reject(fail(error.message))));
    socket.once('message', (message) => end(() => resolve(message)));
    socket.connect(PORT, server, () => socket.send(request));
  }).finally(() => socket.close());
}
