/** @module The container agent as one program: `init` in charm-init, `unit` in the charm container. */

import { introduce } from './init.ts';
import { runUnit } from './unit.ts';

const [command, ...rest] = process.argv.slice(2);
const flags = new Map<string, string>();
for (let n = 0; n < rest.length; n += 2) flags.set(rest[n] ?? '', rest[n + 1] ?? '');

if (command === 'init') await introduce(flags);
else if (command === 'unit') await runUnit(flags);
else {
  process.stderr.write(
    `containeragent: unknown command ${JSON.stringify(command ?? '').slice(0, 60)}, this stand-in knows init and unit\n`,
  );
  process.exitCode = 2;
}
