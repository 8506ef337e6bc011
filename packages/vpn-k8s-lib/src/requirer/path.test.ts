import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { changeText } from '../changes.ts';
import { prove } from '../proof.ts';
import type { Outcome } from './apply.ts';
import { desired } from './desired.ts';
import { diff } from './diff.ts';
import type { Facts } from './gather.ts';
import { judge } from './status.ts';
import { after, facts, gatewayText, isPatched, plainStatefulSet, related, seen } from './world.testing.ts';

/** One run of the path, with writes that the cluster takes. */
function walk(before: Facts, refused?: string) {
  const want = desired(before);
  const changes = diff(before, want);
  const patched = changes.some(({ kind }) => kind === 'patch') && refused === undefined;
  const outcome: Outcome = { done: refused ? [] : changes.map(changeText), refused, patched };
  return {
    want,
    changes,
    lines: changes.map(changeText),
    verdict: judge(before, want, outcome),
    next: after(before, changes),
  };
}

/** A client that has been related for long: everything is in place and proven. */
function settled(change: Record<string, unknown> = {}): Facts {
  const first = walk(facts({ related: related(gatewayText(change)) }));
  return { ...first.next, proof: prove(seen.routed(first.want.hash as string)) };
}

const OWN = [
  '+ networkpolicy alpha-vpn-killswitch',
  '+ configmap alpha-gateway-client-config',
  '~ relation vpn-gateway:3',
  '~ statefulset alpha',
];

describe('from relate to routed', () => {
  test('a required application has its policy before any relation', () => {
    const { lines, verdict } = walk(facts());
    expect(lines).toEqual(['+ networkpolicy alpha-vpn-killswitch']);
    expect(verdict).toMatchObject({
      state: 'unrelated',
      mayStartWorkload: false,
      mustStopWorkload: true,
      changed: true,
    });
    expect(verdict.reason).toBe('no VPN gateway: run: juju integrate alpha:vpn-gateway <gateway>');
  });
  test('policy, ConfigMap, relation, and the StatefulSet last, in one patch', () => {
    const { lines, verdict } = walk(facts({ related: related(gatewayText()) }));
    expect(lines).toEqual(OWN);
    expect(verdict).toMatchObject({ state: 'waiting', mayStartWorkload: false, mustStopWorkload: true });
  });
  test('the objects', async () => {
    const { want } = walk(facts({ related: related(gatewayText()) }));
    await expect(stringify([want.policy, want.configMap])).toMatchFileSnapshot('golden/objects.yaml');
  });
  test('in the new pod it is ready, and nothing is written', () => {
    const { lines, verdict } = walk(settled());
    expect(lines).toEqual([]);
    expect(verdict).toMatchObject({ state: 'ready', changed: false, mayStartWorkload: true, mustStopWorkload: false });
    expect(verdict.reason).toBe('through gluetun (exit 185.112.34.56)');
    expect(verdict.gateway).toMatchObject({ app: 'gluetun', namespace: 'vpn', dnsIp: '172.16.0.1', connected: true });
  });
  test.each([
    ['the exit address', { external_ip: '203.0.113.99', location: 'Sweden' }],
    ['forwarded ports', { forwarded_ports: [4711] }],
    ['the MTU', { mtu: 1280 }],
    ["the gateway's address", { gateway_ips: ['10.1.0.99'] }],
  ])('%s restarts no pod', (_, change) => {
    const before = settled();
    const { lines } = walk({ ...before, related: { ...before.related!, text: gatewayText(change) } });
    expect(lines.filter((line) => line.includes('statefulset'))).toEqual([]);
  });
  test('another overlay restarts it once, and the workload goes on meanwhile', () => {
    const before = settled();
    const { lines, verdict } = walk({
      ...before,
      related: { ...before.related!, text: gatewayText({ vxlan_id: 77 }) },
    });
    expect(lines).toContain('~ statefulset alpha');
    expect(verdict).toMatchObject({ state: 'waiting', mayStartWorkload: false, mustStopWorkload: false });
  });
});

