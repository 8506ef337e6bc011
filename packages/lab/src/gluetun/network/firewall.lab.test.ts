/** @module The pod's tables in every recorded moment, and who leaks when the firewall cannot start (3.41.1's fail-open). */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { needs } from '../../needs.ts';
import { CommandRunner } from '../../network/ip.ts';
import { type RecordedFirewall, type RecordedState, recorded, withoutUrls } from '../recorded/fixtures.ts';
import { RecordedNetwork } from '../recorded/network.ts';
import { forget, GluetunPod, PodFiles, recordedEnvironment } from '../recorded/pod.ts';
import { comparable, podState } from '../recorded/state.ts';

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

const states = recorded<RecordedState & { readonly state: string }>('firewall-states');

function wanted(state: string) {
  const row = states.find((one) => one.state === state) as RecordedState;
  return { ...comparable(row), resolver: row.resolv_conf, table200: trimmed(row.route_200) };
}

function seen() {
  const state = podState(network, files);
  return { ...comparable(state), resolver: state.resolv_conf, table200: trimmed(state.route_200) };
}

const trimmed = (lines: readonly string[] | undefined) => lines?.map((line) => line.replace(' onlink', '').trimEnd());

test('connected, stopped over the control server, ended by SIGTERM: tables as recorded', async () => {
  pod = await GluetunPod.start(recordedEnvironment(network), files);
  await pod.connected();
  expect(seen()).toEqual(wanted('connected (wireguard)'));
  expect(trimmed(podState(network, files).route_51820)).toEqual(['default dev tun0 scope link']);
  await pod.ask(8000, 'PUT', '/v1/vpn/status', {}, '{"status":"stopped"}');
  expect(seen()).toEqual(wanted('stopped over the control server'));
  expect(await pod.end('SIGTERM')).toEqual({ code: 0, signal: 0 });
  expect(seen()).toEqual(wanted('after SIGTERM (clean exit)'));
  expect(files.read('tmp/gluetun/ip')).toBe('');
});

/** `firewall off` is the one that the project never does; the addresses of the others are the recorded ones. */
const cases = recorded<RecordedFirewall>('firewall-faults');

const exit = (text: string) => (/^\d/.test(text) ? text : 'nothing');

describe.each(cases)('$case', (row) => {
  test('ends, logs and leaks as recorded', async () => {
    network.podGatewayRules();
    if (row.post_rules) files.write('iptables/post-rules.txt', row.post_rules);
    pod = await GluetunPod.start({ ...recordedEnvironment(network), ...row.env }, files);
    if (row.exited === null) await pod.connected();
    else expect((await pod.exited).code).toBe(row.exited);
    expect(comparable(podState(network, files))).toEqual(comparable(row.dump));
    const leaks = { gateway_pod: network.exitOf('gpod'), client: network.exitOf('gclient') };
    expect(leaks).toEqual({ gateway_pod: exit(row.leak.gateway_pod), client: exit(row.leak.client) });
    const notable = (line: string) => /^(ERROR|INFO \[firewall\]|Try)/.test(line);
    // The recorded line of one row lacks iptables' closing quote.
    const lines = pod.log().map((line) => withoutUrls(line).replace(/"'$/, '"'));
    expect(lines.filter(notable)).toEqual(row.log);
    if (!row.after_sigterm) return;
    await pod.end('SIGTERM');
    expect(comparable(podState(network, files))).toEqual(comparable(row.after_sigterm));
  });
});
