/** @module Who asks: bearer tokens of administrators and ServiceAccounts. */
import { randomBytes, randomUUID } from 'node:crypto';
import { serviceAccounts } from '@vpn-k8s/kube';
import { notFound, unauthorized } from '../errors.ts';
import type { Store } from '../store/store.ts';

/** A user as the authorizer and admission see it. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

interface Token {
  readonly user: User;
  readonly account?: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly expires: number;
}

const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
/** The administrator, to whom nothing is forbidden (group system:masters). */
export const admin: User = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** All tokens that were given out. */
export class Tokens {
  readonly #store: Store;
  readonly #tokens = new Map<string, Token>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** A token that may do everything. */
  issueAdmin(): string {
    return this.#remember({ user: admin, expires: Number.POSITIVE_INFINITY });
  }

  /** A token of an existing ServiceAccount; it dies with the account. */
  issue(namespace: string, name: string, seconds = 3600): string {
    const account = this.#store.get(serviceAccounts, namespace, name);
    if (!account) throw notFound(serviceAccounts, name);
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
    const user = { name: `system:serviceaccount:${namespace}:${name}`, groups };
    const expires = Date.now() + seconds * 1000;
    return this.#remember({ user, account: { namespace, name, uid: account.metadata.uid }, expires });
  }

  /** The user of an Authorization header. Throws 401 for a token that is unknown, expired, or of a deleted account. */
  authenticate(header: string | undefined): User {
    if (header === undefined) return anonymous;
    const token = this.#tokens.get(header.replace(/^Bearer /, ''));
    if (!token || token.expires < Date.now() || !this.#alive(token)) throw unauthorized();
    return token.user;
  }

  /** Makes a token invalid now, as if it had expired. */
  revoke(token: string): void {
    this.#tokens.delete(token);
  }

  #alive({ account }: Token): boolean {
    if (!account) return true;
    return this.#store.get(serviceAccounts, account.namespace, account.name)?.metadata.uid === account.uid;
  }

  /** Looks like a JWT, because programs that only carry tokens still split them at dots. */
  #remember(token: Token): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: 'https://kubernetes.default.svc', sub: token.user.name, jti: randomUUID() };
    const text = `${part({ alg: 'RS256', kid: 'stand-in' })}.${part(claims)}.${randomBytes(24).toString('base64url')}`;
    this.#tokens.set(text, token);
    return text;
  }
}
