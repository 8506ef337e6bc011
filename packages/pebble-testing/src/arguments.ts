/** @module The command line and environment of `pebble run`. */

/** How this Pebble shall run. */
export interface RunOptions {
  /** $PEBBLE: where layers are and, unless $PEBBLE_SOCKET says otherwise, the socket. */
  readonly dir: string;
  readonly socket: string;
  readonly createDirs: boolean;
  readonly hold: boolean;
  readonly verbose: boolean;
  readonly http?: { readonly host?: string; readonly port: number };
  readonly identities?: string;
}

/** Reads arguments and environment; throws Error with a sentence for what is not understood. */
export function readArguments(argv: readonly string[], env: NodeJS.ProcessEnv): RunOptions {
  const [command, ...rest] = argv;
  if (command !== 'run')
    throw new Error(`This Pebble is a stand-in and only knows the command run, not ${JSON.stringify(command ?? '')}`);
  const options = readOptions(rest);
  const dir = env.PEBBLE || '/var/lib/pebble/default';
  const http = options.get('--http');
  const identities = options.get('--identities');
  return {
    dir,
    socket: env.PEBBLE_SOCKET || `${dir}/.pebble.socket`,
    createDirs: options.has('--create-dirs'),
    hold: options.has('--hold'),
    verbose: options.has('--verbose') || env.PEBBLE_VERBOSE === '1',
    ...(http === undefined ? {} : { http: readAddress(http) }),
    ...(identities === undefined ? {} : { identities }),
  };
}

const flags = new Set(['--create-dirs', '--hold', '--verbose']);
const valued = new Set(['--http', '--identities']);

function readOptions(argv: readonly string[]): Map<string, string> {
  const options = new Map<string, string>();
  for (let at = 0; at < argv.length; at++) {
    const [name, inline] = split(argv[at] === '-v' ? '--verbose' : argv[at]!);
    if (flags.has(name)) options.set(name, '');
    else if (!valued.has(name)) {
      throw new Error(`unknown flag ${JSON.stringify(name)}; this stand-in knows ${[...flags, ...valued].join(', ')}`);
    } else {
      const value = inline ?? argv[++at];
      if (value === undefined) throw new Error(`expected argument for flag ${JSON.stringify(name)}`);
      options.set(name, value);
    }
  }
  return options;
}

function split(argument: string): [string, string | undefined] {
  const at = argument.indexOf('=');
  return at < 0 ? [argument, undefined] : [argument.slice(0, at), argument.slice(at + 1)];
}

function readAddress(address: string): { host?: string; port: number } {
  const match = /^(.*):(\d+)$/.exec(address);
  if (match === null)
    throw new Error(`cannot listen on ${JSON.stringify(address)}: expected "<address>:port", for example ":4000"`);
  const host = match[1]!.replace(/^\[(.*)\]$/, '$1');
  return { ...(host === '' ? {} : { host }), port: Number(match[2]) };
}
