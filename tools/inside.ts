/** @module Runs a command as the lab's node: `node tools/inside.ts npx vitest run --project lab FILE`. */

import { insideNode } from '../packages/lab/src/inside.ts';

const child = insideNode(process.argv.slice(2), { stdio: 'inherit' });
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
