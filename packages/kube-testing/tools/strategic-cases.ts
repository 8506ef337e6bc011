/** @module The patches that are recorded with the real kubectl, as data. */

type Json = Record<string, unknown>;

/** One case: an object, and a strategic merge patch for it. */
export interface StrategicCase {
  readonly name: string;
  readonly original: Json;
  readonly patch: Json;
}

const container = (name: string, more: Json = {}): Json => ({ name, image: `${name}:1`, ...more });

const podSpec: Json = {
  initContainers: [container('charm-init'), container('old-init')],
  containers: [
    container('charm', {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
      ports: [{ containerPort: 80, protocol: 'TCP', name: 'web' }],
      volumeMounts: [
        { mountPath: '/data', name: 'data' },
        { mountPath: '/config', name: 'config', readOnly: true },
      ],
      resources: { limits: { memory: '1Gi' } },
      securityContext: { runAsUser: 0, capabilities: { add: ['NET_ADMIN', 'SYS_TIME'], drop: ['ALL'] } },
      args: ['run', '--verbose'],
    }),
    container('web'),
  ],
  volumes: [
    { name: 'data', emptyDir: {} },
    { name: 'config', configMap: { name: 'config', optional: true } },
  ],
  tolerations: [{ key: 'a', operator: 'Exists' }],
  imagePullSecrets: [{ name: 'one' }, { name: 'two' }],
  hostAliases: [{ ip: '10.0.0.1', hostnames: ['a'] }],
  nodeSelector: { arch: 'amd64', zone: 'a' },
  dnsConfig: { nameservers: ['10.0.0.10'], searches: ['lab'], options: [{ name: 'ndots', value: '5' }] },
  topologySpreadConstraints: [
    { topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { a: 'b' } } },
  ],
  affinity: {
    podAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 1, podAffinityTerm: { topologyKey: 'host', labelSelector: { matchLabels: { a: 'b' } } } },
      ],
    },
  },
};

const statefulSet: Json = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: {
    name: 'app',
    labels: { app: 'app', team: 'a' },
    annotations: { note: 'x' },
    finalizers: ['example.org/a', 'example.org/b'],
    ownerReferences: [{ apiVersion: 'v1', kind: 'ServiceAccount', name: 'app', uid: 'u-1' }],
  },
  spec: {
    serviceName: 'app',
    replicas: 1,
    selector: { matchLabels: { app: 'app' } },
    template: { metadata: { labels: { app: 'app' } }, spec: podSpec },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
  },
};

const service: Json = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'app' },
  spec: { selector: { app: 'app' }, ports: [{ name: 'web', port: 80, targetPort: 80, protocol: 'TCP' }] },
};

const deployment: Json = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app' },
  spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
};

const policy: Json = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'app' },
  spec: {
    podSelector: { matchLabels: { app: 'app' } },
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr: '10.1.0.0/16' } }] }],
  },
};

const pod = (spec: Json): Json => ({ spec: { template: { spec } } });
const charm = (more: Json): Json => pod({ containers: [{ name: 'charm', ...more }] });
const side = container('side', { restartPolicy: 'Always' });

