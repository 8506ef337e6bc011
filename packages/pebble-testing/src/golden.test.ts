/** @module What the real Pebble was recorded to answer, the stand-in answers too. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from './behaviours/behaviour.ts';
import { freePort } from './behaviours/suite.ts';
import { mask } from './golden-replay/mask.ts';
import { type Answer, ask, type Exchange, joined, type Listener, listen } from './golden-replay/replay.ts';
import { type RunningPebble, startPebble } from './start.ts';

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));
const recording = readFileSync(`${fixtures}/pebble-v1.26.0.jsonl`, 'utf8');
const count = recording.trimEnd().split('\n').length;
const isRoot = process.getuid?.() === 0;

let root: string;
let pebble: RunningPebble;
let exchanges: Exchange[];
const answers: (Answer | string[])[] = [];

/** The recording with its paths, port and web server replaced by ours. */
function localised(port: number): Exchange[] {
  const server = JSON.stringify(`${process.execPath} ${fixtures}/http-server.mjs ${port}`).slice(1, -1);
  const text = recording
    .replaceAll('python3 -m http.server 8999 --bind 127.0.0.1', server)
    .replaceAll('127.0.0.1:8999', `127.0.0.1:${port}`)
    .replaceAll('/data/dir', `${root}/pebble`)
    .replaceAll('%2Fdata', encodeURIComponent(`${root}/work`))
    .replaceAll('/data', `${root}/work`);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Exchange);
}

async function check(): Promise<{ status: string; successes?: number; failures?: number; 'change-id'?: string }> {
  return (await pebble.client.checks({ names: ['ex'] }))[0]!;
}

/** What was done to the world between two requests of the recording, by the number of the request that follows. */
const meanwhile: Readonly<Record<number, () => Promise<unknown>>> = {
  33: () =>
    until(
      () => pebble.client.checks(),
      (all) => all.every((info) => (info.successes ?? 0) > 1),
    ),
  36: async () => {
    unlinkSync(`${root}/work/alive`);
    const down = await until(check, (info) => info.status === 'down');
    const logged = (change: { tasks?: readonly { log?: readonly string[] }[] }) =>
      (change.tasks?.[0]?.log?.length ?? 0) > 0;
    await until(
      async () => pebble.client.change((await check())['change-id'] ?? ''),
      (change) => change.kind === 'recover-check' && logged(change),
    );
    return down;
  },
  40: async () => {
    writeFileSync(`${root}/work/alive`, '');
    return until(check, (info) => info.status === 'up' && info.successes === 1 && info['change-id'] === '11');
  },
  86: async () => {
    const [before] = await pebble.client.services(['crash']);
    return until(
      () => pebble.client.services(['crash']),
      ([now]) => now?.current === 'active' && now['current-since'] !== before?.['current-since'],
    );
  },
};

async function exec(at: number, exchange: Exchange): Promise<void> {
  const answer = await ask(pebble.socket, exchange);
  answers[at] = answer;
  if (answer.status !== 202) return;
  const sockets = new Map<string, Listener>();
  const paths = exchanges
    .slice(at + 1, at + 5)
    .flatMap((next) => (next.ws?.startsWith(taskPath(answer)) ? [next.ws] : []));
  // Why control first and always: the real one closes it when the command ends, so a late one would come in vain.
  for (const path of new Set([`${taskPath(answer)}control`, ...paths]))
    sockets.set(path, await listen(pebble.socket, path));
  const stdio = sockets.get(`${taskPath(answer)}stdio`)!;
  if (JSON.stringify(exchange.request).includes('cat;')) {
    stdio.send(2, 'typed in\n');
    stdio.send(1, '{"command":"end"}');
  }
  if (JSON.stringify(exchange.request).includes('USR1')) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    sockets.get(`${taskPath(answer)}control`)!.send(1, '{"command":"signal","signal":{"name":"SIGUSR1"}}');
  }
  answers[at + 1] = await ask(pebble.socket, exchanges[at + 1]!);
  await Promise.all([...sockets.values()].map((socket) => socket.closed));
  for (const [offset, path] of paths.entries()) answers[at + 2 + offset] = joined(sockets.get(path)!.frames);
}

function taskPath(answer: Answer): string {
  return `/v1/tasks/${(answer.response as { result: { 'task-id': string } }).result['task-id']}/websocket/`;
}

describe.skipIf(!isRoot)(`recorded exchanges${isRoot ? '' : ' (left out: they were recorded as root)'}`, () => {
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'pebble-golden-'));
    mkdirSync(`${root}/work`);
    writeFileSync(`${root}/work/alive`, '');
    const port = await freePort();
    exchanges = localised(port);
    pebble = await startPebble({ dir: `${root}/pebble`, env: { PATH: '/usr/bin:/bin', HOME: '/root' } });
    for (const [at, exchange] of exchanges.entries()) {
      await meanwhile[at + 1]?.();
      if (answers[at] !== undefined || exchange.ws !== undefined) continue;
      if (exchange.path === '/v1/exec') await exec(at, exchange);
      else answers[at] = await ask(pebble.socket, exchange);
    }
  }, 60_000);

  afterAll(async () => {
    await pebble?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  test.each(Array.from({ length: count }, (_, at) => [at + 1, titleOf(at)] as const))('%i %s', (number) => {
    const exchange = exchanges[number - 1]!;
    const wanted =
      exchange.ws === undefined
        ? { status: exchange.status, response: exchange.response }
        : joined(exchange.frames ?? []);
    expect(mask(answers[number - 1])).toEqual(mask(wanted));
  });
});

function titleOf(at: number): string {
  const exchange = JSON.parse(recording.split('\n')[at]!) as Exchange;
  return exchange.ws ?? `${exchange.method} ${exchange.path}`;
}
