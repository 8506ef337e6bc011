/** @module What the lab makes of a machine's namespaces, with an `unshare` that gives what the row says. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { insideArgv, type Privilege, privilege } from './inside.ts';
import { missingTunnel, wholeSystem } from './missing.ts';

const folder = mkdtempSync(join(tmpdir(), 'lab-unshare-'));
const UNSHARE = `#!/bin/sh
case " $* " in
*" --map-auto "*) asked=all ;;
*" --map-root-user "*) asked=one ;;
*) asked=root ;;
esac
case " $GIVEN " in *" $asked "*) exit 0 ;; esac
echo "unshare: unshare failed: Operation not permitted" >&2
exit 1
`;

beforeAll(() => {
  writeFileSync(join(folder, 'unshare'), UNSHARE);
  chmodSync(join(folder, 'unshare'), 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test.each([
  { uid: 0, given: 'root all one', is: { kind: 'root' } },
  { uid: 0, given: 'all one', is: { kind: 'user-namespace', users: 'all' } },
  { uid: 1000, given: 'root all one', is: { kind: 'user-namespace', users: 'all' } },
  {
    uid: 1000,
    given: 'one',
    is: { kind: 'user-namespace', users: 'one', why: expect.stringContaining('apt-get install uidmap') },
  },
  { uid: 0, given: '', is: { kind: 'none', reason: expect.stringContaining('--privileged') } },
  { uid: 1000, given: 'all', is: { kind: 'none', reason: expect.stringContaining('network namespaces') } },
  { uid: 1000, given: 'root', is: { kind: 'none', reason: expect.stringContaining('Run it as root') } },
])('user $uid where unshare gives "$given": $is.kind', ({ uid, given, is }) => {
  vi.stubEnv('GIVEN', given);
  vi.spyOn(process, 'getuid').mockReturnValue(uid);
  expect(privilege()).toEqual(is);
});

test.each<{ given: Privilege; starts: string }>([
  { given: { kind: 'root' }, starts: 'unshare --net --mount' },
  { given: { kind: 'user-namespace', users: 'all' }, starts: 'unshare --map-root-user --map-auto --net --mount' },
  { given: { kind: 'user-namespace', users: 'one', why: '' }, starts: 'unshare --map-root-user --net --mount' },
])('$starts ... COMMAND', ({ given, starts }) => {
  const argv = insideArgv(['ip', 'link'], given);
  expect(argv.join(' ').startsWith(`${starts} --pid --fork --kill-child --mount-proc sh -c `)).toBe(true);
  expect(argv.slice(-3)).toEqual(['lab', 'ip', 'link']);
});

test('a refusal is the sentence, for one command and for the whole system', () => {
  const refused: Privilege = { kind: 'none', reason: 'No namespaces.' };
  expect(() => insideArgv(['ip'], refused)).toThrow('No namespaces.');
  expect(() => wholeSystem(refused)).toThrow('No namespaces.');
  expect(() => wholeSystem({ kind: 'user-namespace', users: 'one', why: 'One user.' })).toThrow('One user.');
});

test('the device of tunnels: there, not there, and closed to this user', () => {
  const device = join(folder, 'tun');
  expect(missingTunnel(device)).toContain('sudo modprobe tun');
  writeFileSync(device, '', { mode: 0o400 });
  if (process.getuid?.() !== 0) expect(missingTunnel(device)).toContain(`sudo chmod 666 ${device}`);
  chmodSync(device, 0o600);
  expect(missingTunnel(device)).toBeUndefined();
});
