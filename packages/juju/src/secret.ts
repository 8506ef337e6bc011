/** @module secret-add, secret-set, secret-get, secret-info-get, secret-grant, secret-revoke, secret-ids, secret-remove. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { asList, asObject, asText } from './answer.ts';
import { askTool, HookToolError, runTool } from './run.ts';

/** What a secret can be given besides its content. */
export interface SecretSettings {
  /** Unique among the owner's secrets; a second secret with the same label fails the whole hook at its end. */
  readonly label?: string;
  readonly description?: string;
  /** RFC 3339 time or a duration such as `24h`. */
  readonly expire?: string;
  readonly rotate?: 'never' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly';
  /** `application` (the default) needs leadership. */
  readonly owner?: 'application' | 'unit';
}

/** Keys: lower-case letters and digits, at least three, single hyphens inside. */
export type SecretContent = Readonly<Record<string, string>>;

/** An owned secret; `access` does not show grants made in this hook. */
export interface SecretInfo {
  readonly id: string;
  readonly revision: number;
  readonly label: string;
  readonly owner: string;
  readonly description: string;
  readonly rotation: string;
  readonly expiry: string;
  readonly access: readonly { readonly target: string; readonly scope: string; readonly role: string }[];
}

/** A secret by its id (any of Juju's spellings) or by the label that this unit knows it by. */
export type SecretName = { readonly id: string; readonly label?: string } | { readonly label: string };

/**
 * The bare id of a secret: Juju 4.0 prints `secret://<model uuid>/<id>`, hooks get `secret:<id>` or the id alone.
 *
 * @example secretId('secret://f00d.../cq8h1abcdefghijklmno') // 'cq8h1abcdefghijklmno'
 */
export function secretId(uri: string): string {
  return uri.trim().replace(/^.*[/:]/, '');
}

/** Adds a secret and returns its bare id. Look up by label first: see `SecretSettings.label`. */
export function secretAdd(content: SecretContent, settings: SecretSettings = {}): string {
  const added = withContent(content, (pairs) => runTool('secret-add', [...settingFlags(settings), ...pairs]));
  return secretId(added);
}

/**
 * Changes content, settings or both; the same content makes no new revision. The owner itself goes on reading the old
 * revision until it asks with `refresh`.
 */
export function secretSet(id: string, content: SecretContent, settings: SecretSettings = {}): void {
  withContent(content, (pairs) => runTool('secret-set', [...settingFlags(settings), secretId(id), ...pairs]));
}

/**
 * Content of a secret: the tracked revision, or the latest (`peek`), or the latest from now on (`refresh`). Each hook
 * that reads one leaves objects behind in Kubernetes: read only when needed.
 */
export function secretGet(
  name: SecretName & { readonly peek?: boolean; readonly refresh?: boolean },
): Record<string, string> {
  const mode = name.refresh ? ['--refresh'] : name.peek ? ['--peek'] : [];
  return asObject(askTool('secret-get', [...nameArguments(name), ...mode])) as Record<string, string>;
}

/** An owned secret's settings, or undefined when this application or unit owns no such secret. */
export function secretInfoGet(name: SecretName): SecretInfo | undefined {
  try {
    return info(asObject(askTool('secret-info-get', 'id' in name ? [secretId(name.id)] : ['--label', name.label])));
  } catch (error) {
    if (error instanceof HookToolError && error.stderr.endsWith('not found')) return undefined;
    throw error;
  }
}

/** Lets the remote application of a relation, or one `unit` of it, read; lasts as long as the relation. */
export function secretGrant(id: string, relation: string, options: { readonly unit?: string } = {}): void {
  runTool('secret-grant', [secretId(id), '-r', relation, ...flag('--unit', options.unit)]);
}

/** Takes a grant back. */
export function secretRevoke(
  id: string,
  from: { readonly relation?: string; readonly app?: string; readonly unit?: string },
): void {
  const whom = [...flag('-r', from.relation), ...flag('--app', from.app), ...flag('--unit', from.unit)];
  runTool('secret-revoke', [secretId(id), ...whom]);
}

/** Bare ids of the secrets that this application or unit owns. */
export function secretIds(): string[] {
  return asList(askTool('secret-ids', [])).map(secretId);
}

/** Removes a secret, or one revision that nobody tracks any more. */
export function secretRemove(id: string, options: { readonly revision?: number } = {}): void {
  runTool('secret-remove', [secretId(id), ...flag('--revision', options.revision?.toString())]);
}

function info(answer: Record<string, unknown>): SecretInfo | undefined {
  const [id, value] = Object.entries(answer)[0] ?? [];
  if (id === undefined) return undefined;
  const fields = asObject(value);
  return {
    id,
    revision: Number(fields.revision),
    label: asText(fields.label),
    owner: asText(fields.owner),
    description: asText(fields.description),
    rotation: asText(fields.rotation) || 'never',
    expiry: asText(fields.expiry),
    access: (fields.access ?? []) as SecretInfo['access'],
  };
}

function nameArguments(name: SecretName): string[] {
  return [...('id' in name ? [secretId(name.id)] : []), ...flag('--label', name.label)];
}

function settingFlags(settings: SecretSettings): string[] {
  return Object.entries(settings).flatMap(([key, value]) => flag(`--${key}`, value));
}

function flag(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, value];
}

/** Why: arguments are seen by every process of the pod and in traces, so values travel in files only the charm can read. */
function withContent(content: SecretContent, use: (pairs: string[]) => string): string {
  const entries = Object.entries(content);
  if (entries.length === 0) return use([]);
  const dir = mkdtempSync(`${process.env.TMPDIR ?? '/tmp'}/secret-`);
  try {
    return use(
      entries.map(([key, value], index) => {
        writeFileSync(`${dir}/${index}`, value, { mode: 0o600 });
        return `${key}#file=${dir}/${index}`;
      }),
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
}
