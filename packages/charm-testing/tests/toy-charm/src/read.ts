/** @module Every reading hook tool, through its function. */

import * as juju from '@vpn-k8s/juju';

/** All answers by function; a refusal is its sentence. */
export function readEverything(context: juju.HookContext): Record<string, unknown> {
  const first = juju.relationIds('db')[0] ?? 'db:99';
  const asked: Record<string, () => unknown> = {
    isLeader: juju.isLeader,
    configGet: juju.configGet,
    relationIds: () => juju.relationIds('db'),
    relationList: () => juju.relationList(first),
    relationListApp: () => juju.relationListApp(first),
    relationGetUnit: () => juju.relationGet(first, 'pg/0'),
    relationGetApp: () => juju.relationGet(first, 'pg', { app: true }),
    relationGetStranger: () => juju.relationGet(first, 'nobody/0'),
    relationModelGet: () => juju.relationModelGet(first),
    stateGet: juju.stateGet,
    openedPorts: juju.openedPorts,
    networkGet: () => juju.networkGet('db'),
    goalState: juju.goalState,
    credentialGet: juju.credentialGet,
    unitGet: () => juju.unitGet('public-address'),
    resourceGet: () => juju.resourceGet('web-image'),
    storageList: () => juju.storageList(),
    storageGet: () => juju.storageGet('data/0'),
    secretIds: juju.secretIds,
    secretInfo: () => juju.secretInfoGet({ label: 'own' }),
    secretInfoMissing: () => juju.secretInfoGet({ label: 'nobody' }) ?? 'none',
    secretGet: () => juju.secretGet({ id: 'secret:cq8h1abcdefghijklm01' }),
    secretGetLabel: () => juju.secretGet({ label: 'own', peek: true }),
    statusGet: () => juju.statusGet(),
    statusGetApplication: () => juju.statusGet({ application: true }),
    actionGet: juju.actionGet,
    context: () => context,
  };
  return Object.fromEntries(Object.entries(asked).map(([name, ask]) => [name, answer(ask)]));
}

function answer(ask: () => unknown): unknown {
  try {
    return ask();
  } catch (error) {
    return (error as Error).message;
  }
}
