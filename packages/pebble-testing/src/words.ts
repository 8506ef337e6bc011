/** @module Splits a command line into words as Pebble does: shell quotes and comments, nothing else of a shell. */

/** A command line cannot be read; the message is Pebble's. */
export class CommandError extends Error {}

/**
 * Splits at spaces; single quotes keep all, double quotes and bare words know the backslash, `#` at the start of a word ends the line.
 *
 * Throws CommandError for an open quote. Example: `sh -c "sleep 1"` is `['sh', '-c', 'sleep 1']`.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line[at]!)) at++;
    else if (line[at] === '#') at = endOfLine(line, at);
    else {
      const word = readWord(line, at);
      words.push(word.text);
      at = word.end;
    }
  }
  return words;
}

/** A service's command: words, and those in `[ ... ]` at its end, which are defaults that `--args` replaces. */
export function parseCommand(line: string): string[] {
  const words = splitWords(line);
  const open = words.indexOf('[');
  const close = words.indexOf(']');
  if (open < 0 && close < 0) return words;
  if (open === 0) throw new CommandError('cannot start command with [ ... ] group');
  if (open < 0 || close < open) throw new CommandError('cannot have ] outside of [ ... ] group');
  if (words.indexOf('[', open + 1) >= 0) throw new CommandError('cannot nest [ ... ] groups');
  if (close < words.length - 1) throw new CommandError('cannot have any arguments after [ ... ] group');
  return words.filter((word) => word !== '[' && word !== ']');
}

function readWord(line: string, start: number): { text: string; end: number } {
  let text = '';
  let at = start;
  while (at < line.length && !/\s/.test(line[at]!)) {
    if (line[at] === '"' || line[at] === "'") {
      const quoted = readQuoted(line, at);
      text += quoted.text;
      at = quoted.end;
    } else {
      if (line[at] === '\\') at++;
      text += line[at] ?? '';
      at++;
    }
  }
  return { text, end: at };
}

function readQuoted(line: string, start: number): { text: string; end: number } {
  const quote = line[start]!;
  let text = '';
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] === quote) return { text, end: at + 1 };
    if (quote === '"' && line[at] === '\\') at++;
    text += line[at] ?? '';
  }
  throw new CommandError('EOF found when expecting closing quote');
}

function endOfLine(line: string, at: number): number {
  const end = line.indexOf('\n', at);
  return end < 0 ? line.length : end;
}
