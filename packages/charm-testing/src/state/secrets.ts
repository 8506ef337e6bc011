/** @module Reading the secrets of a State: tracked revisions, labels, owners. */

import type { CharmMetadata } from '../charm/metadata.ts';
import { type SecretInfo, type SecretRequest, ToolFailure } from '../hook-tools/backend.ts';
import type { HookWorld } from '../hook-tools/transaction.ts';
import type { Secret, State } from './state.ts';

/** secret-get, secret-info-get and secret-ids over the secrets of `inside.draft`; tracking changes at once. */
export function secretReads(
  metadata: CharmMetadata,
  inside: { draft: State },
): Pick<HookWorld, 'secretGet' | 'secretInfoGet' | 'secretIds'> {
  return {
    secretIds: () =>
      owned(inside.draft)
        .map((secret) => secret.id)
        .sort(),
    secretInfoGet: ({ id, label }) => {
      const secret = owned(inside.draft).find((one) => (id === undefined ? one.label === label : one.id === id));
      if (secret === undefined) throw new ToolFailure(1, `secret ${JSON.stringify(id ?? label)} not found`);
      return infoOf(metadata, inside.draft, secret);
    },
    secretGet: (request) => {
      const secret = find(inside.draft, request);
      const latest = { revision: secret.revision, content: secret.content };
      const tracked = request.refresh ? latest : (secret.tracked ?? latest);
      const consumerLabel =
        request.label !== undefined && secret.owner === 'other' ? request.label : secret.consumerLabel;
      inside.draft = replaced(inside.draft, { ...secret, tracked, consumerLabel });
      return request.peek ? latest.content : tracked.content;
    },
  };
}

function find(state: State, { id, label }: SecretRequest): Secret {
  const byLabel = (secret: Secret) => (secret.owner === 'other' ? secret.consumerLabel : secret.label) === label;
  const secret = state.secrets.find((one) => (id === undefined ? byLabel(one) : one.id === id));
  if (secret === undefined) {
    const nothing = `secret URI for consumer label ${JSON.stringify(label)} not found`;
    throw new ToolFailure(1, id === undefined ? nothing : 'getting latest secret revision: secret not found');
  }
  if (secret.owner === 'other' && !secret.granted) throw new ToolFailure(1, 'permission denied');
  return secret;
}

/** Secrets of the application are managed by the leader only; other units see none of them here. */
function owned(state: State): Secret[] {
  return state.secrets.filter((one) => one.owner === 'unit' || (one.owner === 'application' && state.leader));
}

function infoOf(metadata: CharmMetadata, state: State, secret: Secret): SecretInfo {
  const application = state.unit.replace(/\/\d+$/, '');
  const access = secret.grants.flatMap(({ relation: id, unit }) => {
    const relation = state.relations.find((one) => one.id === id);
    if (relation === undefined) return [];
    const target = unit === undefined ? `application-${relation.remoteApp}` : `unit-${unit.replace('/', '-')}`;
    const ends = [`${application}.${relation.endpoint}`, `${relation.remoteApp}.${relation.remoteEndpoint}`];
    if (metadata.endpoints[relation.endpoint] === 'provides') ends.reverse();
    return [{ target, scope: `relation-${ends.join('#')}`, role: 'view' }];
  });
  return {
    id: secret.id,
    revision: secret.revision,
    label: secret.label,
    owner: secret.owner === 'unit' ? 'unit' : 'application',
    description: secret.description,
    rotation: secret.rotate,
    expiry: secret.expire,
    access,
  };
}

/** A state with one secret exchanged. */
export function replaced(state: State, secret: Secret): State {
  return { ...state, secrets: state.secrets.map((one) => (one.id === secret.id ? secret : one)) };
}
