/** @module Texts as Go's yaml.v3 writes them: plain where it can, else single quotes, literal for several lines, double quotes for the rest. */

/** Texts that YAML 1.1 or 1.2 would take for something else. */
const ambiguous =
  /^(?:|~|null|true|false|yes|no|on|off|y|n|<<|[-+]?\.(?:inf|nan)|[-+]?[\d.][\d_]*(?:\.[\d_]*)?(?:e[-+]?\d+)?|[-+]?0[xob][\da-f_]+|\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?|[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?)$/i;
/** What yaml.v3 does not count as printable. */
const special = /[^\t\n\r\x20-\x7e\x85\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]|\r|\t|\x85/u;
const notPlain = /^[-?:](?:\s|$)|^[,[\]{}#&*!|>'"%@`]|^(?:---|\.\.\.)|:(?:\s|$)|\s#|^\s|\s$/;

/** One text as a value at this depth; several lines are indented by four spaces more. */
export function writeText(text: string, depth: number): string {
  if (text.includes('\n') && !special.test(text) && !/ \n| $/.test(text)) return literal(text, depth);
  return writeKey(text);
}

/** One text in one line, as a key or a value. */
export function writeKey(text: string): string {
  if (ambiguous.test(text) || special.test(text) || text.includes('\n')) return doubleQuoted(text);
  return notPlain.test(text) ? `'${text.replaceAll("'", "''")}'` : text;
}

function literal(text: string, depth: number): string {
  const hint = /^[ \n]/.test(text) ? '4' : '';
  const end = text.endsWith('\n\n') || text === '\n' ? '+' : text.endsWith('\n') ? '' : '-';
  // As the real one: a line break at the very beginning is lost, because it is taken for that of the header.
  const lines = text.replace(/^\n/, '').replace(/\n$/, '').split('\n');
  const indent = '    '.repeat(depth + 1);
  return [`|${hint}${end}`, ...lines.map((line) => (line === '' ? '' : indent + line))].join('\n');
}

const names: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

function doubleQuoted(text: string): string {
  return `"${Array.from(text, (char) => (char === '"' || char === '\\' || special.test(char) || char === '\n' ? escaped(char) : char)).join('')}"`;
}

function escaped(char: string): string {
  const name = names[char];
  if (name !== undefined) return `\\${name}`;
  const code = char.codePointAt(0)!.toString(16).toUpperCase();
  if (code.length <= 2) return `\\x${code.padStart(2, '0')}`;
  return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`;
}
