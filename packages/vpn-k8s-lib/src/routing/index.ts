/** @module The routing methods that this library knows. */
import type { RoutingMethod } from './method.ts';
import { podGateway } from './pod-gateway.ts';

const METHODS: readonly RoutingMethod[] = [podGateway];

/** Names of the methods, the preferred one first; what a requirer publishes as `routing_methods`. */
export const METHOD_NAMES: readonly string[] = METHODS.map((method) => method.name);

/** The method of that name, or undefined when this library does not know it. */
export function methodOf(name: string): RoutingMethod | undefined {
  return METHODS.find((method) => method.name === name);
}
