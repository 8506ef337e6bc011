/** @module States and events that Juju cannot bring about, refused before a charm is run on them. */

import type { CharmMetadata, ConfigOption } from '../charm/metadata.ts';
import type { ConfigValue } from '../hook-tools/backend.ts';
import { type Event, hookName } from './event.ts';
import type { State } from './state.ts';

/**
 * Checks a state and an event against the charm's declarations and against each other.
 *
 * @throws Error with one sentence per line for each thing that cannot be
 */
export function checkConsistency(metadata: CharmMetadata, event: Event, state: State): void {
  const problems = [
    ...unitProblems(state),
    ...configProblems(metadata, state),
    ...relationProblems(metadata, state),
    ...declarationProblems(metadata, state),
    ...eventProblems(metadata, event, state),
  ];
  if (problems.length > 0)
    throw new Error(`This cannot happen under Juju:\n${problems.map((one) => `- ${one}`).join('\n')}`);
}

function unitProblems(state: State): string[] {
  const problems = [];
  if (!/^[a-z][a-z0-9-]*\/\d+$/.test(state.unit))
    problems.push(`a unit is called application/number, not ${state.unit}`);
  if (state.results !== undefined && state.results.exit === null)
    problems.push('the state comes from a hook that was killed');
  return problems;
}

function configProblems(metadata: CharmMetadata, state: State): string[] {
  return Object.entries(state.config).flatMap(([key, value]) => {
    const option = metadata.config[key];
    if (option === undefined)
      return [`config: ${key} is not an option of ${metadata.name}; ${listed(metadata.config)}`];
    return fits(option, value) ? [] : [`config: ${key} is of type ${option.type}, not ${JSON.stringify(value)}`];
  });
}

function fits({ type }: ConfigOption, value: ConfigValue): boolean {
  if (value === null) return true;
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'int') return Number.isInteger(value);
  if (type === 'float') return typeof value === 'number';
  return typeof value === 'string' && (type === 'string' || /^secret:[0-9a-z]{20}$/.test(value));
}

function relationProblems(metadata: CharmMetadata, state: State): string[] {
  const application = state.unit.replace(/\/\d+$/, '');
  const ids = state.relations.map((one) => one.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `two relations have the id ${id}`);
  return state.relations.reduce<string[]>((problems, { endpoint, id, remoteApp, remoteUnits }) => {
    const role = metadata.endpoints[endpoint];
    const name = `${endpoint}:${id}`;
    const strangers = Object.keys(remoteUnits).filter((unit) => unit.replace(/\/\d+$/, '') !== remoteApp);
    if (role === undefined) problems.push(`relation ${name}: no such endpoint; ${listed(metadata.endpoints)}`);
    if (role === 'peers' && remoteApp !== application)
      problems.push(`relation ${name} is a peer relation: its remoteApp is ${application}`);
    if (state.unit in remoteUnits) problems.push(`relation ${name}: ${state.unit} is not its own remote unit`);
    for (const unit of strangers) problems.push(`relation ${name}: ${unit} is no unit of ${remoteApp}`);
    return problems;
  }, twice);
}

function declarationProblems(metadata: CharmMetadata, state: State): string[] {
  const missing = (what: string, used: readonly string[], declared: readonly string[]) =>
    used
      .filter((name) => !declared.includes(name))
      .map((name) => `${what} ${name} is not declared; declared: ${declared.join(', ') || 'none'}`);
  return [
    ...missing(
      'container',
      state.containers.map((one) => one.name),
      metadata.containers,
    ),
    ...missing(
      'storage',
      state.storages.map((one) => one.id.split('/')[0]!),
      metadata.storages,
    ),
    ...missing('resource', Object.keys(state.resources), metadata.resources),
    ...state.secrets
      .filter((one) => !/^[0-9a-z]{20}$/.test(one.id))
      .map((one) => `secret ${one.id}: ids have 20 characters of 0-9 and a-z`),
  ];
}

function eventProblems(metadata: CharmMetadata, event: Event, state: State): string[] {
  if (event.kind === 'relation') return relationEventProblems(event, state);
  if (event.kind === 'action') return actionProblems(metadata, event);
  if (event.kind === 'secret') return secretEventProblems(event, state);
  if (event.kind === 'storage') {
    return state.storages.some((one) => one.id === event.id)
      ? []
      : [`${hookName(event)}: storage ${event.id} is not in the state`];
  }
  if (event.kind === 'hook') {
    return event.hook === 'leader-elected' && !state.leader
      ? ['leader-elected: the state says that this unit is not the leader']
      : [];
  }
  const container = state.containers.find((one) => one.name === event.container);
  if (container === undefined) return [`${hookName(event)}: container ${event.container} is not in the state`];
  return container.canConnect ? [] : [`${hookName(event)}: nothing can come from a Pebble that cannot be reached`];
}

function relationEventProblems(event: Event & { kind: 'relation' }, state: State): string[] {
  const relation = state.relations.find((one) => one.id === event.id);
  if (relation?.endpoint !== event.endpoint)
    return [`${hookName(event)}: relation ${event.endpoint}:${event.id} is not in the state`];
  const needsUnit = event.step === 'joined' || event.step === 'departed';
  if (needsUnit && event.unit === undefined) return [`${hookName(event)} is about a remote unit: give unit`];
  if (!needsUnit && event.step !== 'changed' && event.unit !== undefined)
    return [`${hookName(event)} is about no unit: leave out unit`];
  const listed = event.unit === undefined || event.unit in relation.remoteUnits;
  if (event.step === 'departed')
    return listed ? [`${hookName(event)}: ${event.unit} has left: move it to departedUnits`] : [];
  return listed ? [] : [`${hookName(event)}: ${event.unit} is not among the relation's remoteUnits`];
}

function secretEventProblems(event: Event & { kind: 'secret' }, state: State): string[] {
  const secret = state.secrets.find((one) => one.id === event.id);
  if (secret === undefined) return [`${hookName(event)}: secret ${event.id} is not in the state`];
  const ownersOnly = event.step !== 'changed';
  if (ownersOnly && secret.owner === 'other') return [`${hookName(event)} goes to the owner of a secret only`];
  return [];
}

function actionProblems(metadata: CharmMetadata, event: Event & { kind: 'action' }): string[] {
  const declared = metadata.actions[event.name];
  if (declared === undefined) return [`action ${event.name} is not declared; ${listed(metadata.actions)}`];
  const unknown = Object.keys(event.parameters).filter((name) => !(name in declared.parameters));
  const missing = declared.required.filter((name) => !(name in event.parameters));
  const wrong = Object.entries(event.parameters).filter(
    ([name, value]) => !ofType(declared.parameters[name]?.type, value),
  );
  return [
    ...unknown.map((name) => `action ${event.name} has no parameter ${name}; ${listed(declared.parameters)}`),
    ...missing.map((name) => `action ${event.name} requires the parameter ${name}`),
    ...wrong.map(
      ([name, value]) =>
        `action ${event.name}: ${name} is of type ${declared.parameters[name]?.type}, not ${JSON.stringify(value)}`,
    ),
  ];
}

function ofType(type: string | undefined, value: unknown): boolean {
  if (type === undefined) return true;
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return value !== null && typeof value === 'object' && !Array.isArray(value);
  return typeof value === type;
}

function listed(declared: object): string {
  return `declared: ${Object.keys(declared).join(', ') || 'none'}`;
}
