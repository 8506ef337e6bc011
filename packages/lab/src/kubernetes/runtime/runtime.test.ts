/** @module What a container may do, as whom it runs, and the steps that make it. */

import { expect, test } from 'vitest';
import { baselineViolations } from '../admission.ts';
import { capabilityNumbers } from './capabilities.ts';
import { hostMounts } from './host-mounts.ts';
import { type ContainerSpec, containerSteps, execSteps } from './steps.ts';
import { sysctlRefusal } from './sysctls.ts';
import { isSingleUser, needsOtherUsers, runAs } from './user.ts';

const DOCKER = [0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31];

test.each([
  { name: 'nothing said', security: {}, numbers: DOCKER },
  {
    name: 'drop two',
    security: { capabilities: { drop: ['NET_RAW', 'CAP_MKNOD'] } },
    numbers: DOCKER.filter((n) => n !== 13 && n !== 27),
  },
  {
    name: 'drop all, add two',
    security: { capabilities: { drop: ['ALL'], add: ['NET_RAW', 'NET_ADMIN'] } },
    numbers: [12, 13],
  },
  {
    name: 'add one',
    security: { capabilities: { add: ['net_admin'] } },
    numbers: [...DOCKER, 12].sort((a, b) => a - b),
  },
])('capabilities: $name', ({ security, numbers }) => expect(capabilityNumbers(security)).toEqual(numbers));

test('privileged has all capabilities, an unknown one is refused by name', () => {
  expect(capabilityNumbers({ privileged: true })).toHaveLength(41);
  expect(() => capabilityNumbers({ capabilities: { add: ['NET_ADMNI'] } })).toThrow(
    'unknown capability "CAP_NET_ADMNI"',
  );
});

const passwd = 'root:x:0:0:root:/root:/bin/sh\njuju:x:170:171::/home/juju:/bin/sh\n';

test.each([
  { name: 'root', pod: {}, container: {}, as: { user: 0, group: 0, groups: [], home: '/root' } },
  {
    name: 'known user',
    pod: {},
    container: { runAsUser: 170 },
    as: { user: 170, group: 171, groups: [], home: '/home/juju' },
  },
  { name: 'unknown user', pod: {}, container: { runAsUser: 999 }, as: { user: 999, group: 0, groups: [], home: '/' } },
  {
    name: 'container over pod',
    pod: { runAsUser: 1, fsGroup: 170 },
    container: { runAsUser: 2, runAsGroup: 3 },
    as: { user: 2, group: 3, groups: [170], home: '/' },
  },
])('user: $name', ({ pod, container, as }) => expect(runAs(pod, container, passwd)).toEqual(as));

test('who cannot be served where only root exists', () => {
  expect(() => runAs({ runAsNonRoot: true }, {}, '')).toThrow('image will run as root');
  expect(needsOtherUsers({}, { runAsUser: 0, runAsGroup: 65170 })).toBe('runAsGroup: 65170');
  expect(needsOtherUsers({}, { runAsUser: 0 })).toBeUndefined();
  expect([isSingleUser('0 1000 1\n'), isSingleUser('0 0 4294967295\n')]).toEqual([true, false]);
});

const spec: ContainerSpec = {
  ...{ netns: '/run/netns/vpn-alpha-0-1', hostname: 'alpha-0', rootfs: '/', work: '/lab/root-0', privileged: false },
  mounts: [
    { source: '/lab/charm data', target: '/charm/bin/pebble', readOnly: true },
    { source: '/lab/v', target: '/charm', readOnly: false },
  ],
  ...{
    argv: ['/bin/sh', '-c', 'echo 100%\nexit'],
    env: { A: '', B: 'x y' },
    cwd: '/',
    user: 170,
    group: 170,
    groups: [5],
  },
  ...{
    capabilities: [12],
    noNewPrivileges: true,
    readOnlyRoot: true,
    singleUser: false,
    log: { path: '/lab/log', limit: 9 },
  },
};

test('steps of a container: isolation first, mounts from the outside in, rights last', async () => {
  await expect(containerSteps(spec)).toMatchFileSnapshot('golden/container.steps');
});

test('steps of an exec: into the container, then with its rights', async () => {
  await expect(execSteps(42, { ...spec, argv: ['id'] })).toMatchFileSnapshot('golden/exec.steps');
});

test('a privileged container sees the devices and may write sysctls; a single user is not changed', () => {
  const steps = containerSteps({ ...spec, privileged: true, singleUser: true }).split('\n');
  expect(steps).toContain('devices');
  expect(steps).toContain('sysfs rw');
  expect(steps.filter((step) => /^(readonly|user) /.test(step))).toEqual([]);
});

test("the machine's other disks are seen, its own places are not", () => {
  const mountinfo = [
    '1 0 254:0 / / rw - ext4 /dev/vda rw',
    '2 1 254:1 / /usr rw,relatime shared:1 - ext4 /dev/vdb rw',
    '3 1 0:5 / /proc rw - proc proc rw',
    '4 1 254:2 / /home/my\\040files rw - xfs /dev/vdc rw',
    '5 1 254:3 / /boot rw - ext4 /dev/vdd rw',
  ].join('\n');
  expect(hostMounts(mountinfo).map(({ target }) => target)).toEqual(['/usr', '/home/my files']);
});

test('an unsafe sysctl is refused unless the node allows it', () => {
  const pod = { spec: { containers: [], securityContext: { sysctls: [{ name: 'net.ipv4.ip_forward', value: '1' }] } } };
  expect(sysctlRefusal(pod, [])?.message).toBe('forbidden sysctl: "net.ipv4.ip_forward" not allowlisted');
  expect(sysctlRefusal(pod, ['net.ipv4.*'])).toBeUndefined();
});

test('Pod Security names every violation', () => {
  const raw = { capabilities: { add: ['NET_RAW', 'NET_ADMIN'] } };
  const containers = [
    { name: 'a', securityContext: raw },
    { name: 'b', securityContext: { ...raw, privileged: true } },
  ];
  const volumes = [{ name: 'tun', hostPath: { path: '/dev/net/tun' } }];
  expect(baselineViolations({ spec: { containers, volumes, hostNetwork: true } })).toEqual([
    'non-default capabilities (containers "a", "b" must not include "NET_ADMIN", "NET_RAW" in securityContext.capabilities.add)',
    'host namespaces (hostNetwork=true)',
    'hostPath volumes (volume "tun")',
    'privileged (container "b" must not set securityContext.privileged=true)',
  ]);
});
