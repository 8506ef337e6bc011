/** @module What the controller manager does to namespaces: default ServiceAccount, root certificate, emptying on deletion; token secrets; objects of deleted definitions. */
import { randomUUID } from 'node:crypto';
import {
  type CustomResourceDefinition,
  configMaps,
  customResourceDefinitions,
  type KubeObject,
  namespaces,
  type Resource,
  secrets,
  serviceAccounts,
} from '@vpn-k8s/kube';
import type { Tokens } from '../access/users.ts';
import { servedKinds } from '../kinds/registry.ts';
import type { Store } from '../store/store.ts';

/** Starts the controllers; answers the function that stops them. */
export function runNamespaceControllers(store: Store, tokens: Tokens, ca: string): () => void {
  const stops = [
    store.subscribe(namespaces, ({ type, object }) => {
      if (type === 'ADDED') furnish(store, object.metadata.name, ca);
      if (object.metadata.deletionTimestamp && type !== 'DELETED')
        setImmediate(() => empty(store, object.metadata.name));
    }),
    store.subscribeAll(({ type, object }) => {
      const namespace = type === 'DELETED' ? object.metadata.namespace : undefined;
      if (namespace && isTerminating(store, namespace)) setImmediate(() => empty(store, namespace));
      if (namespace && !isTerminating(store, namespace)) restoreAccount(store, namespace, ca);
    }),
    store.subscribe(customResourceDefinitions, ({ type, object }) => {
      if (type === 'DELETED') forgetKind(store, object);
    }),
    store.subscribe(secrets, ({ type, object }) => type !== 'DELETED' && fillToken(store, tokens, ca, object)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

const isTerminating = (store: Store, name: string) => {
  const namespace = store.get(namespaces, undefined, name);
  return namespace === undefined || namespace.metadata.deletionTimestamp !== undefined;
};

/** Stores an object as a controller would, with the metadata that the server gives. */
export function plant(store: Store, resource: Resource<unknown>, object: KubeObject): void {
  const creationTimestamp = `${new Date().toISOString().slice(0, 19)}Z`;
  store.put(resource, { ...object, metadata: { uid: randomUUID(), creationTimestamp, ...object.metadata } });
}

function furnish(store: Store, namespace: string, ca: string): void {
  if (!store.get(serviceAccounts, namespace, 'default')) {
    plant(store, serviceAccounts, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace },
    });
  }
  if (store.get(configMaps, namespace, 'kube-root-ca.crt')) return;
  const map = { apiVersion: 'v1', kind: 'ConfigMap', data: { 'ca.crt': ca } };
  plant(store, configMaps, { ...map, metadata: { name: 'kube-root-ca.crt', namespace } });
}

const restoreAccount = (store: Store, namespace: string, ca: string) => furnish(store, namespace, ca);

/** Deletes all that is in a namespace, and the namespace once nothing is left. */
function empty(store: Store, name: string): void {
  const namespace = store.get(namespaces, undefined, name);
  if (!namespace?.metadata.deletionTimestamp) return;
  let left = 0;
  for (const { resource } of servedKinds(store).filter((kind) => kind.resource.namespaced)) {
    for (const object of store.list(resource, name)) {
      const held = (object.metadata.finalizers ?? []).some((each) => each !== 'kubernetes.io/pvc-protection');
      if (held || onNode(resource, object)) left++;
      else store.remove(resource, object);
      if ((held || onNode(resource, object)) && !object.metadata.deletionTimestamp) {
        const mark = {
          deletionTimestamp: `${new Date().toISOString().slice(0, 19)}Z`,
          deletionGracePeriodSeconds: held ? 0 : 30,
        };
        store.put(resource, { ...object, metadata: { ...object.metadata, ...mark } });
      }
    }
  }
  if (left === 0 && (namespace.metadata.finalizers ?? []).length === 0) store.remove(namespaces, namespace);
}

const onNode = (resource: Resource, object: KubeObject) =>
  resource.plural === 'pods' && (object as { spec?: { nodeName?: string } }).spec?.nodeName !== undefined;

/** The objects of a kind go with its definition. */
function forgetKind(store: Store, { spec }: CustomResourceDefinition): void {
  const { group, names, scope } = spec;
  const resource = { group, version: '', plural: names.plural, kind: names.kind, namespaced: scope === 'Namespaced' };
  for (const object of store.list(resource)) store.remove(resource, object);
}

/** Secrets of the type service-account-token get a token that does not expire. */
function fillToken(
  store: Store,
  tokens: Tokens,
  ca: string,
  secret: KubeObject & { type?: string; data?: Record<string, string> },
): void {
  const { namespace = '', annotations = {} } = secret.metadata ?? {};
  const name = annotations['kubernetes.io/service-account.name'];
  if (secret.type !== 'kubernetes.io/service-account-token' || !name || secret.data?.token) return;
  const account = store.get(serviceAccounts, namespace, name);
  if (!account) return;
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const token = tokens.issue(namespace, name, Number.POSITIVE_INFINITY);
  const data = { ...secret.data, token: base64(token), 'ca.crt': base64(ca), namespace: base64(namespace) };
  const uid = { 'kubernetes.io/service-account.uid': account.metadata.uid };
  store.put(secrets, {
    ...secret,
    data,
    metadata: { ...secret.metadata, annotations: { ...annotations, ...uid } },
  } as KubeObject);
}
