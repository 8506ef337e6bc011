/** @module What the operator did in each recorded scenario, done on the stand-in. */

import {
  configure,
  deploy,
  elect,
  grantUserSecret,
  refresh,
  removeApplication,
  runAction,
  scaleTo,
  startRelation,
  trust,
} from '../model/operator.ts';
import { findRelation, integrate, removeRelation } from '../model/relations.ts';
import { addSecret } from '../model/secrets.ts';
import { applicationOf, type Model, unitOf } from '../model/state.ts';
import { full, mini } from './charms.ts';

/** One step; `at` is the moment in the scenario (before everything by default). */
export interface OperatorStep {
  readonly at?: number;
  readonly run: (model: Model) => void;
}

/** Identifiers that Juju made and the recordings masked. */
const IDENTITY: Readonly<Record<string, { uuid: string; clusterIp: string }>> = {
  alpha: { uuid: '00000000-0000-4000-8000-000000000002', clusterIp: '10.152.183.12' },
  beta: { uuid: '00000000-0000-4000-8000-000000000004', clusterIp: '10.152.183.13' },
  gamma: { uuid: '00000000-0000-4000-8000-000000000006', clusterIp: '10.152.183.14' },
  delta: { uuid: '00000000-0000-4000-8000-000000000011', clusterIp: '10.152.183.15' },
  eps: { uuid: '00000000-0000-4000-8000-000000000012', clusterIp: '10.152.183.16' },
  zeta: { uuid: '00000000-0000-4000-8000-000000000013', clusterIp: '10.152.183.17' },
  m1: { uuid: '00000000-0000-4000-8000-000000000015', clusterIp: '10.152.183.18' },
};

/** Deploys one of the recorded applications; its first unit leads. */
export function deployRecorded(model: Model, name: string, trusted = false): void {
  const charm = name === 'alpha' || name === 'beta' ? full : mini;
  const resources = charm === full ? { 'web-image': 'busybox:1' } : { conf: './conf.txt' };
  const application = deploy(model, charm, { application: name, trust: trusted, resources });
  Object.assign(application, model.name === 'm1' ? IDENTITY.m1 : IDENTITY[name]);
  elect(model, `${name}/0`);
}

const one = (run: (model: Model) => void): OperatorStep[] => [{ run }];
const shutdown = (model: Model, ...units: string[]) => {
  for (const unit of units) unitOf(model, unit).uniter.shutdown = 'asked';
};

/** The operator's steps by scenario. Pods that Kubernetes replaces get their SIGTERM here too. */
export const operatorSteps: Readonly<Record<string, readonly OperatorStep[]>> = {
  install: one((m) => deployRecorded(m, 'alpha', true)),
  'install-no-trust': one((m) => deployRecorded(m, 'beta')),
  'install-mini': one((m) => deployRecorded(m, 'gamma')),
  'trust-on': one((m) => trust(m, 'gamma')),
  relate: one((m) => related(m, 'alpha:db', 'beta:link')),
  'relation-data-change': one((m) => configure(m, 'alpha', { word: 'second' })),
  'pod-churn': one((m) => shutdown(m, 'alpha/0')),
  'scale-up': one((m) => scaleTo(m, 'alpha', 2)),
  'scale-up-remote': one((m) => scaleTo(m, 'beta', 2)),
  'pod-churn-leader-of-two': one((m) => shutdown(m, 'beta/0')),
  'hook-fails': one((m) => configure(m, 'beta', { crash: true })),
  'hook-fails-resolved': one((m) => configure(m, 'beta', { crash: false })),
  'action-ok': one((m) => runAction(m, 'alpha/0', 'probe', { text: 'abc', count: 3 })),
  'action-fail': one((m) => runAction(m, 'alpha/0', 'fail-it', {})),
  'action-die': one((m) => runAction(m, 'alpha/0', 'die', {})),
  refresh: refreshed(4060),
  'secret-rotate': one((m) => configure(m, 'alpha', { word: 'rotate' })),
  // The pods are replaced one after the other once the leader has patched.
  'self-patch': [
    { run: (m) => configure(m, 'alpha', { patch: 'v1' }) },
    { at: 600, run: (m) => shutdown(m, 'alpha/1') },
    { at: 7540, run: (m) => shutdown(m, 'alpha/0') },
  ],
  'refresh-after-patch': refreshed(36_700),
  'scale-down': one((m) => scaleTo(m, 'alpha', 1)),
  'remove-relation': one((m) => removeRelation(m, findRelation(m, 'alpha:db', 'beta:link'))),
  'remove-application-mini': one((m) => removeApplication(m, 'gamma')),
  'remove-application-two-units': one((m) => removeApplication(m, 'beta')),
  'remove-application': one((m) => removeApplication(m, 'alpha')),
  'install-file-resource': one((m) => deployRecorded(m, 'delta')),
  'patch-without-trust': one((m) => configure(m, 'delta', { patch: 'x' })),
  'two-apps-related': one((m) => {
    deployRecorded(m, 'eps');
    related(m, 'delta:db', 'eps:link');
  }),
  'user-secret': one((m) => {
    const id = 's0000000000000000004';
    addSecret(m, id, { kind: 'model', name: m.name }, 'user', { token: 'abc123' });
    grantUserSecret(m, id, 'delta');
    configure(m, 'delta', { sec: `secret:${id}` });
  }),
  'update-status': one((m) => {
    unitOf(m, 'delta/0').uniter.updateStatusDue = true;
  }),
  'remove-related-application': one((m) => removeApplication(m, 'delta')),
  'remove-last': one((m) => removeApplication(m, 'eps')),
  'attach-resource': one((m) => {
    refresh(m, 'zeta', { resources: { conf: './other.txt' } });
    shutdown(m, 'zeta/0');
  }),
  // crash=false came while the planned try was running: both notices were still to come.
  'hook-fails-readiness': [
    { run: (m) => configure(m, 'zeta', { crash: true }) },
    { at: 36_262, run: (m) => configure(m, 'zeta', { crash: false }) },
  ],
  'scale-up-mini': [{ at: 1000, run: (m) => scaleTo(m, 'zeta', 2) }],
  'leader-lost': [{ run: (m) => shutdown(m, 'zeta/0') }, { at: 36_449, run: (m) => elect(m, 'zeta/1') }],
  'remove-application-mini-two-units': one((m) => removeApplication(m, 'zeta')),
  'flush-failure-storage-add': one((m) => deployRecorded(m, 'alpha', true)),
};

function related(model: Model, a: string, b: string): void {
  integrate(model, a, b);
  startRelation(model);
}

function refreshed(second: number): OperatorStep[] {
  const first = (model: Model) => {
    refresh(model, 'alpha', { charm: { ...applicationOf(model, 'alpha').charm } });
    shutdown(model, 'alpha/1');
  };
  return [{ run: first }, { at: second, run: (m) => shutdown(m, 'alpha/0') }];
}
