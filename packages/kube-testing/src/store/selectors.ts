/** @module Parses label and field selectors, and matches objects (apimachinery, pkg/labels and pkg/fields). */
import type { KubeObject } from '@vpn-k8s/kube';
import { badRequest } from '../errors.ts';

/** Says whether an object is selected. */
export type Selector = (object: KubeObject) => boolean;

type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

const labelKey = '[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?';
const setBased = new RegExp(String.raw`^(${labelKey})\s+(in|notin)\s*\(([^)]*)\)$`);
const equality = new RegExp(String.raw`^(${labelKey})\s*(==|=|!=)\s*([-A-Za-z0-9_.]*)$`);
const existence = new RegExp(String.raw`^(!?)\s*(${labelKey})$`);

/** @example labelSelector('app=web,tier in (a,b),!old') */
export function labelSelector(text: string): Selector {
  const tests = splitOutsideParentheses(text).map((term) => labelTest(term.trim(), text));
  return (object) => tests.every((test) => test(object.metadata?.labels ?? {}));
}

function splitOutsideParentheses(text: string): string[] {
  return text.split(/,(?![^(]*\))/).filter((term) => term.trim() !== '');
}

function labelTest(term: string, whole: string): LabelTest {
  const set = setBased.exec(term);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    const isIn: LabelTest = (labels) => labels[key] !== undefined && values.includes(labels[key]);
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const equal = equality.exec(term);
  if (equal) {
    const [, key = '', operator, value] = equal;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const exists = existence.exec(term);
  if (!exists)
    throw badRequest(`unable to parse requirement: found '${whole.slice(0, 60)}', expected a label selector`);
  const [, not, key = ''] = exists;
  return (labels) => key in labels !== (not === '!');
}

/** A LabelSelector object, as in a NetworkPolicy or a StatefulSet. */
export interface LabelSelectorObject {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

/** Matches labels against a LabelSelector object; an empty one selects everything. */
export function matchesLabels(selector: LabelSelectorObject, labels: Readonly<Record<string, string>> = {}): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return equal && (selector.matchExpressions ?? []).every((expression) => matchesExpression(expression, labels));
}

function matchesExpression(
  { key, operator, values = [] }: NonNullable<LabelSelectorObject['matchExpressions']>[number],
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key];
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  const isIn = value !== undefined && values.includes(value);
  return operator === 'In' ? isIn : !isIn;
}

/** Fields that may be selected, by plural name, as the real server knows them; all have metadata.name and metadata.namespace. */
const selectableFields: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  namespaces: ['status.phase'],
  nodes: ['spec.unschedulable'],
  secrets: ['type'],
  services: ['spec.clusterIP', 'spec.type'],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'reason',
    'source',
    'type',
  ],
};

/** @example fieldSelector('spec.nodeName=node1,status.phase!=Failed', 'pods') */
export function fieldSelector(text: string, plural: string): Selector {
  const tests = text
    .split(',')
    .filter((term) => term !== '')
    .map((term) => fieldTest(term, plural));
  return (object) => tests.every((test) => test(object));
}

function fieldTest(term: string, plural: string): Selector {
  const [, path = '', operator, value] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? [];
  if (!operator) throw badRequest(`invalid selector: '${term.slice(0, 60)}'; can't understand '${term.slice(0, 60)}'`);
  const known = ['metadata.name', 'metadata.namespace', ...(selectableFields[plural] ?? [])];
  if (!known.includes(path)) throw badRequest(`field label not supported: ${path.slice(0, 60)}`);
  const read = (object: KubeObject) => String(path.split('.').reduce<unknown>(step, object) ?? '');
  return (object) => (read(object) === value) !== (operator === '!=');
}

const step = (value: unknown, key: string) => (value as Record<string, unknown> | undefined)?.[key];
