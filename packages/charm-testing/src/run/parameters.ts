/** @module Parameters of an action as the charm gets them. */

import type { CharmMetadata } from '../charm/metadata.ts';
import type { Event } from '../state/event.ts';

/** The event with defaults of actions.yaml filled in, as Juju does before it starts an action. */
export function withDefaults(metadata: CharmMetadata, event: Event): Event {
  if (event.kind !== 'action') return event;
  const declared = Object.entries(metadata.actions[event.name]?.parameters ?? {});
  const defaults = declared.flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...event, parameters: { ...Object.fromEntries(defaults), ...event.parameters } };
}
