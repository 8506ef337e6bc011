/** @module The acts of the demo: deploy, relate, break, remove - each ends with a condition, never with a pause. */

import { networkPolicies, pods } from '@vpn-k8s/kube';
import type { Lab } from '../lab.ts';
import { addresses } from '../network/addresses.ts';
import { until } from '../until.ts';
import { type Charms, CLIENT, deployClient, deployGateway, GATEWAY, specText } from './applications.ts';
import { difference } from './difference.ts';
import { gatewayReadyAt } from './gateway-ready.ts';
import { leftOf } from './leftovers.ts';
import type { Scene } from './picture.ts';
import type { Probe } from './probe.ts';
import { sceneOf } from './scene.ts';
import { workloadRuns } from './workload.ts';

/** What an act leaves for later ones and for the report. */
export interface Memory {
  specBefore?: string;
  scene?: Omit<Scene, 'leaked'>;
  exitAddress: string;
  recoverySeconds: number;
  podRestartsToRouted: number;
  writesWhenNothingChanged: number;
}

/** Everything that an act works with. */
export interface Stage {
  readonly lab: Lab;
  readonly charms: Charms;
  readonly probe: Probe;
  readonly memory: Memory;
  readonly locked: boolean;
}

/** Does one thing to the lab, waits for what must follow, and says in a few words what that was. */
export type Act = (stage: Stage) => Promise<string>;

/** The acts in their order, by the names that the report shows. */
export const acts: readonly (readonly [string, Act])[] = [
  ['deploy', deploy],
  ['relate', relate],
  ['patch', patch],
  ['routed', routed],
  ['nothing to do', nothingToDo],
  ['gateway restarted', gatewayRestarted],
  ['firewall broken', firewallBroken],
  ['relation removed', relationRemoved],
  ['related again', relatedAgain],
  ['application removed', applicationRemoved],
];

async function deploy({ lab, charms, memory, probe }: Stage): Promise<string> {
  await deployGateway(lab, charms.gateway);
  await deployClient(lab, charms.client);
  await statusIs(lab, GATEWAY, 'active');
  await statusIs(lab, CLIENT, 'blocked');
  await policyIs(lab, true);
  memory.specBefore = await specText(lab, CLIENT);
  probe.start();
  return 'gluetun active, qbittorrent blocked';
}

async function relate({ lab, memory }: Stage): Promise<string> {
  countPodRestarts(lab, memory, await podUid(lab));
  await lab.controller.integrate(`${CLIENT}:vpn-gateway`, `${GATEWAY}:vpn-gateway`);
  await until("the gateway's data", async () => gatewayData(lab) !== undefined, patience(lab));
  return "the gateway's data is in the relation";
}

async function patch({ lab }: Stage): Promise<string> {
  const patched = async () => (await specText(lab, CLIENT)).includes('vpn-route-init');
  await until('the patched StatefulSet', patched, patience(lab));
  const init = async () =>
    (await lab.kube.get(pods, `${CLIENT}-0`, { namespace: lab.model }))?.spec?.initContainers?.[0];
  await until('the patched pod', async () => (await init())?.name === 'vpn-route-init', patience(lab));
  return 'the charm patched its own StatefulSet';
}

async function routed({ lab, memory, probe }: Stage): Promise<string> {
  await until('traffic through the VPN', async () => probe.exit() === addresses.vpnServer, patience(lab));
  await until('qBittorrent running', async () => workloadRuns(lab), patience(lab));
  memory.exitAddress = probe.exit() ?? '';
  memory.scene = await sceneOf(lab);
  await statusIs(lab, CLIENT, 'active');
  return `qBittorrent runs, exit ${memory.exitAddress}`;
}

/** Fires an update-status in a world that has not changed, and counts what the charm writes. */
async function nothingToDo({ lab, memory }: Stage): Promise<string> {
  await lab.controller.idle(60_000);
  const user = `system:serviceaccount:${lab.model}:${CLIENT}`;
  const from = lab.api.requests.length;
  await lab.controller.runHook(`${CLIENT}/0`, 'update-status');
  const requests = lab.api.requests.slice(from).filter((request) => request.user === user);
  const writes = requests.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb));
  memory.writesWhenNothingChanged = writes.length;
  return `update-status: ${requests.length} API reads, ${writes.length} writes`;
}

async function gatewayRestarted({ lab, memory, probe }: Stage): Promise<string> {
  const pod = `${GATEWAY}-0`;
  const before = lab.podAddress(pod);
  const deleted = Date.now();
  await lab.cluster.deletePod(lab.model, pod, 1);
  const ready = await until('the new gateway ready', () => gatewayReadyAt(lab, before), patience(lab, 2));
  const back = await until('traffic through the new gateway', async () => probe.backAfter(deleted), patience(lab, 2));
  memory.recoverySeconds = Math.max(0, (back - ready) / 1000);
  return `back ${memory.recoverySeconds.toFixed(2)} s after the gateway was ready`;
}

