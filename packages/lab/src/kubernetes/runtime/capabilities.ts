/** @module Linux capabilities of a container: Docker's default set, minus `drop`, plus `add` (capabilities(7)). */

import type { SecurityContext } from 'kubernetes-types/core/v1.js';

/** Names in the order of their numbers (linux/capability.h), without the prefix CAP_. */
const NAMES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
] as const;

/** What containerd and Docker leave a container that asks for nothing. */
const DEFAULT = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
];

/**
 * Numbers of the capabilities in a container's bounding set, ascending.
 * @throws Error for a name that Linux does not know, as the runtime refuses it
 * @example capabilityNumbers({ capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } }) // [12]
 */
export function capabilityNumbers(security: SecurityContext = {}): number[] {
  if (security.privileged) return NAMES.map((_, number) => number);
  const add = (security.capabilities?.add ?? []).map(plainName);
  const drop = (security.capabilities?.drop ?? []).map(plainName);
  const base = drop.includes('ALL') ? [] : add.includes('ALL') ? [...NAMES] : DEFAULT;
  const kept = new Set([...base.filter((name) => !drop.includes(name)), ...add.filter((name) => name !== 'ALL')]);
  return [...kept].map(capabilityNumber).sort((a, b) => a - b);
}

function plainName(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}

function capabilityNumber(name: string): number {
  const number = (NAMES as readonly string[]).indexOf(name);
  if (number >= 0) return number;
  throw new Error(`unknown capability "CAP_${name.slice(0, 60)}": write one of capabilities(7) without CAP_, or ALL`);
}
