/** @module Takes what a hook wrote into the State, as Juju does after exit 0. */

import type { SecretSettings } from '../hook-tools/backend.ts';
import { type HookWrites, merged, type SecretWrite } from '../hook-tools/transaction.ts';
import { newSecret, type Secret, type State } from './state.ts';

/** The state with all writes of a hook in it. */
export function committed(state: State, writes: HookWrites): State {
  const relations = state.relations.map((relation) => {
    const bag = (app: boolean) =>
      writes.relationData.find((one) => one.relation === relation.id && one.app === app)?.settings ?? {};
    return {
      ...relation,
      localUnitData: merged(relation.localUnitData, bag(false)),
      localAppData: merged(relation.localAppData, bag(true)),
    };
  });
  return {
    ...state,
    relations,
    stored: writes.state ?? state.stored,
    openedPorts: writes.openedPorts ?? state.openedPorts,
    secrets: writes.secrets.reduce((secrets, write) => withSecret(state, secrets, write), state.secrets),
  };
}

function withSecret(state: State, secrets: readonly Secret[], write: SecretWrite): readonly Secret[] {
  if (write.kind === 'add') {
    const { content = {}, ...settings } = write.settings;
    return [...secrets, newSecret(write.id, content, { owner: write.owner, ...settings })];
  }
  if (write.kind === 'remove') {
    return secrets.filter((one) => one.id !== write.id || (write.revision ?? one.revision) !== one.revision);
  }
  return secrets.map((one) => (one.id === write.id ? changed(state, one, write) : one));
}

function changed(state: State, secret: Secret, write: SecretWrite & { kind: 'set' | 'grant' | 'revoke' }): Secret {
  if (write.kind === 'set') return updated(secret, write.settings);
  if (write.kind === 'grant') return { ...secret, grants: [...secret.grants, write.grant] };
  const { relation, application, unit } = write.revocation;
  const remoteApp = (id: number) => state.relations.find((one) => one.id === id)?.remoteApp;
  const taken = (grant: Secret['grants'][number]) =>
    unit !== undefined ? grant.unit === unit : grant.relation === relation || remoteApp(grant.relation) === application;
  return { ...secret, grants: secret.grants.filter((grant) => !taken(grant)) };
}

/** The same content makes no new revision. */
function updated(secret: Secret, { content, ...settings }: SecretSettings): Secret {
  const same =
    content === undefined ||
    JSON.stringify(Object.entries(content).sort()) === JSON.stringify(Object.entries(secret.content).sort());
  if (same) return { ...secret, ...settings };
  return { ...secret, ...settings, content, revision: secret.revision + 1 };
}
