/** @module Decides by Role and ClusterRole objects in the store what a user may do (plugin/pkg/auth/authorizer/rbac). */
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from '@vpn-k8s/kube';
import { failure, forbidden } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { User } from './users.ts';

/** What is asked for, in the API's own words. */
export interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

interface Rule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface Binding {
  readonly subjects?: readonly { kind: string; name: string; namespace?: string }[];
  readonly roleRef: { readonly kind: string; readonly name: string };
}

/** Throws the real server's 403 unless a rule allows it. */
export function authorize(store: Store, user: User, asked: Attributes): void {
  if (user.groups.includes('system:masters')) return;
  const { rules, missing } = rulesOf(store, user, asked.namespace);
  if (rules.some((rule) => allows(rule, asked))) return;
  const resource = { group: asked.group, plural: asked.resource };
  throw forbidden(
    resource,
    asked.name,
    sentence(user, asked) + (missing.length > 0 ? `: RBAC: ${aggregate(missing)}` : ''),
  );
}

/** Discovery and health paths are open to everybody who is somebody. */
export function authorizePath(user: User, path: string): void {
  if (!user.groups.includes('system:unauthenticated') || ['/healthz', '/livez', '/readyz', '/version'].includes(path))
    return;
  throw failure(403, 'Forbidden', `forbidden: User "${user.name}" cannot get path "${path}"`, {});
}

function sentence(user: User, { verb, group, resource, subresource, namespace }: Attributes): string {
  const what = subresource ? `${resource}/${subresource}` : resource;
  const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope';
  return `User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
}

const aggregate = (messages: readonly string[]) => (messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`);

function rulesOf(store: Store, user: User, namespace: string | undefined): { rules: Rule[]; missing: string[] } {
  const missing: string[] = [];
  const rules: Rule[] = [];
  const bindings = namespace === undefined ? [] : store.list(roleBindings, namespace);
  for (const binding of [...store.list(clusterRoleBindings), ...bindings] as unknown as Binding[]) {
    if (!binding.subjects?.some((subject) => isSubject(subject, user, namespace))) continue;
    const { kind, name } = binding.roleRef;
    const role = kind === 'Role' ? store.get(roles, namespace, name) : store.get(clusterRoles, undefined, name);
    if (role) rules.push(...((role as unknown as { rules?: Rule[] }).rules ?? []));
    else missing.push(`${kind.toLowerCase()}.rbac.authorization.k8s.io "${name}" not found`);
  }
  return { rules, missing };
}

function isSubject(
  subject: { kind: string; name: string; namespace?: string },
  user: User,
  namespace?: string,
): boolean {
  if (subject.kind === 'Group') return user.groups.includes(subject.name);
  if (subject.kind === 'User') return user.name === subject.name;
  return user.name === `system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`;
}

function allows(rule: Rule, asked: Attributes): boolean {
  const has = (list: readonly string[] | undefined, value: string) => list?.includes('*') || list?.includes(value);
  if (!has(rule.verbs, asked.verb) || !has(rule.apiGroups, asked.group)) return false;
  const names = rule.resourceNames ?? [];
  if (names.length > 0 && !(asked.name && names.includes(asked.name))) return false;
  if (!asked.subresource) return Boolean(has(rule.resources, asked.resource));
  return Boolean(
    has(rule.resources, `${asked.resource}/${asked.subresource}`) || rule.resources?.includes(`*/${asked.subresource}`),
  );
}
