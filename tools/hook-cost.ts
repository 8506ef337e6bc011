/** @module What one hook of the packed qBittorrent charm costs when there is nothing to do, beside the bare start of its Node. */

import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CharmUnderTest, hook, loadCharm, type PreparedHook, prepareHook, run } from '@vpn-k8s/charm-testing';
import { proven } from '../charms/qbittorrent-k8s/tests/world.ts';
import { bundleCharm } from './bundle.ts';
import { type Cost, type Program, peakMemory, timed } from './timed.ts';

/** Milliseconds and MB over all rounds; `wallMs` and `cpuMs` are medians. */
export interface Figures {
  readonly wallMs: number;
  readonly wallMinMs: number;
  readonly wallP95Ms: number;
  readonly cpuMs: number;
  /** Peak resident memory of the whole process tree. */
  readonly rssMb: number;
}

/** Figures of the hook, of `node -e 0` between its rounds, and what the hook asks for each time. */
export interface HookCost {
  readonly ours: Figures & { readonly processes: number; readonly reads: number; readonly writes: number };
  readonly node: Figures;
  /** Median wall clock of the hook by that of the bare Node. */
  readonly ratio: number;
}

const CHARM = 'qbittorrent-k8s';
/** Rounds under the eye of the memory sampler, which disturbs the clock. */
const MEMORY_ROUNDS = 5;

/** Measures `update-status` of a related, proven, running unit. @throws Error when it writes anything or fails */
export async function measureHook(rounds: number): Promise<HookCost> {
  const dir = mkdtempSync(join(tmpdir(), 'hook-cost-'));
  let prepared: PreparedHook | undefined;
  try {
    const charm = await unpacked(dir);
    const settled = await run(charm, hook('config-changed'), await proven(charm));
    if (settled.unitStatus.status !== 'active')
      throw new Error(`The unit is not settled: ${settled.unitStatus.message}`);
    prepared = await prepareHook(charm, hook('update-status'), settled);
    return await measure(prepared, rounds);
  } finally {
    await prepared?.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The charm as it lies in the pod: what the packer packs, but for Node's 127 MB, which are linked. */
async function unpacked(dir: string): Promise<CharmUnderTest> {
  for (const name of ['metadata.yaml', 'config.yaml', 'actions.yaml'])
    if (existsSync(`charms/${CHARM}/${name}`)) cpSync(`charms/${CHARM}/${name}`, join(dir, name));
  writeFileSync(join(dir, 'main.mjs'), (await bundleCharm(CHARM)).code);
  cpSync('packages/vpn-k8s-lib/src/agent', join(dir, 'agent'), { recursive: true });
  cpSync('tools/dispatch', join(dir, 'dispatch'));
  symlinkSync(process.execPath, join(dir, 'node'));
  return loadCharm(dir);
}

async function measure(prepared: PreparedHook, rounds: number): Promise<HookCost> {
  const { cwd, env } = prepared;
  const ours: Program = { argv: [join(cwd, 'dispatch')], cwd, env };
  const bare: Program = { argv: [join(cwd, 'node'), '-e', '0'], cwd, env };
  await timed(ours);
  await timed(bare);
  const asked = await demands(prepared, () => timed(ours));
  const costs: { ours: Cost[]; bare: Cost[] } = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round++) {
    costs.ours.push(await timed(ours));
    costs.bare.push(await timed(bare));
  }
  const [hookFigures, node] = [figures(costs.ours, await memory(ours)), figures(costs.bare, await memory(bare))];
  return { ours: { ...hookFigures, ...asked }, node, ratio: rounded(hookFigures.wallMs / node.wallMs, 2) };
}

/** What one run asks of Juju and of the API server. */
async function demands({ calls, requests }: PreparedHook, work: () => Promise<unknown>) {
  const [callsBefore, requestsBefore] = [calls.length, requests().length];
  await work();
  const made = requests().slice(requestsBefore);
  const reads = made.filter(({ verb }) => verb === 'get' || verb === 'list').length;
  const changing = calls.slice(callsBefore).filter(({ tool }) => /-(set|add)$|^(open|close)-port$/.test(tool));
  const writes = made.length - reads + changing.length;
  if (writes > 0) throw new Error('The unit is not settled: its hook writes, so that rounds cannot be compared.');
  return { processes: calls.length - callsBefore, reads, writes };
}

async function memory(program: Program): Promise<number> {
  let peak = 0;
  for (let round = 0; round < MEMORY_ROUNDS; round++) peak = Math.max(peak, await peakMemory(program));
  return peak;
}

function figures(costs: readonly Cost[], rssMb: number): Figures {
  const [wall, cpu] = (['wallMs', 'cpuMs'] as const).map((key) => costs.map((one) => one[key]).sort((a, b) => a - b));
  return {
    wallMs: rounded(at(wall, 0.5)),
    wallMinMs: rounded(at(wall, 0)),
    wallP95Ms: rounded(at(wall, 0.95)),
    cpuMs: rounded(at(cpu, 0.5)),
    rssMb: rounded(rssMb),
  };
}

const at = (sorted: readonly number[] = [], part: number) => sorted[Math.ceil(part * (sorted.length - 1))] ?? 0;
const rounded = (value: number, digits = 1) => Number(value.toFixed(digits));
