/** @module Mounts of the machine that a container with the machine's root must see too, e.g. a separate /usr. Pure. */

import type { Mount } from './steps.ts';

/** File systems that hold programs and libraries; everything else is the machine's business. */
const DISKS = [
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'f2fs',
  'zfs',
  'overlay',
  '9p',
  'virtiofs',
  'fuse.sshfs',
  'nfs4',
];
const OWN = ['proc', 'sys', 'dev', 'run', 'tmp', 'boot', 'root', 'mnt', 'media'];

/** Reads /proc/self/mountinfo (proc_pid_mountinfo(5)). An overlay of `/` does not show what is mounted below it. */
export function hostMounts(mountinfo: string): Mount[] {
  const points = mountinfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const target = (before.split(' ')[4] ?? '').replaceAll(/\\(\d{3})/g, (_, octal) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const isDisk = DISKS.includes(after.split(' ')[0] ?? '');
    return isDisk && target !== '/' && !OWN.includes(target.split('/')[1] ?? '') ? [target] : [];
  });
  return [...new Set(points)].map((path) => ({ source: path, target: path, readOnly: true }));
}
