/** @module Every writing hook tool, through its function. */

import * as juju from '@vpn-k8s/juju';

/** Writes everywhere, and tells how the own writes read back. */
export function writeEverything(): object {
  juju.statusSet('maintenance', '-- writing');
  juju.relationSet('db:1', { word: 'multi\nline é', gone: '' });
  juju.relationSet('db:1', { config: '{"a":1}' }, { app: true });
  juju.stateSet({ kept: 'yes', 'with space': '=' });
  juju.stateDelete('old');
  juju.openPort(8080);
  juju.openPort(51820, 'udp');
  juju.closePort(80);
  juju.applicationVersionSet('1.2.3');
  juju.statusSet('active', 'app', { application: true });
  const id = juju.secretAdd({ token: 'geheim\n', user: 'adm' }, { label: 'mine', description: 'd' });
  juju.secretGrant(id, 'db:1');
  return {
    relation: juju.relationGet('db:1', 'toy/0'),
    state: juju.stateGet(),
    ports: juju.openedPorts(),
    secret: juju.secretGet({ id }),
    info: juju.secretInfoGet({ id })?.label,
  };
}

/** Passes here, fails the flush. */
export function addStorage(): void {
  juju.stateSet({ kept: 'yes' });
  juju.storageAdd('data');
}

/** Two secrets with one label pass here and fail the flush. */
export function addTwice(): void {
  juju.secretAdd({ token: 'one' }, { label: 'twice' });
  juju.secretAdd({ token: 'two' }, { label: 'twice' });
}

/** What the owner reads around a new revision. */
export function cycleSecret(): object {
  const name = { label: 'own' };
  const before = juju.secretGet(name);
  const id = juju.secretInfoGet(name)!.id;
  juju.secretSet(id, { token: 'new' });
  const still = juju.secretGet(name);
  const peeked = juju.secretGet({ ...name, peek: true });
  juju.secretRevoke(id, { relation: 'db:1' });
  return { before, still, peeked };
}
