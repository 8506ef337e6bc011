/** @module Downloads the charm from the controller and unpacks it as Juju does, with the modes of the archive. */

import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeHookTools } from '@vpn-k8s/charm-testing';
import { readZip } from '../charm/zip.ts';
import { agentDir, toolsDir } from '../uniter/environment.ts';
import { type AgentConfig, dial } from './connection.ts';
import { type AgentResource, say } from './protocol.ts';

/** Makes the charm directory hold the charm with this hash, and the hook tools stand on PATH. */
export async function installCharm(config: AgentConfig, hash: string): Promise<void> {
  const directory = agentDir(config.unit);
  const mark = join(directory, 'charm.hash');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return;
  writeHookTools(toolsDir(config.unit));
  const charm = join(directory, 'charm');
  rmSync(charm, { recursive: true, force: true });
  mkdirSync(charm, { recursive: true });
  unpack(await download(config), charm);
  writeFileSync(mark, hash);
}

/** Puts files of resources into the unit's directory. */
export function installResources(unit: string, resources: readonly AgentResource[]): void {
  for (const { path, base64 } of resources) {
    const file = join(agentDir(unit), 'resources', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, Buffer.from(base64, 'base64'));
  }
}

async function download({ controller, unit, password }: AgentConfig): Promise<Buffer> {
  const socket = await dial(controller);
  say(socket, { type: 'download', unit, password });
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Unix permissions are honoured; an entry without any gets 0644. */
function unpack(archive: Buffer, directory: string): void {
  for (const entry of readZip(archive)) {
    const path = join(directory, entry.path);
    mkdirSync(dirname(path), { recursive: true });
    if (entry.symlink) symlinkSync(entry.content().toString(), path);
    else {
      writeFileSync(path, entry.content());
      chmodSync(path, entry.mode || 0o644);
    }
  }
}
