/** @module The charm's configuration: what is refused, and with which sentence. */

import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';

test('defaults', () => {
  expect(parseConfig({})).toEqual({
    config: { unsafeMode: false, listenPort: 6881, uid: 1000, gid: 1000, overrides: {} },
    problems: [],
  });
});

test.each([
  { raw: { 'listen-port': 80 }, problem: 'config listen-port is 80; it must be 1024 to 65535 except 8080' },
  { raw: { 'listen-port': 8080 }, problem: 'config listen-port is 8080; it must be 1024 to 65535 except 8080' },
  { raw: { 'listen-port': 6881.5 }, problem: 'config listen-port is 6881.5; it must be 1024 to 65535 except 8080' },
  { raw: { uid: 170 }, problem: 'config uid is 170; it must be 0 to 65534 except 170' },
  { raw: { gid: 65170 }, problem: 'config gid is 65170; it must be 0 to 4294967294 except 65170' },
])('$problem', ({ raw, problem }) => {
  expect(parseConfig(raw).problems).toEqual([problem]);
});

test('overrides are passed on without blanks around them', () => {
  const raw = { 'agent-image': ' registry.example/pod-gateway@sha256:1 ', 'cluster-cidrs': '' };
  expect(parseConfig(raw).config.overrides).toEqual({ agentImage: 'registry.example/pod-gateway@sha256:1' });
});
