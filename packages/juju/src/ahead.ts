/**
 * @module Reads of Juju that every hook needs, run side by side before they are asked for.
 *
 * A hook tool is a process that mostly waits, and starting eight of them from Node one after the other is most of what a hook
 * costs. So one shell starts them all. What they say is handed out by the functions of the same names, once; a write of the
 * hook's forgets it.
 */

import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { readContext } from './context.ts';
import { keep } from './run.ts';

/** What to read. Only what the hook is going to ask for anyway: each is a process. */
export interface Reads {
  /** `configGet()`. */
  readonly config?: boolean;
  /** `statusGet()`. */
  readonly status?: boolean;
  /** `openedPorts()`. */
  readonly ports?: boolean;
  /** `isLeader()`, and of each relation of this endpoint: id, remote application, its databag, for the leader the own one. */
  readonly endpoint?: string;
}

/** `ask` prints a call, a tab after each word, and on the next line its answer; nothing when the tool fails. */
const functions = `set -f
ask() {
  tool=$1; shift
  answer=$("$tool" --format=json "$@" 2>/dev/null) || { answer=; return; }
  printf '%s\\t' "$tool" "$@"; printf '\\n%s\\n' "$answer"
}
bare() { text=\${1#[\\"[]}; text=\${text%[]\\"]}; }
relations() {
  ask is-leader; leads=$answer
  ask relation-ids "$1"; bare "$answer"; IFS=,
  for id in $text; do
    bare "$id"; id=$text
    [ "$id" = "$3" ] && continue
    [ "$leads" = true ] && ask relation-get -r "$id" --app - "$2" >&4 &
    ask relation-list -r "$id" --app; bare "$answer"
    [ "$text" ] && ask relation-get -r "$id" --app - "$text"
    wait
  done
}
`;

/**
 * Runs the tools. One that fails is left to the function that asks, which throws then. A relation that is being broken is left out.
 *
 * @example await readAhead({ config: true, endpoint: 'db' }); relationIds('db')
 */
export async function readAhead(reads: Reads, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const jobs = jobsOf(reads, env);
  if (jobs.length === 0) return;
  // Why a pipe for each: long answers would be mixed otherwise. 3 and 4 are those of `relations`.
  const pipes = Array<'pipe'>(jobs.length + 2).fill('pipe');
  const script = `${functions}${jobs.map((job, n) => `${job} >&${n === 0 ? 3 : n + 4} &`).join('\n')}\nwait`;
  const shell = spawn('/bin/sh', ['-c', script], { env, stdio: ['ignore', 'ignore', 'ignore', ...pipes] });
  const texts = shell.stdio.slice(3).map((pipe) => textOf(pipe as Readable));
  await new Promise((resolve) => shell.on('close', resolve).on('error', resolve));
  for (const text of texts) keepAnswers(text());
}

function jobsOf({ config, status, ports, endpoint }: Reads, env: NodeJS.ProcessEnv): string[] {
  const { application, hook, relation } = readContext(env);
  const ended = hook === `${endpoint}-relation-broken` ? (relation?.id ?? '') : '';
  return [
    endpoint === undefined ? ':' : `relations '${endpoint}' '${application}' '${ended}'`,
    ...(config ? ['ask config-get --all'] : []),
    ...(status ? ['ask status-get --include-data'] : []),
    ...(ports ? ['ask opened-ports'] : []),
  ];
}

function textOf(pipe: Readable): () => string {
  let text = '';
  pipe.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return () => text;
}

function keepAnswers(text: string): void {
  const lines = text.split('\n');
  for (let n = 0; n + 1 < lines.length; n += 2) {
    const [tool = '', ...args] = (lines[n] ?? '').split('\t').slice(0, -1);
    keep(tool, args, lines[n + 1] ?? '');
  }
}
