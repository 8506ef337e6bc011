/** @module charm-init: introduces the pod to the controller and lays out what the other containers need. */

import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentConfig, CONFIG_FILE, dial, firstAnswer, forEver } from './connection.ts';
import { say } from './protocol.ts';

/** What the image brings: agent, Pebble, Node, and a stand-in Pebble's program when there is no real one. */
const IMAGE = '/opt';
/** Juju waits 10 to 30 s between tries; a lab has less patience. */
const RETRY_MS = 1000;

/** Runs `containeragent init` with its flags. Ends only when the controller knows this pod. */
export async function introduce(flags: ReadonlyMap<string, string>): Promise<void> {
  const env = process.env;
  const controller = required(env, 'JUJU_K8S_CONTROLLER_ADDRESSES').split(',')[0] ?? '';
  const who = {
    application: required(env, 'JUJU_K8S_APPLICATION'),
    password: required(env, 'JUJU_K8S_APPLICATION_PASSWORD'),
    pod: required(env, 'JUJU_K8S_POD_NAME'),
    uid: required(env, 'JUJU_K8S_POD_UUID'),
  };
  const unit = await forEver('introducing the unit', RETRY_MS, () => askUnit(controller, who));
  const config: AgentConfig = { controller, unit, password: who.password, podUid: who.uid };
  writeFileSync(join(flags.get('--data-dir') ?? '/var/lib/juju', CONFIG_FILE), JSON.stringify(config), { mode: 0o600 });
  copyPrograms(flags.get('--bin-dir') ?? '/charm/bin', (env.JUJU_CONTAINER_NAMES ?? '').split(',').filter(Boolean));
  writeLayer(flags);
  writeIdentities(flags);
  writeProfile(flags.get('--profile-dir') ?? '/containeragent/etc/profile.d');
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value)
    throw new Error(`containeragent init: ${name} is not set (the Secret <application>-application-config gives it)`);
  return value;
}

async function askUnit(
  controller: string,
  who: { application: string; password: string; pod: string; uid: string },
): Promise<string> {
  const socket = await dial(controller);
  try {
    say(socket, { type: 'introduce', ...who });
    const answer = await firstAnswer(socket);
    if (answer.type !== 'introduced')
      throw new Error(answer.type === 'refused' ? answer.why : 'the controller does not understand');
    return answer.unit;
  } finally {
    socket.destroy();
  }
}

/** Why links: the same volume holds all of them, and Node alone is 100 MB. */
function copyPrograms(bin: string, containers: readonly string[]): void {
  mkdirSync(bin, { recursive: true });
  for (const name of ['pebble', 'containeragent', 'jujuc']) {
    if (!existsSync(join(IMAGE, name))) continue;
    copyFileSync(join(IMAGE, name), join(bin, name));
    chmodSync(join(bin, name), 0o755);
  }
  if (!existsSync(join(IMAGE, 'pebble-stand-in'))) return;
  for (const directory of [bin, ...containers.map((name) => `/charm/containers/${name}`)]) {
    const target = join(directory, '.pebble-stand-in');
    mkdirSync(target, { recursive: true });
    for (const file of readdirSync(join(IMAGE, 'pebble-stand-in')))
      cpSync(join(IMAGE, 'pebble-stand-in', file), join(target, file));
  }
}

/** The plan of the Pebble that runs the unit agent (JSON is YAML). */
function writeLayer(flags: ReadonlyMap<string, string>): void {
  const layers = join(flags.get('--containeragent-pebble-dir') ?? '/containeragent/pebble', 'layers');
  mkdirSync(layers, { recursive: true });
  const check = (level: string, path: string) => ({
    override: 'replace',
    level,
    threshold: 3,
    http: { url: `http://localhost:3856/${path}` },
  });
  const layer = {
    summary: 'Juju container agent service',
    services: {
      'container-agent': {
        override: 'replace',
        startup: 'enabled',
        summary: 'Juju container agent',
        command: `/charm/bin/containeragent unit --data-dir ${flags.get('--data-dir')} --charm-modified-version ${flags.get('--charm-modified-version')}`,
        'on-success': 'shutdown',
        'on-failure': 'shutdown',
        'kill-delay': '30m',
      },
    },
    checks: { readiness: check('ready', 'readiness'), liveness: check('alive', 'liveness') },
  };
  writeFileSync(join(layers, '001-container-agent.yaml'), JSON.stringify(layer, undefined, 1), { mode: 0o644 });
}

/** Lets the charm's user act as administrator of the workloads' Pebbles. */
function writeIdentities(flags: ReadonlyMap<string, string>): void {
  const file = flags.get('--pebble-identities-file');
  if (!file) return;
  const uid = Number(flags.get('--pebble-charm-identity'));
  const identities = { identities: { charm: { access: 'admin', local: { 'user-id': uid } } } };
  writeFileSync(file, JSON.stringify(identities), { mode: 0o644 });
}

function writeProfile(directory: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'juju-introspection.sh'), '# juju-introspect is not modelled by this stand-in.\n');
}
