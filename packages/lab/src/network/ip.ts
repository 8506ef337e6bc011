/** @module Runs ip(8), nft(8) and their like, and echoes every command so that it can be pasted. */

import { execFile, spawnSync } from 'node:child_process';

/** A command that ended with an error: its words, its exit code and what it printed. */
export class CommandFailed extends Error {
  readonly argv: readonly string[];
  readonly code: number | null;
  readonly stderr: string;

  constructor(argv: readonly string[], code: number | null, stderr: string) {
    super(`\`${argv.join(' ')}\` ended with ${code}: ${stderr.trim() || '(no output)'}`);
    this.name = 'CommandFailed';
    this.argv = argv;
    this.code = code;
    this.stderr = stderr;
  }
}

/** Where the echo of commands goes; the lab puts its log here. */
export type Echo = (line: string) => void;

/** Commands in the lab's own network namespace and in others', each echoed as `[#] ip link ...`. */
export class CommandRunner {
  readonly #echo: Echo;

  constructor(echo: Echo = () => {}) {
    this.#echo = echo;
  }

  /** Runs one command and gives back what it printed. @throws CommandFailed */
  run(argv: readonly string[], input?: string): string {
    this.#echo(`[#] ${argv.join(' ')}${input ? ` <<< ${JSON.stringify(input.slice(0, 2000))}` : ''}`);
    const [command, ...args] = argv;
    const result = spawnSync(command as string, args, { input, encoding: 'utf8', maxBuffer: 1 << 26 });
    if (result.error) throw new CommandFailed(argv, null, result.error.message);
    if (result.status !== 0) throw new CommandFailed(argv, result.status, result.stderr);
    return result.stdout;
  }

  /** Runs commands given as lines, in one shell that stops at the first that fails. @throws CommandFailed */
  lines(text: string, prefix: readonly string[] = []): void {
    const commands = text.split('\n').filter((line) => line.trim() !== '');
    for (const line of commands) this.#echo(`[#] ${[...prefix, line.trim()].join(' ')}`);
    const argv = [...prefix, 'sh', '-e'];
    const [command, ...args] = argv;
    const result = spawnSync(command as string, args, { input: commands.join('\n'), encoding: 'utf8' });
    if (result.error) throw new CommandFailed(argv, null, result.error.message);
    if (result.status !== 0) throw new CommandFailed(argv, result.status, `${result.stderr}${text}`);
  }

  /** The same without blocking the lab's event loop, for reads that are repeated (counters). */
  read(argv: readonly string[]): Promise<string> {
    const [command, ...args] = argv;
    return new Promise((resolve, reject) => {
      execFile(command as string, args, { encoding: 'utf8', maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        if (error) reject(new CommandFailed(argv, typeof error.code === 'number' ? error.code : null, stderr));
        else resolve(stdout);
      });
    });
  }
}

/** The words that put a command into the named network namespace, leaving /sys alone (`ip netns exec` remounts it). */
export function inNamespace(netns: string): string[] {
  return ['nsenter', `--net=${netns}`];
}
