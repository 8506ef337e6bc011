/**
 * @module Records what the real kubectl makes of each strategic merge patch, as the oracle of the stand-in.
 *
 * Usage: node tools/record-goldens.ts PATH/TO/kubectl   (1.34 or later; no server is needed)
 * Writes fixtures/strategic.json.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StrategicCase, strategicCases } from './strategic-cases.ts';

const kubectl = process.argv[2];
if (!kubectl) throw new Error('Give the path of kubectl: node tools/record-goldens.ts PATH');
const folder = mkdtempSync(join(tmpdir(), 'goldens-'));

function record({ name, original, patch }: StrategicCase): object {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(original));
  const args = ['patch', '--local', '--type', 'strategic', '-f', file, '-p', JSON.stringify(patch), '-o', 'json'];
  const { status, stdout, stderr } = spawnSync(kubectl as string, args, { encoding: 'utf8' });
  if (status === 0) return { name, original, patch, result: JSON.parse(stdout) };
  return { name, original, patch, error: stderr.trim().replaceAll(folder, '') };
}

const version = JSON.parse(execFileSync(kubectl, ['version', '--client', '-o', 'json'], { encoding: 'utf8' }));
const cases = strategicCases.map(record).map((each) => `  ${JSON.stringify(each)}`);
const text = `{\n "kubectl": ${JSON.stringify(version.clientVersion.gitVersion)},\n "cases": [\n${cases.join(',\n')}\n ]\n}\n`;
writeFileSync(new URL('../fixtures/strategic.json', import.meta.url), text);
rmSync(folder, { recursive: true });
