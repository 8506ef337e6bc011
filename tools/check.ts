/** @module Types and lint, counted as tests; `node tools/check.ts [REPORT]` writes the counts as vitest's JSON does. */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const checks: Record<string, string[]> = {
  types: ['tsc', '-p', '.'],
  'lint and format': ['biome', 'check', '--error-on-warnings', '.'],
};

let failed = 0;
for (const [name, argv] of Object.entries(checks)) {
  const started = Date.now();
  const result = spawnSync(argv[0] as string, argv.slice(1), { stdio: 'inherit' });
  const good = result.status === 0;
  if (!good) failed += 1;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

const report = process.argv[2];
const passed = Object.keys(checks).length - failed;
if (report) {
  const counts = { numPassedTests: passed, numFailedTests: failed, numPendingTests: 0, numTodoTests: 0 };
  writeFileSync(report, JSON.stringify(counts));
}
process.exit(failed > 0 ? 1 : 0);
