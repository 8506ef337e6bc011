/** @module A charm whose config says what it does, so that tests can make it do everything. */

import { type ActionResult, type Charm, type CharmPorts, main, type Status } from '@vpn-k8s/charm';
import { actionSet, configGet, stateSet } from '@vpn-k8s/juju';
import { readEverything } from './read.ts';
import { addStorage, addTwice, cycleSecret, writeEverything } from './write.ts';

const deeds: Record<string, (ports: CharmPorts) => Promise<Status> | Status> = {
  nothing: () => ({ status: 'active', message: 'idle' }),
  fail: () => {
    writeEverything();
    throw new Error('cannot patch web', { cause: new Error('403 Forbidden') });
  },
  read: (ports) => {
    ports.log.info(JSON.stringify(readEverything(ports.context)));
    return { status: 'active', message: 'read' };
  },
  write: (ports) => done(ports, writeEverything),
  'add-storage': (ports) => done(ports, addStorage),
  'add-twice': (ports) => done(ports, addTwice),
  'cycle-secret': (ports) => done(ports, cycleSecret),
  log,
  environment: (ports) => {
    ports.log.info(Object.keys(process.env).sort().join(' '));
    return { status: 'active', message: process.cwd() };
  },
  serve,
  count,
};

function done(ports: CharmPorts, deed: () => unknown): Status {
  ports.log.info(JSON.stringify(deed() ?? null));
  return { status: 'active', message: 'done' };
}

function log(ports: CharmPorts): Status {
  for (const line of ['one', 'two']) {
    ports.log.debug(`debug ${line}`);
    ports.log.info(`info ${line}`);
    ports.log.warning(`warning ${line}`);
  }
  return { status: 'active', message: 'logged' };
}

/** Makes the workload run from a file that it pushes. */
async function serve(ports: CharmPorts): Promise<Status> {
  const pebble = ports.pebble('web');
  await pebble.pushFile('/config/web.conf', 'port = 80\n', { makeDirs: true });
  const service = { override: 'replace', command: 'web /config/web.conf', startup: 'enabled' } as const;
  await pebble.addLayer('toy', { services: { web: service } }, { combine: true });
  await pebble.replan();
  return { status: 'active', message: 'serving' };
}

async function count(ports: CharmPorts): Promise<Status> {
  const { configMaps } = await import('@vpn-k8s/kube');
  const kube = await ports.kube();
  const namespace = ports.context.model.name;
  await kube.create(configMaps, { metadata: { name: 'made' }, data: { by: 'toy' } }, { namespace });
  const found = await kube.list(configMaps, { namespace });
  return { status: 'active', message: `${found.length} ConfigMaps` };
}

async function echo({ text, times }: Readonly<Record<string, unknown>>, ports: CharmPorts): Promise<ActionResult> {
  ports.log.debug('an action');
  return { said: { text: String(text), times: Number(times) }, nothing: null };
}

async function die(): Promise<never> {
  stateSet({ lost: 'yes' });
  actionSet({ kept: 'yes' });
  process.exit(3);
}

const charm: Charm = {
  name: 'toy',
  reconcile: async (ports) => deeds[String(configGet().do)]!(ports),
  actions: {
    echo,
    fail: async () => {
      throw new Error('the tunnel is down', { cause: new Error('no handshake for 180 s') });
    },
    'bad-key': async () => ({ BadKey: 1 }),
    die,
  },
};

await main(charm);