describe('what keeps the workload from running', () => {
  test.each([
    ['no data', facts({ related: related(undefined) }), 'waiting', 'gluetun has not sent its data yet'],
    ['no JSON', facts({ related: related('{') }), 'blocked', 'data of gluetun is refused: config is not JSON'],
    [
      'everything out of the tunnel',
      facts({ related: related(gatewayText({ cluster_cidrs: '0.0.0.0/0' })) }),
      'blocked',
      'cluster_cidrs "0.0.0.0/0" is too wide',
    ],
    [
      'a shell command',
      facts({ related: related(gatewayText({ gateway_dns_name: '$(reboot)' })) }),
      'blocked',
      'gateway_dns_name "$(reboot)"',
    ],
    [
      'an unknown method',
      facts({ related: related(gatewayText({ routing_method: 'carrier-pigeon' })) }),
      'blocked',
      'routing_method "carrier-pigeon" is not known here: pod-gateway',
    ],
    [
      'no StatefulSet',
      facts({ related: related(gatewayText()), live: { ...facts().live, statefulSet: undefined } }),
      'waiting',
      'the StatefulSet is not there yet',
    ],
    [
      'the charm as root',
      facts({ related: related(gatewayText()), charmUid: 0 }),
      'blocked',
      'the charm runs as uid 0',
    ],
    [
      'no trust',
      facts({
        related: related(gatewayText()),
        problem: { kind: 'refused', sentence: 'may not get networkpolicies: run: juju trust alpha --scope=cluster' },
      }),
      'blocked',
      'juju trust alpha',
    ],
    [
      'no controller',
      facts({ related: related(gatewayText()), apiAddresses: ['juju.example.com:443'] }),
      'blocked',
      'no address of the Juju controller is known',
    ],
    [
      'a bad configuration',
      facts({
        related: related(gatewayText()),
        options: { ...facts().options, config: { clusterCidrs: '10.0.0.0/99' } },
      }),
      'blocked',
      'configuration is refused: cluster-cidrs',
    ],
  ])('%s', (_, before, state, reason) => {
    const { verdict, changes } = walk(before);
    expect(verdict).toMatchObject({ state, mayStartWorkload: false, mustStopWorkload: true });
    expect(verdict.reason).toContain(reason);
    expect(changes.filter(({ kind }) => kind === 'patch')).toEqual([]);
  });
  test.each([
    ['privileged', { privileged: true }, 'is privileged'],
    ['a capability', { capabilities: { add: ['NET_ADMIN'] } }, 'adds capability NET_ADMIN'],
    ['uid 170', { runAsUser: 170 }, 'runs as uid 170'],
    ['gid 65170', { runAsGroup: 65170 }, 'has group 65170'],
  ])('a workload that no lock can hold: %s', (_, securityContext, reason) => {
    const statefulSet = plainStatefulSet();
    statefulSet.spec!.template.spec!.containers.find(({ name }) => name === 'web')!.securityContext = securityContext;
    const { verdict, changes } = walk(
      facts({ related: related(gatewayText()), live: { ...facts().live, statefulSet } }),
    );
    expect(verdict).toMatchObject({ state: 'blocked', mayStartWorkload: false });
    expect(verdict.reason).toContain(`container web ${reason}`);
    expect(changes.map(({ kind }) => kind)).not.toContain('patch');
  });
  test('the gateway is not connected: all is prepared, nothing starts', () => {
    const { verdict, lines } = walk(settled({ vpn_connected: false }));
    expect(lines).toEqual([]);
    expect(verdict).toMatchObject({
      state: 'waiting',
      reason: 'gluetun is not connected',
      mayStartWorkload: false,
      mustStopWorkload: false,
    });
  });
  test('a refused write is a sentence', () => {
    const { verdict } = walk(
      facts({ related: related(gatewayText()) }),
      'may not patch networkpolicies: run: juju trust alpha --scope=cluster',
    );
    expect(verdict).toMatchObject({ state: 'blocked', mayStartWorkload: false, mustStopWorkload: true });
  });
  test('an outage: the lock holds a running workload, a stopped one is not started', () => {
    const before = settled();
    const { verdict } = walk({ ...before, proof: prove(seen.outage(before.proof.hash as string)) });
    expect(verdict).toMatchObject({ state: 'waiting', mayStartWorkload: false, mustStopWorkload: false });
  });
  test('a lock that is lost stops it', () => {
    const { verdict } = walk({ ...settled(), proof: prove(seen.plain) });
    expect(verdict).toMatchObject({ state: 'waiting', mayStartWorkload: false, mustStopWorkload: true });
  });
  test('data that turns bad: the last good state stays, and with it a running workload', () => {
    const before = settled();
    const { verdict, lines, next } = walk({ ...before, related: { ...before.related!, text: '{' } });
    expect(verdict).toMatchObject({ state: 'blocked', mayStartWorkload: false, mustStopWorkload: false });
    expect(lines).toEqual([]);
    expect(next.live.configMap).toBe(before.live.configMap);
  });
});

