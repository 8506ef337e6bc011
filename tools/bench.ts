/**
 * @module Figures of the parts, each beside what it is to be compared with, from one run.
 *
 *     npm run bench -- hook                     a hook with nothing to do, beside `node -e 0`
 *     npm run -s bench -- hook --json           the same as one JSON object
 */

import { parseArgs } from 'node:util';
import { type Figures, type HookCost, measureHook } from './hook-cost.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '30' }, help: { type: 'boolean' } },
});
const [what = 'hook'] = positionals;
if (values.help) {
  console.log('npm run bench -- hook [--json] [--rounds N]   cost of a hook with nothing to do (about 30 s)');
  process.exit(0);
}
if (what !== 'hook') fail(`There is no benchmark "${what.slice(0, 60)}"; there is: hook.`);
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 5) fail(`--rounds is "${values.rounds.slice(0, 60)}"; it must be 5 or more.`);

const cost = await measureHook(rounds);
console.log(values.json ? JSON.stringify(cost) : table(cost));

/** At most 80 columns. */
function table({ ours, node, ratio }: HookCost): string {
  const { processes, reads, writes } = ours;
  const head = ['', 'wall min', 'median', 'p95', 'CPU', 'peak memory'];
  const lines = [head, row('hook', ours), row('node -e 0', node)].map((cells) =>
    cells.map((cell, n) => (n === 0 ? cell.padEnd(12) : cell.padStart(12))).join(''),
  );
  return [
    `update-status of qbittorrent-k8s with nothing to do, ${rounds} rounds`,
    ...lines,
    `${ratio} times the bare Node; ${processes} hook tools, ${reads} API reads, ${writes} writes`,
  ].join('\n');
}

function row(name: string, { wallMinMs, wallMs, wallP95Ms, cpuMs, rssMb }: Figures): string[] {
  const times = [wallMinMs, wallMs, wallP95Ms, cpuMs].map((ms) => `${ms.toFixed(1)} ms`);
  return [name, ...times, `${rssMb.toFixed(0)} MB`];
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}
