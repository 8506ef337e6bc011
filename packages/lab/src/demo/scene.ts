/** @module What the picture shows, read from a running lab. */

import type { Lab } from '../lab.ts';
import { addresses } from '../network/addresses.ts';
import { CLIENT, GATEWAY } from './applications.ts';
import type { Scene } from './picture.ts';

/** The scene of this moment, but for the count of leaked packets. */
export async function sceneOf(lab: Lab): Promise<Omit<Scene, 'leaked'>> {
  return {
    client: {
      app: CLIENT,
      address: lab.podAddress(`${CLIENT}-0`) ?? '',
      tunnelAddress: await tunnelAddress(lab),
    },
    gateway: { app: GATEWAY, address: lab.podAddress(`${GATEWAY}-0`) ?? '' },
    vpnServer: addresses.vpnServer,
    exitAddress: addresses.vpnServer,
    ispAddress: addresses.ispExit,
  };
}

async function tunnelAddress(lab: Lab): Promise<string> {
  const path = { namespace: lab.model, pod: `${CLIENT}-0`, container: 'vpn-route-sidecar' };
  const { stdout } = await lab.cluster.execText(path, ['ip', '-4', '-o', 'addr', 'show', 'dev', 'vxlan0']);
  return /inet ([0-9.]+)/.exec(stdout)?.[1] ?? '';
}
