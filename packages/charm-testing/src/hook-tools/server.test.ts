/** @module The client on PATH and the server behind it, as processes and a socket. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeHookTools } from './client.ts';
import type { ToolCall } from './inline-files.ts';
import { serveHookTools } from './server.ts';

let dir: string;
let server: { close(): Promise<void> };
let seen: ToolCall[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tools-'));
  seen = [];
  writeHookTools(join(dir, 'bin'));
  const answer = (call: ToolCall) => {
    seen.push(call);
    return { code: 3, stdout: 'out é\n', stderr: 'ERROR err\n' };
  };
  server = await serveHookTools({ socket: join(dir, 's'), contextId: 'c-1', directory: dir, answer });
});

afterEach(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
});

function tool(name: string, args: string[], stdin: string, contextId = 'c-1') {
  const env = { JUJU_CONTEXT_ID: contextId, JUJU_AGENT_SOCKET_ADDRESS: join(dir, 's') };
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(join(dir, 'bin', name), args, { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
    child.stdin!.end(stdin);
  });
}

test('arguments arrive as they are and the answer comes back whole', async () => {
  const answer = await tool('status-set', ['active', 'two\nlines é', ''], 'not asked for');
  expect(answer).toEqual({ code: 3, stdout: 'out é\n', stderr: 'ERROR err\n' });
  expect(seen).toEqual([{ tool: 'status-set', args: ['active', 'two\nlines é', ''], stdin: '' }]);
});

test('stdin of a megabyte is sent when --file - asks for it', async () => {
  const megabyte = 'x'.repeat(1 << 20);
  await tool('relation-set', ['-r', '1', '--file', '-'], megabyte);
  expect(seen[0]?.stdin).toBe(megabyte);
});

test('files named in arguments are read where the tool runs', async () => {
  writeFileSync(join(dir, 'value'), 'geheim');
  writeFileSync(join(dir, 'pairs'), 'a: b');
  await tool('secret-add', ['token#file=value'], '');
  await tool('state-set', ['--file', join(dir, 'pairs')], '');
  expect(seen).toEqual([
    { tool: 'secret-add', args: ['token#base64=Z2VoZWlt'], stdin: '' },
    { tool: 'state-set', args: ['--file', '-'], stdin: 'a: b' },
  ]);
  const { code, stderr } = await tool('secret-add', ['token#file=none'], '');
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'ERROR open none: no such file or directory\n' });
});

test('a tool of another hook, or of none, is refused', async () => {
  expect(await tool('is-leader', [], '', 'c-0')).toMatchObject({ code: 1, stderr: 'ERROR unknown context id "c-0"\n' });
  await server.close();
  server = { close: async () => undefined };
  expect(await tool('is-leader', [], '')).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot connect') });
});
