/** @module Puts the content of files named in arguments into the call, so that a tool can be answered elsewhere. */

import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { ToolFailure } from './backend.ts';

/** One call of a hook tool as the client sends it. */
export interface ToolCall {
  readonly tool: string;
  readonly args: readonly string[];
  readonly stdin: string;
}

/**
 * `key#file=PATH` of secrets becomes `key#base64=...`, `--file PATH` becomes `--file -` with the content as stdin.
 *
 * @param directory for relative paths: the working directory of the hook
 * @throws ToolFailure when a file cannot be read
 */
export function inlineFiles(call: ToolCall, directory: string): ToolCall {
  const secret = call.tool === 'secret-add' || call.tool === 'secret-set';
  let stdin = call.stdin;
  const args = call.args.map((arg, index) => {
    const named =
      /^--file=(?!-$)(.+)$/s.exec(arg)?.[1] ?? (call.args[index - 1] === '--file' && arg !== '-' ? arg : undefined);
    if (named !== undefined) {
      stdin = read(named, directory).toString('utf8');
      return arg.startsWith('--file=') ? '--file=-' : '-';
    }
    const [, key, path] = (secret && /^([^=]+)#file=(.*)$/s.exec(arg)) || [];
    return key !== undefined && path !== undefined ? `${key}#base64=${read(path, directory).toString('base64')}` : arg;
  });
  return { tool: call.tool, args, stdin };
}

function read(path: string, directory: string): Buffer {
  try {
    return readFileSync(isAbsolute(path) ? path : join(directory, path));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ToolFailure(1, `open ${path}: ${missing ? 'no such file or directory' : (error as Error).message}`);
  }
}
