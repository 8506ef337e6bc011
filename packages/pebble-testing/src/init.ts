/** @module Being PID 1 of a container: a shell takes that place, because it reaps orphans and Node cannot. */
import { accessSync, constants } from 'node:fs';

/** Every POSIX shell waits for any child, so that orphans that come to PID 1 go; signals reach the program, its exit code is ours. */
const script = `
"$@" &
child=$!
trap 'kill -TERM $child' TERM
trap 'kill -INT $child' INT
trap 'kill -QUIT $child' QUIT
while :; do
  wait $child
  code=$?
  kill -0 $child 2>/dev/null || exit $code
done
`;

/**
 * As PID 1, replaces this process by a shell that starts it again as a child; otherwise does nothing.
 *
 * Without a shell in the container it goes on as PID 1 and says that orphans will stay as zombies.
 */
export function leavePid1(say: (message: string) => void): void {
  if (process.pid !== 1) return;
  try {
    accessSync('/bin/sh', constants.X_OK);
  } catch {
    say('There is no /bin/sh here: orphaned processes of services will stay as zombies');
    return;
  }
  process.execve!(
    '/bin/sh',
    ['pebble-init', '-c', script, 'pebble', process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    process.env as Record<string, string>,
  );
}
