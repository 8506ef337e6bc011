/** @module The types that the behaviours use. */
export type { ApiError, KubeClient } from '@vpn-k8s/kube';
export type { StatefulSet } from 'kubernetes-types/apps/v1.js';
