/** @module What identifies one dispatch: the hook's name and what Juju says about it in the environment. */

import type { Json } from '@vpn-k8s/charm-testing';

/** One hook or action to run; `name` as in `JUJU_DISPATCH_PATH` without `hooks/` (for actions, the action's name). */
export interface HookInfo {
  readonly name: string;
  readonly relation?: {
    readonly endpoint: string;
    readonly id: number;
    /** Undefined in relation-broken after pod churn. */
    readonly remoteApplication: string | undefined;
    readonly remoteUnit?: string;
    readonly departingUnit?: string;
    /** The databag version that this hook tells, kept when it ends well. */
    readonly version?: string;
  };
  readonly action?: { readonly id: number; readonly params: Readonly<Record<string, Json>> };
  readonly workload?: {
    readonly container: string;
    readonly notice?: { readonly id: string; readonly type: string; readonly key: string };
    readonly check?: string;
  };
  readonly secret?: { readonly id: string; readonly label: string; readonly revision?: number };
  readonly storage?: { readonly id: string; readonly location: string };
}

/** Two values for the same dispatch (versions of databags aside). */
export function sameHook(a: HookInfo, b: HookInfo): boolean {
  return hookKey(a) === hookKey(b);
}

/** A text that says which dispatch this is: `db-relation-joined db:3 beta/0`. */
export function hookKey(hook: HookInfo): string {
  const { relation, secret, storage, workload, action } = hook;
  const parts = [
    hook.name,
    relation && `${relation.endpoint}:${relation.id} ${relation.remoteUnit ?? ''}`.trim(),
    secret && `${secret.id} ${secret.revision ?? ''}`.trim(),
    storage?.id,
    workload && `${workload.container} ${workload.check ?? workload.notice?.key ?? ''}`.trim(),
    action && String(action.id),
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}