/** gluetun 3.41.1 opens everything when its firewall fails to start; a bad line of post-rules makes it fail. */
async function firewallBroken({ lab, probe }: Stage): Promise<string> {
  const gateway = { namespace: lab.model, pod: `${GATEWAY}-0`, container: GATEWAY };
  const inside = (script: string) => lab.cluster.execText(gateway, ['sh', '-c', script]);
  await inside(
    'mkdir -p /iptables && echo "iptables -A NOWHERE -j ACCEPT" > /iptables/post-rules.txt; pkill -f gluetun-entrypoint',
  );
  await until(
    'the firewall to be open',
    async () => (await inside('iptables -S')).stdout.includes('-P FORWARD ACCEPT'),
    patience(lab),
  );
  await until('the tunnel to be gone', async () => probe.exit() === null, patience(lab));
  await inside('rm /iptables/post-rules.txt');
  await until('traffic through the mended gateway', async () => probe.exit() === addresses.vpnServer, patience(lab, 2));
  return 'open firewall, nothing passed; mended';
}

async function relationRemoved({ lab, memory, locked }: Stage): Promise<string> {
  await lab.controller.removeRelation(`${CLIENT}:vpn-gateway`, `${GATEWAY}:vpn-gateway`);
  await until('qBittorrent stopped', async () => !(await workloadRuns(lab)), patience(lab));
  await until('the StatefulSet as before', async () => (await specText(lab, CLIENT)) === memory.specBefore, {
    ...patience(lab),
    explain: async () => difference(memory.specBefore ?? '', await specText(lab, CLIENT)),
  });
  await until('the relation gone', async () => vpnRelation(lab) === undefined, patience(lab));
  await statusIs(lab, CLIENT, 'blocked');
  if (locked) await policyIs(lab, true);
  return 'stopped; StatefulSet as before, policy stays';
}

async function relatedAgain({ lab, probe }: Stage): Promise<string> {
  await lab.controller.integrate(`${CLIENT}:vpn-gateway`, `${GATEWAY}:vpn-gateway`);
  await until('traffic through the VPN', async () => probe.exit() === addresses.vpnServer, patience(lab));
  await until('qBittorrent running', async () => workloadRuns(lab), patience(lab));
  return `routed again, exit ${probe.exit()}`;
}

async function applicationRemoved({ lab, probe }: Stage): Promise<string> {
  probe.stop();
  await lab.controller.removeApplication(CLIENT);
  await lab.controller.removeApplication(GATEWAY);
  const nothing = async () => (await leftOf(lab, [CLIENT, GATEWAY])).length === 0;
  await until('nothing left', nothing, {
    ...patience(lab, 2),
    explain: async () => `Left: ${await leftOf(lab, [CLIENT, GATEWAY])}`,
  });
  return 'nothing of ours is left in the cluster';
}

/** Counts the client's pods from relating until it is routed. */
function countPodRestarts(lab: Lab, memory: Memory, first: string | undefined): void {
  const uids = new Set([first]);
  lab.cluster.caches.pods.onChange((pod) => {
    if (pod?.metadata?.name !== `${CLIENT}-0` || memory.scene) return;
    uids.add(pod.metadata.uid);
    memory.podRestartsToRouted = uids.size - 1;
  });
}

function gatewayData(lab: Lab): string | undefined {
  return vpnRelation(lab)?.applicationBags.get(GATEWAY)?.config;
}

function vpnRelation(lab: Lab) {
  const all = [...lab.controller.model.relations.values()];
  return all.find(({ ends }) => ends.some(({ endpoint }) => endpoint === 'vpn-gateway'));
}

function patience(lab: Lab, factor = 1) {
  return { seconds: 60 * factor, explain: () => `Then: ${lab.controller.statusText()}` };
}

function statusIs(lab: Lab, app: string, status: string): Promise<unknown> {
  const asked = async () => lab.controller.unitStatus(`${app}/0`).status === status;
  return until(`${app} ${status}`, asked, patience(lab));
}

async function policyIs(lab: Lab, there: boolean): Promise<void> {
  const name = `${CLIENT}-vpn-killswitch`;
  const asked = async () =>
    ((await lab.kube.get(networkPolicies, name, { namespace: lab.model })) !== undefined) === there;
  await until(`policy ${name} ${there ? 'there' : 'gone'}`, asked, patience(lab));
}

async function podUid(lab: Lab): Promise<string | undefined> {
  return (await lab.kube.get(pods, `${CLIENT}-0`, { namespace: lab.model }))?.metadata?.uid;
}
