/** @module A TCP connection made inside another network namespace, as a stream of this process. */

import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { inNamespace } from '../../network/ip.ts';
import { namespacePath } from '../../network/node.ts';

/** Connects to 127.0.0.1:port in the namespace by busybox nc; a refused connection ends the stream with an error. */
export function relay(place: string, port: number): Duplex {
  const argv = [...inNamespace(namespacePath(place)), 'busybox', 'nc', '127.0.0.1', String(port)];
  const child = spawn(argv[0] as string, argv.slice(1), { stdio: ['pipe', 'pipe', 'ignore'] });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.once('exit', (code) => {
    if (code) stream.destroy(new Error(`nothing listens on ${port}`));
  });
  stream.once('close', () => child.kill());
  return stream;
}
