/**
 * @module Runs the tests that this machine can run, names what it leaves out and why, and ends with the counts.
 *
 *     npm test                 everything
 *     npm test -- unit lab     only these parts (check, unit, real, lab)
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { writeUnlockedAgent } from '../packages/lab/src/demo/unlocked.ts';
import { insideNode, type Privilege, privilege } from '../packages/lab/src/inside.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const parts = ['check', 'unit', 'real', 'lab'] as const;
const folder = mkdtempSync(join(tmpdir(), 'vpn-k8s-test-'));
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
/** Names of what is left out, by the reason. */
const leftOut = new Map<string, string[]>();

function leaveOut(why: string, name: string): void {
  leftOut.set(why, [...(leftOut.get(why) ?? []), name]);
}

interface FileResult {
  readonly name: string;
  readonly assertionResults: readonly { status: string; fullName: string; meta?: { leftOut?: string } }[];
}

/** A test says why it is left out in its meta (packages/lab/src/needs.ts) or in its name. */
function noteSkipped(results: readonly FileResult[]): void {
  for (const { name, assertionResults } of results) {
    for (const { status, fullName, meta } of assertionResults) {
      if (status !== 'skipped' && status !== 'pending') continue;
      leaveOut(meta?.leftOut ?? 'what the test names is not there', `${relative('.', name)}: ${fullName}`);
    }
  }
}

/** Runs a part and adds its counts; a part that ends badly without a failed test counts as one failure. */
async function count(name: string, report: string, child: ChildProcess): Promise<void> {
  const code = await new Promise<number>((resolve) => child.on('exit', (status) => resolve(status ?? 1)));
  const counts = readReport(report);
  if (code !== 0 && counts.failed === 0) {
    console.log(`${name} ended with ${code} without a failed test.`);
    counts.failed += 1;
  }
  for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key];
}

function readReport(path: string): Counts {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'));
    noteSkipped(report.testResults);
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

function vitest(report: string, project: string, files: string[]): string[] {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // Why: a filter may fit only one of the parts.
  const filtered = files.length > 0 ? ['--passWithNoTests'] : [];
  return ['vitest', 'run', '--project', project, ...filtered, ...reporters, ...files];
}

async function run(name: string, argv: string[], report: string): Promise<void> {
  console.log(`\n== ${name}`);
  await count(name, report, spawn(argv[0] as string, argv.slice(1), { stdio: 'inherit' }));
}

/** Lab tests mostly wait for conditions; more lanes than this make them wait for each other. */
const LANES = 3;

type Job = () => Promise<void>;

/** Runs jobs side by side, each lane taking the next one. */
async function sideBySide(jobs: Job[]): Promise<void> {
  const lane = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) await job();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Each file of the lab gets a node (namespaces) of its own, so that nothing of one file is left for the next. */
function labJobs(filter: string[]): Job[] {
  const given = privilege();
  const files = globSync('{packages,charms}/*/{src,tests}/**/*.lab.test.ts').filter(
    (file) => filter.length === 0 || filter.some((word) => file.includes(word)),
  );
  if (given.kind === 'none') {
    for (const file of files.sort()) leaveOut(given.reason, file);
    return [];
  }
  packCharms();
  // Why: the whole-system tests are the longest, and the last to start should be short.
  const whole = (file: string) => Number(file.includes('lab/tests'));
  return files
    .sort()
    .sort((one, other) => whole(other) - whole(one))
    .map((file) => () => labFile(file, given));
}

function labFile(file: string, given: Privilege): Promise<void> {
  const report = join(folder, `${file.replaceAll('/', '-')}.json`);
  const child = insideNode(vitest(report, 'lab', [file]), { stdio: ['ignore', 'pipe', 'pipe'] }, given);
  return quietly(`lab: ${file}`, report, child);
}

/** Counts a part that runs beside others; what it prints is shown when it ends. */
async function quietly(name: string, report: string, child: ChildProcess): Promise<void> {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (part: string) => {
      text += part;
    });
  }
  await count(name, report, child);
  console.log(`\n== ${name}\n${text.trim()}`);
}

/** Once for all files, which would otherwise pack the same archives at the same time. */
function packCharms(): void {
  for (const args of [[], ['--agent', writeUnlockedAgent('out/unlocked/agent'), '--out', 'out/unlocked']]) {
    const argv = ['--conditions=source', '--disable-warning=ExperimentalWarning', 'tools/pack.ts', ...args];
    const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' });
    if (status !== 0) throw new Error('The charms could not be packed; the reason is above.');
  }
}

/** Every name; but hundreds of rows of one file's table say no more than their number. */
function named(names: readonly string[]): string {
  const byFile = Object.groupBy(names, (name) => name.split(': ')[0] as string);
  const lines = Object.entries(byFile).flatMap(([file, own = []]) =>
    own.length > 20 ? [`${file}: ${own.length} tests`] : own,
  );
  return lines.map((line) => `  ${line.replaceAll('\n', ' ')}`).join('\n');
}

const asked = process.argv.slice(2).filter((word) => (parts as readonly string[]).includes(word));
const filter = process.argv.slice(2).filter((word) => !(parts as readonly string[]).includes(word));
const wanted = asked.length > 0 ? asked : parts;
const report = (name: string) => join(folder, `${name}.json`);

const part = (name: string, argv: string[]) => () =>
  quietly(name, report(name), spawn(argv[0] as string, argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] }));

if (wanted.includes('unit')) await run('unit', vitest(report('unit'), 'unit', filter), report('unit'));
const jobs: Job[] = [];
if (wanted.includes('lab')) jobs.push(...labJobs(filter));
if (wanted.includes('real')) jobs.push(part('real', vitest(report('real'), 'real', filter)));
if (wanted.includes('check'))
  jobs.push(part('check', ['node', '--conditions=source', 'tools/check.ts', report('check')]));
await sideBySide(jobs);

rmSync(folder, { recursive: true, force: true });
for (const [why, names] of leftOut) console.log(`\nLeft out: ${why}\n${named(names)}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);
