/** @module The demo as the lab's node: starts the lab, tells the story, writes report and picture. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs, styleText } from 'node:util';
import { topologySvg } from '../demo/picture.ts';
import { HEADER, type Step, stepLine, summary } from '../demo/report.ts';
import { standInLines } from '../demo/stand-ins.ts';
import { type Audience, tell } from '../demo/story.ts';
import { Lab } from '../lab.ts';
import { packedCharms } from './charms.ts';
import { place } from './options.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    'no-lock': { type: 'boolean' },
    charms: { type: 'string' },
    'keep-log': { type: 'string' },
  },
});
const quiet = values.json === true;
const locked = values['no-lock'] !== true;
const PICTURE = `${values.charms ?? 'out'}/topology.svg`;

/** Shows each step as a line when it ends, and on a terminal while it goes on. */
const audience: Audience = {
  begin: (name) => {
    if (!quiet && process.stdout.isTTY) process.stdout.write(`${name} ...\r`);
  },
  step: (step: Step) => {
    if (quiet) return;
    const line = stepLine(step);
    console.log(step.leaked > 0 ? styleText('red', line) : line);
  },
};

function say(line: string): void {
  if (!quiet) console.log(line);
}

const { options, remove } = place(values['keep-log']);
process.on('SIGTERM', () => process.exit(143));
process.on('exit', remove);
say('Starting network, VPN server, Kubernetes and Juju on this machine ...');
const lab = await Lab.start({ ...options, policies: { enforce: locked } });
say(HEADER);
const standIns = await standInLines(lab.pebble);
const { report, scene } = await tell(lab, { charms: packedCharms(values.charms), locked, standIns }, audience);
mkdirSync(values.charms ?? 'out', { recursive: true });
writeFileSync(PICTURE, topologySvg(scene));
if (quiet) console.log(JSON.stringify(report));
else for (const line of ['', ...summary(report), `Picture: ${PICTURE}`]) console.log(line);
process.exit(locked && report.leaked > 0 ? 1 : 0);
