/** @module HookContext from Juju's variables. */

import { expect, test } from 'vitest';
import { readContext } from './context.ts';

const always = {
  JUJU_UNIT_NAME: 'qbittorrent/0',
  JUJU_MODEL_NAME: 'vpn',
  JUJU_MODEL_UUID: 'f00d',
  JUJU_HOOK_NAME: 'config-changed',
  JUJU_DISPATCH_PATH: 'hooks/config-changed',
  JUJU_CHARM_DIR: '/charm-dir',
  JUJU_API_ADDRESSES: '10.0.0.1:17070 10.0.0.2:17070',
  JUJU_VERSION: '4.0.15',
};
const common = {
  unit: 'qbittorrent/0',
  application: 'qbittorrent',
  model: { name: 'vpn', uuid: 'f00d' },
  hook: 'config-changed',
  dispatchPath: 'hooks/config-changed',
  charmDir: '/charm-dir',
  apiAddresses: ['10.0.0.1:17070', '10.0.0.2:17070'],
  version: '4.0.15',
};

test.each([
  { name: 'a plain hook', env: {}, more: {} },
  {
    name: 'a relation hook',
    env: {
      JUJU_RELATION: 'db',
      JUJU_RELATION_ID: 'db:7',
      JUJU_REMOTE_APP: 'pg',
      JUJU_REMOTE_UNIT: 'pg/0',
      JUJU_DEPARTING_UNIT: 'pg/0',
    },
    more: { relation: { endpoint: 'db', id: 'db:7', remoteApp: 'pg', remoteUnit: 'pg/0', departingUnit: 'pg/0' } },
  },
  {
    name: 'relation-broken after pod churn: the application is not told',
    env: { JUJU_RELATION: 'db', JUJU_RELATION_ID: 'db:7', JUJU_REMOTE_APP: '', JUJU_REMOTE_UNIT: '' },
    more: { relation: { endpoint: 'db', id: 'db:7' } },
  },
  {
    name: 'an action',
    env: { JUJU_HOOK_NAME: '', JUJU_ACTION_NAME: 'verify', JUJU_ACTION_UUID: '3', JUJU_ACTION_TAG: 'action-3' },
    more: { hook: '', action: { name: 'verify', id: '3' } },
  },
  {
    name: 'a check',
    env: { JUJU_WORKLOAD_NAME: 'web', JUJU_PEBBLE_CHECK_NAME: 'vpn' },
    more: { workload: { name: 'web', check: 'vpn' } },
  },
  {
    name: 'a notice',
    env: { JUJU_WORKLOAD_NAME: 'web', JUJU_NOTICE_ID: '5', JUJU_NOTICE_TYPE: 'custom', JUJU_NOTICE_KEY: 'a.b/c' },
    more: { workload: { name: 'web', notice: { id: '5', type: 'custom', key: 'a.b/c' } } },
  },
  {
    name: 'secret-changed: an URI',
    env: { JUJU_SECRET_ID: 'secret:abc', JUJU_SECRET_LABEL: '' },
    more: { secret: { id: 'abc' } },
  },
  {
    name: 'secret-remove: a bare id',
    env: { JUJU_SECRET_ID: 'abc', JUJU_SECRET_LABEL: 'l', JUJU_SECRET_REVISION: '6' },
    more: { secret: { id: 'abc', label: 'l', revision: 6 } },
  },
  {
    name: 'storage',
    env: { JUJU_STORAGE_ID: 'data/0', JUJU_STORAGE_LOCATION: '/data', JUJU_STORAGE_KIND: 'filesystem' },
    more: { storage: { id: 'data/0', location: '/data', kind: 'filesystem' } },
  },
])('$name', ({ env, more }) => {
  const context = readContext({ ...always, ...env });
  expect(context).toEqual({ ...common, ...more });
  expect(Object.isFrozen(context) && Object.isFrozen(context.model)).toBe(true);
});

test.each(['JUJU_UNIT_NAME', 'JUJU_MODEL_NAME', 'JUJU_MODEL_UUID', 'JUJU_DISPATCH_PATH', 'JUJU_CHARM_DIR'])(
  'without %s it was not Juju who started this',
  (name) => {
    expect(() => readContext({ ...always, [name]: '' })).toThrow(`${name} is not set: this program is run by Juju`);
  },
);
