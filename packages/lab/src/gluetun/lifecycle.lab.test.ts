/** @module From start to end in the recorded order, and the recorded ways to die: SIGKILL, a deleted link, a dead endpoint. */

import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { needs } from '../needs.ts';
import { CommandRunner } from '../network/ip.ts';
import { recorded, withoutUrls } from './recorded/fixtures.ts';
import { RecordedNetwork } from './recorded/network.ts';
import { forget, GluetunPod, PodFiles, recordedEnvironment } from './recorded/pod.ts';

const test = needs('users', 'tunnel');

let network: RecordedNetwork;
let files: PodFiles;
let pod: GluetunPod | undefined;

beforeAll(async () => {
  network = new RecordedNetwork(new CommandRunner());
  await network.start();
});

afterAll(() => network.remove());

beforeEach(() => {
  files = new PodFiles();
});

afterEach(async () => {
  await pod?.end('SIGKILL');
  pod = undefined;
  network.cleanPod();
  forget(files);
});

const start = async (env: Record<string, string> = {}) => {
  pod = await GluetunPod.start({ ...recordedEnvironment(network), ...env }, files);
  return pod;
};
const status = (wanted: string) => (answer: { body: string }) => answer.body === `{"status":"${wanted}"}\n`;

/** Lines are compared by their first words; those that run side by side in the real program are taken out of the order. */
function skeleton(lines: readonly string[]): string[] {
  const side = /\[(dns|healthcheck|http server)\]/;
  const own = lines.map(withoutUrls).filter((line) => !line.includes(' wrote ') && !line.includes('unprotected'));
  const short = (line: string) =>
    line
      .replace(/\d+ (hardcoded|servers).*/, '')
      .split(' ')
      .slice(0, 4)
      .join(' ');
  const versions = (line: string) => !/Alpine|OpenVPN v|IPtables v|Settings summary|updated MTU/.test(line);
  return own.filter((line) => versions(line) && !side.test(line)).map(short);
}

test('start and SIGTERM log in the recorded order', async () => {
  const [row] = recorded<{ log: string[]; sigterm: string[] }>('startup');
  const running = await start();
  await running.connected();
  const before = running.log();
  expect(skeleton(before)).toEqual(skeleton(row?.log ?? []));
  await running.end('SIGTERM');
  expect(running.log().slice(before.length)).toEqual(row?.sigterm.filter((line) => !line.includes('updated MTU')));
});

test('after SIGKILL the rules stay, a restart is crashed for good, and deleting the rules of table 51820 heals it', async () => {
  const first = await start();
  await first.connected();
  await first.end('SIGKILL');
  expect(network.run('gpod', 'ip rule')).toContain('not from all fwmark 0xca6c lookup 51820');
  expect(network.exitOf('gpod')).toBe('nothing');
  const second = await start();
  await second.until(8000, '/v1/vpn/status', status('crashed'));
  expect((await second.ask(9999, 'GET', '/')).body).toBe('healthcheck did not run yet\n');
  expect(second.log().slice(-2).map(withoutUrls)).toContain('INFO [vpn] retrying in 15s');
  expect(second.log()).toContain(
    'ERROR [vpn] adding IPv6 rule: adding ip rule 101: from all to all table 51820: file exists',
  );
  await second.end('SIGKILL');
  network.run('gpod', 'ip rule del table 51820');
  network.run('gpod', 'ip -6 rule del table 51820');
  await (await start()).connected();
  expect(network.exitOf('gpod')).toBe('203.0.113.5');
});

test('a deleted tun0 is crashed at once with health still 200; PUT waits and changes nothing; 15 s later it runs', async () => {
  const running = await start();
  await running.connected();
  network.run('gpod', 'ip link del tun0');
  await running.until(8000, '/v1/vpn/status', status('crashed'));
  expect((await running.ask(9999, 'GET', '/')).status).toBe(200);
  expect((await running.ask(8000, 'GET', '/v1/publicip/ip')).body).toBe('{"public_ip":""}\n');
  expect(network.exitOf('gpod')).toBe('nothing');
  const put = await running.ask(8000, 'PUT', '/v1/vpn/status', {}, '{"status":"stopped"}');
  expect(put.body).toBe('{"outcome":"already crashed"}\n');
  await running.until(8000, '/v1/vpn/status', status('running'), 20_000);
  await running.until(8000, '/v1/publicip/ip', (answer) => answer.body.includes('203.0.113.5'));
});

test('started with a dead endpoint it restarts its tunnel every 6 s and is healthy soon after the endpoint is back', async () => {
  await network.stopVpn();
  const running = await start();
  await running.until(8000, '/v1/vpn/status', status('running'));
  expect((await running.ask(9999, 'GET', '/')).body).toBe('healthcheck did not run yet\n');
  const failed = await running.until(9999, '/', (answer) => answer.body.startsWith('startup check'));
  expect(failed.body).toBe(
    'startup check: all check tries failed: parallel attempt 1/1 failed: dialing: dial tcp4 198.51.100.80:80: i/o timeout\n',
  );
  await running.logged('[vpn] starting');
  await network.startVpn();
  await running.until(9999, '/', (answer) => answer.status === 200, 15_000);
  expect(network.leaked()).toBe(0);
});

test('without NET_ADMIN it ends with 1 and closes nothing', async () => {
  pod = await GluetunPod.start(recordedEnvironment(network), files, []);
  expect((await pod.exited).code).toBe(1);
  expect(pod.log().join('\n')).toContain('ERROR NET_ADMIN capability is missing');
});

test('DNS_KEEP_NAMESERVER=on leaves the resolver of the pod alone', async () => {
  const before = files.read('resolv.conf');
  await (await start({ DNS_KEEP_NAMESERVER: 'on' })).connected();
  expect(files.read('resolv.conf')).toBe(before);
});

test('keys from secret files do as well', async () => {
  files.write('tmp/key', `${network.customer.privateKey}\n`, 0o600);
  await (await start({ WIREGUARD_PRIVATE_KEY: '', WIREGUARD_PRIVATE_KEY_SECRETFILE: '/tmp/key' })).connected();
});

test('port 8000 taken: it does not end and never starts the VPN', async () => {
  const running = await start({ HTTP_CONTROL_SERVER_ADDRESS: '127.0.0.1:9999' });
  await running.logged('address already in use');
  expect((await running.ask(9999, 'GET', '/')).body).toBe('healthcheck did not run yet\n');
});
