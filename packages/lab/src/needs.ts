/** @module Lab tests that need more than namespaces: where the machine has it not they are left out by name, with the reason. */

import { type TestAPI, test } from 'vitest';
import { missing, type Need } from './missing.ts';

type Body = () => unknown;

/** The part of vitest's `test` that the lab's tests use. */
export interface LabTest {
  (name: string, body: Body, timeout?: number): void;
  readonly each: TestAPI['each'];
}

/**
 * `test`, or one that skips and leaves the reason in the test's `meta.leftOut`, where `npm test` finds it.
 * @example const test = needs('users', 'tunnel');
 */
export function needs(...all: Need[]): LabTest {
  const leftOut = all.map(missing).find((why) => why !== undefined);
  if (leftOut === undefined) return test as LabTest;
  const options = { meta: { leftOut } as object };
  const skip = (name: string, body: Body) => test.skip(name, options, body);
  const each = (cases: readonly object[]) => (name: string, body: Body) =>
    test.skip.each(cases)(name, options, body as never);
  return Object.assign(skip, { each }) as unknown as LabTest;
}
