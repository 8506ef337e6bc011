/** @module Texts as Go's yaml.v3 writes them: plain where it can, else single quotes, literal for several lines, double quotes for the rest. */

/** Texts that Go's YAML would read as something else than a text: null, booleans of YAML 1.1 and 1.2, numbers, times. */
const ambiguous = new RegExp(
  `^(?:${[
    '|~|null|Null|NULL',
    ...['true', 'false', 'yes', 'no', 'on', 'off'].map(
      (word) => `${word}|${word[0]!.toUpperCase()}${word.slice(1)}|${word.toUpperCase()}`,
    ),
    'y|Y|n|N',
    '[-+]?(?:\\.inf|\\.Inf|\\.INF)|\\.nan|\\.NaN|\\.NAN',
    '[-+]?(?:\\.\\d+|\\d+(?:\\.\\d*)?)(?:[eE][-+]?\\d+)?',
    '[-+]?0x[\\da-fA-F]+|[-+]?0o[0-7]+|[-+]?0b[01]+',
    '\\d{4}-\\d\\d?-\\d\\d?(?:[Tt\\s].*)?',
    '[-+]?\\d+(?::[0-5]?\\d)+(?:\\.\\d*)?',
  ].join('|')})$`,
);
/** What yaml.v3 does not count as printable. */
const special = /[^\t\n\r\x20-\x7e\x85\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]|\r|\t|\x85/u;
const notPlain = /^[-?:](?:[ \t]|$)|^[,[\]{}#&*!|>'"%@`]|^(?:---|\.\.\.)|:(?:[ \t]|$)|[ \t]#|^ | $/;

/** One text as a value at this depth; several lines are indented by four spaces more. */
export function writeText(text: string, depth: number): string {
  if (text.includes('\n') && !special.test(text.replaceAll('\t', '')) && !/ \n| $/.test(text))
    return literal(text, depth);
  return writeKey(text);
}

/** One text in one line, as a key or a value. */
export function writeKey(text: string): string {
  if (isAmbiguous(text) || special.test(text) || text.includes('\n')) return doubleQuoted(text);
  return notPlain.test(text) ? `'${text.replaceAll("'", "''")}'` : text;
}

function isAmbiguous(text: string): boolean {
  // Why: Go leaves underscores out before it looks for a number, wherever they are.
  return ambiguous.test(text) || (/^[-+.\d]/.test(text) && ambiguous.test(text.replaceAll('_', '')));
}

function literal(text: string, depth: number): string {
  const hint = /^[ \n]/.test(text) ? '4' : '';
  const end = text.endsWith('\n\n') || text === '\n' ? '+' : text.endsWith('\n') ? '' : '-';
  // As the real one: a line break at the very beginning is lost, because it is taken for that of the header.
  const lines = text.replace(/^\n/, '').replace(/\n$/, '').split('\n');
  const indent = '    '.repeat(depth + 1);
  if (text === '\n') return `|${hint}${end}`;
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
