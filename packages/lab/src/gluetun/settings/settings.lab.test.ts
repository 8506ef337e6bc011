/** @module The recorded environments against the real program: only with GLUETUN_BIN, since each start takes 0.3 s. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { CommandRunner } from '../../network/ip.ts';
import { type RecordedSettings, recorded, withoutUrls } from '../recorded/fixtures.ts';
import { RecordedNetwork } from '../recorded/network.ts';
import { forget, GluetunPod, PodFiles, recordedEnvironment } from '../recorded/pod.ts';

const real = process.env.GLUETUN_BIN !== undefined;
const meta = { leftOut: 'GLUETUN_BIN names no real gluetun' } as object;
const rows = recorded<RecordedSettings>('settings-wireguard');
let network: RecordedNetwork | undefined;

beforeAll(async () => {
  if (!real) return;
  network = new RecordedNetwork(new CommandRunner());
  await network.start();
});

afterAll(() => network?.remove());

/** The base of the recordings without what a row sets by itself. */
function environmentOf(row: RecordedSettings): Record<string, string> {
  const base = Object.entries(recordedEnvironment(network as RecordedNetwork));
  const common = base.filter(([name]) => !/^(WIREGUARD|VPN)_/.test(name));
  return { ...Object.fromEntries(common), VPN_SERVICE_PROVIDER: row.provider, VPN_TYPE: row.type, ...row.env };
}

test.skipIf(!real).each(rows)('$provider, $case: the real program says the same', { meta }, async (row) => {
  const files = new PodFiles();
  const pod = await GluetunPod.start(environmentOf(row), files);
  await Promise.race([pod.exited, pod.logged('Settings summary').catch(() => {})]);
  const error = pod.log().find((line) => line.startsWith('ERROR '));
  await pod.end('SIGKILL');
  network?.cleanPod();
  forget(files);
  if (row.accepted) expect(error).toBeUndefined();
  else expect(withoutUrls(error ?? '')).toContain(row.error);
});
