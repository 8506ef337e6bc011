/** @module The control server replays all 191 recorded exchanges of 3.41.1, the health server its five. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { needs } from '../../needs.ts';
import { CommandRunner } from '../../network/ip.ts';
import { type RecordedExchange, recorded } from '../recorded/fixtures.ts';
import { RecordedNetwork } from '../recorded/network.ts';
import { forget, GluetunPod, PodFiles, recordedEnvironment } from '../recorded/pod.ts';

const test = needs('users', 'tunnel');

const RECORDED_KEYS = {
  server: 'HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=',
  customer: 'YAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=',
};
const KEY = 'lab-api-key-0123456789';
const ROLE = `[[roles]]
name = "charm"
auth = "apikey"
apikey = "${KEY}"
routes = ["GET /v1/vpn/status", "GET /v1/publicip/ip", "GET /v1/portforward"]
`;
const BASIC = `[[roles]]
name = "charm"
auth = "basic"
username = "u"
password = "p"
routes = ["GET /v1/vpn/status"]
`;
const OWN_ROLE = ROLE.replace(
  '"GET /v1/vpn/status", "GET /v1/publicip/ip", "GET /v1/portforward"',
  '"GET /v1/vpn/status"',
);
const NONE = '{"auth":"none"}';

const exchanges = recorded<RecordedExchange>('control-server');
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
  await pod?.end('SIGTERM');
  pod = undefined;
  network.cleanPod();
  forget(files);
});

async function start(defaultRole: string | undefined, roleFile: string | undefined): Promise<GluetunPod> {
  if (roleFile) files.write('gluetun/auth/config.toml', roleFile);
  const role = defaultRole ? { HTTP_CONTROL_SERVER_AUTH_DEFAULT_ROLE: defaultRole } : {};
  pod = await GluetunPod.start({ ...recordedEnvironment(network), ...role }, files);
  await pod.logged('Public IP address is');
  return pod;
}

function withOwnKeys(text: string): string {
  return text
    .replace(RECORDED_KEYS.server, network.server.publicKey)
    .replace(RECORDED_KEYS.customer, network.customer.privateKey);
}

async function replay(running: GluetunPod, rows: readonly RecordedExchange[], port = 8000): Promise<void> {
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    const given = await running.ask(port, row.method, row.path, row.headers, row.body);
    const { Date: date, ...headers } = given.headers;
    expect(date).toBe('<date>');
    const seen = { ...row, answer: { status: given.status, headers, body: given.body } };
    const wanted = { ...row, answer: { ...row.answer, body: withOwnKeys(row.answer.body) } };
    expect(seen).toEqual(wanted);
  }
}

describe.each([
  ['default auth', undefined, undefined],
  ['default role none', NONE, undefined],
  ['default role apikey', `{"auth":"apikey","apikey":"${KEY}"}`, undefined],
  ['config.toml with one apikey role', undefined, ROLE],
  ['config.toml with a basic role', undefined, BASIC],
  ['config.toml role plus default role none', NONE, OWN_ROLE],
])('%s', (state, defaultRole, roleFile) => {
  const rows = exchanges.filter((row) => row.state.startsWith(state));
  test(`${rows.length} exchanges`, async () => {
    await replay(await start(defaultRole, roleFile), rows);
  });
});

test('the health server', async () => {
  const running = await start(undefined, undefined);
  const change = (status: string) => running.ask(8000, 'PUT', '/v1/vpn/status', {}, JSON.stringify({ status }));
  const rows = recorded<RecordedExchange>('health-answers');
  const during = (state: string) => rows.filter((row) => row.state.startsWith(state));
  await replay(running, during('connected'), 9999);
  await change('stopped');
  await replay(running, during('stopped'), 9999);
  await change('running');
  await replay(running, during('running again'), 9999);
});

test('every recorded exchange belongs to one of the states above', () => {
  expect(exchanges).toHaveLength(191);
});
