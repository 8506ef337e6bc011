/** @module Reading JSON at least as laxly as the Python libraries of the same interface do. */

/** Longest text taken from a databag, in characters; real ones have 400. */
export const MAX_TEXT = 65_536;

/** What a databag's text is before anybody judged its meaning. */
export type Lax =
  | { readonly kind: 'absent' }
  | { readonly kind: 'invalid'; readonly problem: string }
  | { readonly kind: 'object'; readonly fields: Record<string, unknown> };

/**
 * Reads the text of the key `config`: one JSON object. Missing and empty text is `absent`: the other side has not written yet.
 *
 * Source: charmarr-lib-vpn 0.5.0 and 0.6.4 (pydantic); the recorded answers are in fixtures/.
 */
export function readObject(text: string | undefined): Lax {
  if (text === undefined || text.trim() === '') return { kind: 'absent' };
  if (text.length > MAX_TEXT) return invalid(`config has ${text.length} characters: at most ${MAX_TEXT} are read`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid('config is not JSON: the other application must write one JSON object');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return invalid('config is not a JSON object');
  return { kind: 'object', fields: { ...value } };
}

function invalid(problem: string): Lax {
  return { kind: 'invalid', problem };
}

/** A number where a number may come as text or as a truth value: `42`, `"42"`, `" 42.0 "`, `"1_000"`, `true`; others come back as they are. */
export function laxInteger(value: unknown): unknown {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string') return value;
  const text = value.trim();
  return /^[+-]?\d+(_\d+)*(\.0*)?$/.test(text) ? Number(text.replaceAll('_', '')) : value;
}

const TRUE = ['true', 't', 'yes', 'y', 'on', '1'];
const FALSE = ['false', 'f', 'no', 'n', 'off', '0'];

/** A truth value where it may come as a number or a word (`1`, `"yes"`, `"Off"`); others come back as they are. */
export function laxBoolean(value: unknown): unknown {
  if (value === 1 || value === 0) return value === 1;
  if (typeof value !== 'string') return value;
  const word = value.toLowerCase();
  return TRUE.includes(word) ? true : FALSE.includes(word) ? false : value;
}
