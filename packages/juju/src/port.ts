/** @module open-port, close-port, opened-ports: what the application's Service lets in, whatever `expose` says. */

import { asList } from './answer.ts';
import { askTool, runTool } from './run.ts';

/** Opens one port at the end of this hook; ranges are refused on Kubernetes. */
export function openPort(port: number, protocol: 'tcp' | 'udp' = 'tcp'): void {
  runTool('open-port', [`${port}/${protocol}`]);
}

/** Closes one port at the end of this hook; one that is not open is no error. */
export function closePort(port: number, protocol: 'tcp' | 'udp' = 'tcp'): void {
  runTool('close-port', [`${port}/${protocol}`]);
}

/** @example openedPorts() // ['8080/tcp', '51820/udp'], own writes of this hook included */
export function openedPorts(): string[] {
  return asList(askTool('opened-ports', []));
}
