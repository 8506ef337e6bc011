/** @module How bad input is refused: what was seen, what is allowed. */

/**
 * Input that a parser does not take. The message is one sentence that can stand in `juju status`.
 * @example new Refusal('10.0.0.0/99', 'is not a range: write e.g. 10.1.0.0/16').message
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** The input as {@link shown} shows it. */
  readonly seen: string;
  /** What is allowed. */
  readonly rule: string;

  constructor(seen: unknown, rule: string, field?: string) {
    const cut = shown(seen);
    super([field, cut, rule].filter((part) => part !== undefined).join(' '));
    this.seen = cut;
    this.rule = rule;
  }
}

/** A value as it may be shown in a sentence: JSON, at most 60 characters, control characters escaped. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value.slice(0, 80) : value;
  const json = JSON.stringify(text) ?? String(text);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}

/**
 * Runs a parser on the value of a named field, and puts the name into what it refuses.
 * @throws Refusal
 * @example named('vxlan-id', 0, parseVni) // throws: vxlan-id 0 is not a VXLAN number: 1 to 16777215
 */
export function named<T, R>(field: string, value: T, parse: (value: T) => R): R {
  try {
    return parse(value);
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(value, error.rule, field);
    throw error;
  }
}