/** Patches of the StatefulSet above. */
const ofStatefulSet: Readonly<Record<string, Json>> = {
  'new-container-is-prepended': pod({ containers: [container('side')] }),
  'two-new-containers-keep-their-order': pod({ containers: [container('b'), container('a')] }),
  'new-init-container-is-prepended': pod({ initContainers: [side] }),
  'new-between-known-ones': pod({
    containers: [{ name: 'web', image: 'web:2' }, container('side'), { name: 'charm', image: 'charm:2' }],
  }),
  'known-after-new': pod({ containers: [container('side'), { name: 'web', image: 'web:2' }] }),
  'order-puts-new-init-container-last': pod({
    '$setElementOrder/initContainers': [{ name: 'charm-init' }, { name: 'old-init' }, { name: 'side' }],
    initContainers: [side],
  }),
  'order-and-delete': pod({
    '$setElementOrder/initContainers': [{ name: 'side' }, { name: 'charm-init' }],
    initContainers: [side, { name: 'old-init', $patch: 'delete' }],
  }),
  'order-only': pod({ '$setElementOrder/containers': [{ name: 'web' }, { name: 'charm' }] }),
  'order-of-some': pod({ '$setElementOrder/containers': [{ name: 'web' }] }),
  'order-names-unknown': pod({
    '$setElementOrder/containers': [{ name: 'web' }, { name: 'nobody' }, { name: 'charm' }],
  }),
  'order-disagrees-with-patch': pod({
    '$setElementOrder/containers': [{ name: 'charm' }, { name: 'side' }],
    containers: [container('side'), { name: 'charm', image: 'charm:2' }],
  }),
  'order-lacks-patched-item': pod({
    '$setElementOrder/containers': [{ name: 'charm' }],
    containers: [container('side')],
  }),
  'order-of-list-that-is-not-there': {
    spec: { template: { spec: { '$setElementOrder/ephemeralContainers': [{ name: 'x' }] } } },
  },
  'delete-present': pod({ initContainers: [{ name: 'old-init', $patch: 'delete' }] }),
  'delete-absent': pod({ initContainers: [{ name: 'nobody', $patch: 'delete' }] }),
  'delete-last-of-list': pod({ hostAliases: [{ ip: '10.0.0.1', $patch: 'delete' }] }),
  'delete-volume-and-mount': pod({
    containers: [{ name: 'charm', volumeMounts: [{ mountPath: '/config', $patch: 'delete' }] }],
    volumes: [{ name: 'config', $patch: 'delete' }],
  }),
  'delete-without-key': pod({ containers: [{ image: 'x', $patch: 'delete' }] }),
  'replace-list': pod({ containers: [{ $patch: 'replace' }, container('only')] }),
  'replace-map': { metadata: { labels: { $patch: 'replace', only: 'this' } } },
  'replace-item': charm({ securityContext: { $patch: 'replace', runAsUser: 170 } }),
  'delete-map': { metadata: { annotations: { $patch: 'delete' } } },
  'merge-directive-on-item': pod({ containers: [{ name: 'charm', $patch: 'merge' }] }),
  'unknown-directive': pod({ containers: [{ name: 'charm', $patch: 'explode' }] }),
  'unknown-map-directive': { metadata: { labels: { $patch: 'explode' } } },
  'item-without-key': pod({ containers: [{ image: 'x:1' }] }),
  'null-deletes-field': charm({ args: null, workingDir: null }),
  'null-deletes-list': pod({ tolerations: null }),
  'null-deletes-map-entry': { metadata: { labels: { team: null, nobody: null } } },
  'null-in-new-item': pod({ containers: [container('side', { args: null, env: [{ name: 'X', value: null }] })] }),
  'null-in-new-map': pod({ securityContext: { runAsUser: null, fsGroup: 1 } }),
  'env-merges-by-name': charm({
    env: [
      { name: 'B', value: '3' },
      { name: 'C', value: '4' },
    ],
  }),
  'env-delete-and-add': charm({
    env: [
      { name: 'A', $patch: 'delete' },
      { name: 'C', value: '3' },
    ],
  }),
  'env-value-to-source': charm({
    env: [{ name: 'A', value: null, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  }),
  'ports-by-container-port': charm({ ports: [{ containerPort: 80, protocol: 'UDP' }, { containerPort: 81 }] }),
  'mounts-by-path': charm({
    volumeMounts: [
      { mountPath: '/data', name: 'other' },
      { mountPath: '/run', name: 'data' },
    ],
  }),
  'volume-merges-sources': pod({ volumes: [{ name: 'data', configMap: { name: 'x' } }] }),
  'volume-retain-keys': pod({
    volumes: [{ name: 'data', configMap: { name: 'x' }, $retainKeys: ['name', 'configMap'] }],
  }),
  'volume-retain-keys-lacks-key': pod({ volumes: [{ name: 'data', configMap: { name: 'x' }, $retainKeys: ['name'] }] }),
  'retain-keys-on-map': { spec: { updateStrategy: { type: 'OnDelete', $retainKeys: ['type'] } } },
  'tolerations-are-replaced': pod({ tolerations: [{ key: 'b', operator: 'Exists' }] }),
  'args-are-replaced': charm({ args: ['hold'] }),
  'capabilities-are-replaced': charm({ securityContext: { capabilities: { drop: ['NET_RAW', 'NET_ADMIN'] } } }),
  'pull-secrets-by-name': pod({ imagePullSecrets: [{ name: 'three' }, { name: 'one', $patch: 'delete' }] }),
  'host-aliases-by-ip': pod({
    hostAliases: [
      { ip: '10.0.0.1', hostnames: ['b'] },
      { ip: '10.0.0.2', hostnames: ['c'] },
    ],
  }),
  'node-selector-merges': pod({ nodeSelector: { zone: 'b', disk: 'ssd' } }),
  'dns-config-merges': pod({
    dnsConfig: { nameservers: ['10.0.0.11'], options: [{ name: 'timeout', value: '1' }] },
    dnsPolicy: 'None',
  }),
  'topology-by-key': pod({
    topologySpreadConstraints: [
      { topologyKey: 'zone', maxSkew: 2 },
      { topologyKey: 'host', maxSkew: 1 },
    ],
  }),
  'affinity-terms-are-replaced': pod({
    affinity: {
      podAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 9, podAffinityTerm: { topologyKey: 'zone' } }],
      },
    },
  }),
  'finalizers-merge': { metadata: { finalizers: ['example.org/c', 'example.org/a'] } },
  'finalizers-delete': { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.org/a'] } },
  'finalizers-delete-and-order': {
    metadata: {
      '$deleteFromPrimitiveList/finalizers': ['example.org/a'],
      '$setElementOrder/finalizers': ['example.org/c', 'example.org/b'],
      finalizers: ['example.org/c'],
    },
  },
  'owners-by-uid': { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u-2' }] } },
  'annotations-of-template': { spec: { template: { metadata: { annotations: { hash: '1' } } } } },
  'unknown-field-is-kept': pod({ nope: 1 }),
  'type-changes': pod({ nodeSelector: ['a'] }),
  'map-for-list': pod({ containers: { name: 'x' } }),
  'empty-patch': {},
  'empty-list': pod({ containers: [], volumes: [] }),
  'same-again': pod({ containers: [{ name: 'charm', image: 'charm:1' }] }),
  'directive-inside-new-item': pod({
    containers: [
      container('side', {
        env: [
          { name: 'A', $patch: 'delete' },
          { name: 'B', value: '1' },
        ],
      }),
    ],
  }),
  'directive-inside-new-list': pod({ readinessGates: [{ conditionType: 'a', $patch: 'delete' }] }),
  'add-the-vpn': {
    spec: {
      template: {
        metadata: { annotations: { hash: '0a1b2c3d' } },
        spec: {
          '$setElementOrder/initContainers': [{ name: 'vpn-route-init' }, { name: 'charm-init' }, { name: 'old-init' }],
          initContainers: [
            container('vpn-route-init', { volumeMounts: [{ mountPath: '/config', name: 'pod-gateway-config' }] }),
          ],
          containers: [
            container('vpn-route-sidecar'),
            { name: 'web', securityContext: { capabilities: { drop: ['NET_RAW', 'NET_ADMIN'] } } },
          ],
          volumes: [{ name: 'pod-gateway-config', configMap: { name: 'c', optional: true } }],
        },
      },
    },
  },
};

const cases = (original: Json, patches: Readonly<Record<string, Json>>, prefix = ''): StrategicCase[] =>
  Object.entries(patches).map(([name, patch]) => ({ name: `${prefix}${name}`, original, patch }));

/** All cases. */
export const strategicCases: readonly StrategicCase[] = [
  ...cases(statefulSet, ofStatefulSet),
  ...cases(
    service,
    {
      'ports-by-port': {
        spec: {
          ports: [
            { name: 'api', port: 81, targetPort: 81 },
            { port: 80, targetPort: 8080 },
          ],
        },
      },
      'port-delete': { spec: { ports: [{ port: 80, $patch: 'delete' }] } },
      'selector-merges': { spec: { selector: { tier: 'x' } } },
    },
    'service-',
  ),
  ...cases(
    deployment,
    {
      'strategy-retain-keys': { spec: { strategy: { type: 'Recreate', $retainKeys: ['type'] } } },
      'strategy-merges': { spec: { strategy: { type: 'Recreate' } } },
    },
    'deployment-',
  ),
  ...cases(
    policy,
    {
      'egress-is-replaced': { spec: { egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] } },
      'selector-merges': { spec: { podSelector: { matchLabels: { tier: 'x' } } } },
    },
    'policy-',
  ),
];