describe('when the relation goes', () => {
  const gone = (required: boolean): Facts => ({
    ...settled(),
    related: undefined,
    options: { ...facts().options, required },
  });
  /** Runs until nothing is written; the pod is the newest after each patch. */
  function unwind(before: Facts): { steps: string[][]; end: ReturnType<typeof walk> } {
    const steps: string[][] = [];
    for (let now = before; ; ) {
      const end = walk(now);
      if (end.lines.length === 0 || steps.length > 5) return { steps, end };
      steps.push(end.lines);
      now = { ...end.next, proof: prove(seen.plain) };
    }
  }
  test('required: pods first, then ConfigMap; the policy stays', () => {
    const { steps, end } = unwind(gone(true));
    expect(steps).toEqual([
      ['~ statefulset alpha'],
      ['~ networkpolicy alpha-vpn-killswitch', '- configmap alpha-gateway-client-config'],
    ]);
    expect(end.verdict).toMatchObject({ state: 'unrelated', mayStartWorkload: false, mustStopWorkload: true });
    expect(end.next.live.policy).toBeDefined();
  });
  test('not required: the policy goes last, and the workload may run in a pod without us', () => {
    const { steps, end } = unwind(gone(false));
    expect(steps).toEqual([
      ['~ statefulset alpha'],
      ['- configmap alpha-gateway-client-config', '- networkpolicy alpha-vpn-killswitch'],
    ]);
    expect(end.verdict).toMatchObject({
      state: 'unrelated',
      reason: 'runs without VPN',
      mayStartWorkload: true,
      mustStopWorkload: false,
    });
  });
  test('not required: in the pod that is about to go nothing runs', () => {
    const { verdict } = walk(gone(false));
    expect(verdict).toMatchObject({ state: 'unrelated', mayStartWorkload: false, mustStopWorkload: true });
  });
  test('the StatefulSet is what it was', () => {
    const { end } = unwind(gone(true));
    expect(end.next.live.statefulSet!.spec).toEqual(plainStatefulSet().spec);
    expect(isPatched(end.next)).toBe(false);
  });
  test.each([
    ['required', true, {}],
    ['not required', false, {}],
    ['not required, ConfigMap lost', false, { configMap: undefined }],
  ])('ConfigMap and policy stay while pods are replaced: %s', (_, required, lost) => {
    const first = walk(gone(required)).next;
    const status = { ...first.live.statefulSet!.status, replicas: 1, updatedReplicas: 0 };
    const statefulSet = { ...first.live.statefulSet!, status };
    const { lines } = walk({ ...first, live: { ...first.live, ...lost, statefulSet } });
    expect(lines.filter((line) => line.startsWith('-'))).toEqual([]);
  });
  test('a unit that is being removed changes nothing of its application', () =>
    expect(walk({ ...gone(true), dying: true }).lines).toEqual([]));
});

describe('who writes', () => {
  test('a unit that is not the leader writes nothing and judges its own pod', () => {
    const { lines, verdict } = walk(facts({ related: related(gatewayText()), leader: false }));
    expect(lines).toEqual([]);
    expect(verdict).toMatchObject({
      state: 'waiting',
      reason: 'the leader has not patched the StatefulSet yet',
      mustStopWorkload: true,
    });
    expect(walk({ ...settled(), leader: false }).verdict.state).toBe('ready');
  });
  test("labels that Juju's webhook puts on our objects are not fought", () => {
    const before = settled();
    const labels = {
      ...before.live.configMap!.metadata!.labels,
      'app.kubernetes.io/managed-by': 'juju',
      'app.juju.is/created-by': 'alpha',
    };
    const configMap = { ...before.live.configMap!, metadata: { ...before.live.configMap!.metadata, labels } };
    expect(walk({ ...before, live: { ...before.live, configMap } }).lines).toEqual([]);
  });
  test('a controller that moves stays allowed beside its old address for one run', () => {
    const before = { ...settled(), apiAddresses: ['192.168.1.77:17070'] };
    const first = walk(before);
    expect(first.lines).toEqual(['~ networkpolicy alpha-vpn-killswitch']);
    expect(JSON.stringify(first.want.policy)).toContain('192.168.1.10/32"}},{"ipBlock":{"cidr":"192.168.1.77/32');
    expect(walk(first.next).lines).toEqual(['~ networkpolicy alpha-vpn-killswitch']);
    expect(walk(walk(first.next).next).lines).toEqual([]);
  });
});
