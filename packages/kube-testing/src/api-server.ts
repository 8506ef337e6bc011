/** @module The API server: a store behind HTTPS, with everything that makes it answer as kube-apiserver does. */
import type { Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { clusterRoles, KubeClient, type KubeObject, services } from '@vpn-k8s/kube';
import { Admission } from './access/admission.ts';
import { Faults, type RequestRecord } from './access/faults.ts';
import { admin, Tokens } from './access/users.ts';
import { collectGarbage } from './controllers/garbage.ts';
import { plant, runNamespaceControllers } from './controllers/namespaces.ts';
import { notFound } from './errors.ts';
import { Handler } from './http/handler.ts';
import { servedKinds } from './kinds/registry.ts';
import type { Json } from './store/clone.ts';
import { Store, type Stored } from './store/store.ts';
import { issueServerCertificate } from './tls/certificate.ts';
import { create } from './verbs/create.ts';

/** How to start a server. */
export interface ApiServerOptions {
  /** Address to listen on, 127.0.0.1 by default. */
  readonly host?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** More names and addresses for the certificate, for example the ClusterIP `10.152.183.1`. */
  readonly extraSans?: readonly string[];
  /** `open` lets everybody do everything, without a token too. */
  readonly auth?: 'rbac' | 'open';
  /** Where Services get their addresses, `10.152.183.0/24` by default. */
  readonly serviceCidr?: string;
  /** Changes remembered for watches; older versions get 410. */
  readonly historySize?: number;
}

/**
 * A running API server stand-in.
 *
 * @example
 * const api = await ApiServer.start();
 * await api.client().create(namespaces, { metadata: { name: 'media' } });
 * await api.stop();
 */
export class ApiServer {
  readonly store: Store;
  readonly admission = new Admission();
  readonly faults = new Faults();
  /** Every request, oldest first, discovery included. */
  readonly requests: RequestRecord[] = [];
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
  readonly adminToken: string;
  readonly tokens: Tokens;
  readonly serviceCidr: string;
  readonly #handler: Handler;
  readonly #stops: (() => void)[];
  readonly #clients = new Set<KubeClient>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #url = '';

  /** Starts listening; the namespaces default, kube-system and kube-public are there. */
  static async start(options: ApiServerOptions = {}): Promise<ApiServer> {
    const { host = '127.0.0.1', extraSans = [] } = options;
    const names = [
      '127.0.0.1',
      '::1',
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      host,
      ...extraSans,
    ];
    const { ca, server } = issueServerCertificate(
      [...new Set(names)].filter((name) => name !== '0.0.0.0' && name !== '::'),
    );
    const api = new ApiServer(ca, options);
    await api.#listen(server, host, options.port ?? 0);
    return api;
  }

  private constructor(
    ca: string,
    { auth = 'rbac', serviceCidr = '10.152.183.0/24', historySize = 5000 }: ApiServerOptions,
  ) {
    this.ca = ca;
    this.serviceCidr = serviceCidr;
    this.store = new Store(historySize);
    this.tokens = new Tokens(this.store);
    this.adminToken = this.tokens.issueAdmin();
    this.#handler = new Handler({ ...this.#machinery(), auth, faults: this.faults, requests: this.requests });
    this.#stops = [collectGarbage(this.store), runNamespaceControllers(this.store, this.tokens, ca)];
    this.#furnish();
  }

  /** For example `https://127.0.0.1:40123`. */
  get url(): string {
    return this.#url;
  }

  get port(): number {
    return Number(new URL(this.#url).port);
  }

  /** A client with the administrator's token, or with the one given. */
  client(token: string = this.adminToken): KubeClient {
    const client = new KubeClient({ url: this.#url, token, ca: this.ca });
    this.#clients.add(client);
    return client;
  }

  /** A token of an existing ServiceAccount. Throws 404 when there is none. */
  issueToken(namespace: string, serviceAccount: string, seconds?: number): string {
    return this.tokens.issue(namespace, serviceAccount, seconds);
  }

  /** Creates objects without a request, as the administrator would; `status` is kept. Answers them as stored. */
  seed(...objects: readonly KubeObject[]): Stored[] {
    return objects.map((object) => this.#seedOne(object));
  }

  /** Forgets old changes and list pages, so that watches and pages from before get 410. */
  compact(): void {
    this.store.compact();
    this.#handler.expirePages();
  }

  /** Cuts all connections and stops listening. */
  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    for (const client of this.#clients) client.close();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server?.close(resolve) ?? resolve(undefined));
  }

  #machinery() {
    const { store, admission, tokens, serviceCidr } = this;
    return { store, admission, tokens, serviceCidr };
  }

  #seedOne(object: KubeObject): Stored {
    const kind = servedKinds(this.store).find(
      ({ resource }) =>
        resource.kind === object.kind &&
        `${resource.group ? `${resource.group}/` : ''}${resource.version}` === object.apiVersion,
    );
    if (!kind)
      throw notFound({ group: object.apiVersion ?? '', plural: object.kind ?? '' }, object.metadata?.name ?? '');
    const namespace = kind.resource.namespaced ? object.metadata?.namespace : undefined;
    const words = { verb: 'create', query: {}, contentType: 'application/json', userAgent: 'seed' };
    const stored = create(this.#machinery(), {
      ...words,
      kind,
      namespace,
      user: admin,
      body: structuredClone(object),
    }) as Stored & Json;
    const status = (object as Json).status;
    return status === undefined ? stored : this.store.put(kind.resource, { ...stored, status } as KubeObject);
  }

  #furnish(): void {
    const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
    plant(this.store, clusterRoles, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'cluster-admin' },
      rules,
    } as KubeObject);
    for (const name of ['default', 'kube-system', 'kube-public']) {
      this.seed({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
    const clusterIP = this.serviceCidr.replace(/\d+\/.*$/, '1');
    const ports = [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }];
    const metadata = {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    };
    this.seed({ apiVersion: 'v1', kind: services.kind, metadata, spec: { clusterIP, ports } } as KubeObject);
  }

  async #listen({ cert, key }: { cert: string; key: string }, host: string, port: number): Promise<void> {
    const { createServer } = await import('node:https');
    const server = createServer({ cert, key }, (request, response) => void this.#handler.handle(request, response));
    server.keepAliveTimeout = 60_000;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    this.#server = server;
    const at = server.address() as AddressInfo;
    const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
    this.#url = `https://${name}:${at.port}`;
  }
}
