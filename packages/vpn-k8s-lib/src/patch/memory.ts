/** @module What the pod template was before our first patch, as far as the template itself cannot tell: kept in an annotation. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Container } from 'kubernetes-types/core/v1.js';
import { DROPS_BEFORE } from '../names.ts';
import { type DropsBefore, dropsBefore } from './containers.ts';

/** Dropped capabilities before us, by container. */
export type Memory = Readonly<Record<string, DropsBefore>>;

/** The memory in the live template; empty when there is none or when it cannot be read. */
export function remembered(live: StatefulSet): Memory {
  const text = live.spec?.template.metadata?.annotations?.[DROPS_BEFORE] ?? '{}';
  try {
    const memory: unknown = JSON.parse(text);
    return typeof memory === 'object' && memory !== null
      ? Object.fromEntries(Object.entries(memory).filter(isDrops))
      : {};
  } catch {
    return {};
  }
}

/** The annotation's text: containers that are remembered already stay as they are, others are remembered as they are now. */
export function remember(live: StatefulSet, containers: readonly Container[]): string {
  const now = containers.map((container) => [container.name, dropsBefore(container)] as const);
  return JSON.stringify({ ...Object.fromEntries(now), ...remembered(live) });
}

function isDrops(entry: [string, unknown]): entry is [string, DropsBefore] {
  const drops = entry[1];
  return drops === null || (Array.isArray(drops) && drops.every((name) => typeof name === 'string'));
}
