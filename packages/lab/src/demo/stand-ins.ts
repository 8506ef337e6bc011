/** @module The parts of this run that are not the real thing, each in one line. */

import { gluetunProgram } from '../gluetun/bundle.ts';

/** One line for each stand-in of this run. */
export async function standInLines(pebble: 'real' | 'stand-in'): Promise<string[]> {
  const gluetun = await gluetunProgram();
  return [
    'Kubernetes: API server, node and network plug-in of this project (modelled)',
    'Juju: controller and agents of this project (recorded from 4.0.15)',
    ...(gluetun.standIn ? ['gluetun: behaves as recorded from 3.41.1; its WireGuard tunnel is real'] : []),
    ...(pebble === 'stand-in' ? ['Pebble: behaves as recorded from 1.26.0'] : []),
    'the internet: one web server, one ISP, one VPN server (real WireGuard)',
  ];
}
