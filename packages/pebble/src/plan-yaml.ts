/**
 * @module Reads the YAML text of `GET /v1/plan`: the block style that Go's yaml.v3 writes, and nothing else of YAML.
 *
 * Why not a library: a YAML library weighs as much as a whole charm bundle may. What Pebble writes is deterministic: block mappings and sequences, plain, quoted
 * and literal scalars, `{}` and `[]`; no anchors, tags, folded scalars or flow collections with content. Anything else is refused with the line that was seen.
 */

/** What a plan is made of; numbers and booleans come as such when Pebble wrote them plain. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** One non-empty line: its number, its indentation, its text behind it. */
interface Line {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

/**
 * Parses the plan text; '{}\n' and '' are the empty plan.
 *
 * Throws an Error that names the line when the text has a form that Pebble does not write.
 * Example: `parsePlanYaml('services:\n    web:\n        command: sleep 1\n')` is `{services: {web: {command: 'sleep 1'}}}`.
 */
export function parsePlanYaml(text: string): Value {
  const reader = new Reader(text);
  if (reader.peek() === undefined) return {};
  const value = reader.node(0);
  const rest = reader.peek();
  if (rest !== undefined) throw unexpected(rest);
  return value;
}

class Reader {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#lines = text.split('\n');
  }

  peek(): Line | undefined {
    while (this.#at < this.#lines.length && isBlank(this.#lines[this.#at]!)) this.#at++;
    const raw = this.#lines[this.#at];
    if (raw === undefined) return undefined;
    const indent = spaces(raw);
    return { number: this.#at + 1, indent, text: raw.slice(indent) };
  }

  /** The node whose lines are indented by at least `indent`. */
  node(indent: number): Value {
    const line = this.peek();
    if (line === undefined || line.indent < indent) return null;
    if (isItem(line)) return this.#sequence(line.indent);
    return entryOf(line) === undefined ? this.#inline(line, line.text) : this.#mapping(line.indent);
  }

  #mapping(indent: number): Value {
    const entries: [string, Value][] = [];
    for (let line = this.peek(); line !== undefined && line.indent === indent && !isItem(line); line = this.peek()) {
      const entry = entryOf(line);
      if (entry === undefined) throw unexpected(line);
      entries.push([entry.key, this.#value(line, entry.rest, indent)]);
    }
    // Why: fromEntries defines own properties, so that a key `__proto__` stays a key.
    return Object.fromEntries(entries);
  }

  #sequence(indent: number): Value[] {
    const items: Value[] = [];
    for (let line = this.peek(); line !== undefined && line.indent === indent && isItem(line); line = this.peek()) {
      items.push(this.#value(line, line.text.slice(2), indent));
    }
    return items;
  }

  #value(line: Line, rest: string, indent: number): Value {
    if (rest.startsWith('|')) return this.#literal(line, rest, indent);
    if (rest !== '') return this.#inline(line, rest);
    this.#at++;
    const next = this.peek();
    // Why: yaml.v3 indents sequences below their key; other writers put them level with it.
    if (next !== undefined && next.indent === indent && isItem(next) && !isItem(line)) return this.#sequence(indent);
    return this.node(indent + 1);
  }

  #inline(line: Line, text: string): Value {
    this.#at++;
    if (text === '{}') return {};
    if (text === '[]') return [];
    return scalar(line, text);
  }

  #literal(line: Line, header: string, parentIndent: number): string {
    const match = /^\|(\d?)([+-]?)(\d?)$/.exec(header);
    if (match === null) throw unexpected(line);
    this.#at++;
    const given = match[1] || match[3];
    const body = this.#bodyLines(given ? parentIndent + Number(given) : undefined, parentIndent);
    const text = body.join('\n');
    if (match[2] === '+') return body.length === 0 ? '' : `${text}\n`;
    const stripped = text.replace(/\n*$/, '');
    return match[2] === '-' || stripped === '' ? stripped : `${stripped}\n`;
  }

  #bodyLines(given: number | undefined, parentIndent: number): string[] {
    const body: string[] = [];
    let indent = given;
    for (; this.#at < this.#lines.length; this.#at++) {
      const raw = this.#lines[this.#at]!;
      const own = spaces(raw);
      if (!isBlank(raw) && own <= parentIndent) break;
      if (!isBlank(raw)) indent ??= own;
      body.push(raw.slice(indent ?? raw.length));
    }
    // Why: the text ends with a line break, so the last piece of the split is no line.
    if (this.#at === this.#lines.length) body.pop();
    return body;
  }
}

function spaces(raw: string): number {
  return /^ */.exec(raw)![0].length;
}

function isBlank(raw: string): boolean {
  return spaces(raw) === raw.length;
}

function isItem(line: Line): boolean {
  return line.text === '-' || line.text.startsWith('- ');
}

function entryOf(line: Line): { key: string; rest: string } | undefined {
  const quoted = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'):(?: (.*))?$/.exec(line.text);
  if (quoted !== null) return { key: String(scalar(line, quoted[1]!)), rest: quoted[2] ?? '' };
  if (/^["']/.test(line.text)) return undefined;
  const plain = /^([^ ].*?):(?: (.*))?$/.exec(line.text);
  return plain === null ? undefined : { key: plain[1]!, rest: plain[2] ?? '' };
}

function scalar(line: Line, text: string): Value {
  if (text.startsWith('"')) return doubleQuoted(line, text);
  if (text.startsWith("'")) return singleQuoted(line, text);
  if (/^[&*!>%@`{[|]/.test(text)) throw unexpected(line);
  if (text === 'null' || text === '~') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/.test(text) ? Number(text) : text;
}

function singleQuoted(line: Line, text: string): string {
  if (!/^'(?:[^']|'')*'$/.test(text)) throw unexpected(line);
  return text.slice(1, -1).replaceAll("''", "'");
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

function doubleQuoted(line: Line, text: string): string {
  if (!/^"(?:[^"\\]|\\.)*"$/.test(text)) throw unexpected(line);
  return text
    .slice(1, -1)
    .replaceAll(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|.)/g, (_, code: string) =>
      code.length > 1 ? String.fromCodePoint(Number.parseInt(code.slice(1), 16)) : (escapes[code] ?? code),
    );
}

function unexpected(line: Line): Error {
  const seen = JSON.stringify(line.text.slice(0, 60));
  return new Error(`Line ${line.number} of Pebble's plan has a form that Pebble is not known to write: ${seen}`);
}
