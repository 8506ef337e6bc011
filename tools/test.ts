/**
 * @module Runs the tests that this machine can run, names what it leaves out and why, and ends with the counts.
 *
 *     npm test                 everything
 *     npm test -- unit lab     only these parts (check, unit, real, lab)
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { insideNode, privilege } from '../packages/lab/src/inside.ts';

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
  return ['vitest', 'run', '--project', project, ...reporters, ...files];
}

async function run(name: string, argv: string[], report: string): Promise<void> {
  console.log(`\n== ${name}`);
  await count(name, report, spawn(argv[0] as string, argv.slice(1), { stdio: 'inherit' }));
}

/** Each file of the lab gets a node (namespaces) of its own, so that nothing of one file is left for the next. */
async function lab(filter: string[]): Promise<void> {
  const given = privilege();
  const files = globSync('{packages,charms}/*/{src,tests}/**/*.lab.test.ts').filter(
    (file) => filter.length === 0 || filter.some((word) => file.includes(word)),
  );
  if (given.kind === 'none') {
    for (const file of files.sort()) leaveOut(given.reason, file);
    return;
  }
  for (const file of files.sort()) {
    const report = join(folder, `${file.replaceAll('/', '-')}.json`);
    console.log(`\n== lab: ${file}`);
    await count(file, report, insideNode(vitest(report, 'lab', [file]), { stdio: 'inherit' }, given));
  }
}

const asked = process.argv.slice(2).filter((word) => (parts as readonly string[]).includes(word));
const filter = process.argv.slice(2).filter((word) => !(parts as readonly string[]).includes(word));
const wanted = asked.length > 0 ? asked : parts;
const report = (name: string) => join(folder, `${name}.json`);

if (wanted.includes('check'))
  await run('check', ['node', '--conditions=source', 'tools/check.ts', report('check')], report('check'));
if (wanted.includes('unit')) await run('unit', vitest(report('unit'), 'unit', filter), report('unit'));
if (wanted.includes('real')) await run('real', vitest(report('real'), 'real', filter), report('real'));
if (wanted.includes('lab')) await lab(filter);

rmSync(folder, { recursive: true, force: true });
for (const [why, names] of leftOut) console.log(`\nLeft out: ${why}\n${names.map((name) => `  ${name}`).join('\n')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);
