#!/usr/bin/env node
/** @module The command `vpn-k8s`: its table of subcommands. */

import { Command } from '@commander-js/extra-typings';
import { demo } from './demo.ts';
import { labDown, labExec, labFault, labLeaks, labStatus, labUp } from './lab.ts';

const program = new Command('vpn-k8s')
  .description('Juju charms whose download clients leave only through a VPN gateway charm')
  .showHelpAfterError('(vpn-k8s --help lists what there is)');

program
  .command('demo')
  .description('deploy, relate, break and remove everything in the lab, and count what leaks')
  .option('--json', 'print one JSON object instead of the story')
  .option('--no-lock', "run without the pods' lock and without the policy engine, to see that the count works")
  .option('--keep-log <folder>', "keep the lab's log and every container's log in a folder")
  .action(demo);

const lab = program.command('lab').description('the whole system on this machine');
lab.command('up').description('deploy and relate both charms, and stay up until Ctrl-C').action(labUp);
lab
  .command('exec')
  .description("run a command in a unit's pod, e.g. vpn-k8s lab exec qbittorrent/0 -- ip route")
  .argument('<unit>', 'a unit, e.g. qbittorrent/0')
  .argument('<command...>', 'the command and its arguments, after --')
  .option('-c, --container <name>', "the container (the agent's sidecar by default)")
  .action((unit, command, options) => labExec(unit, command, options.container));
lab.command('status').description('what `juju status --relations` would say').action(labStatus);
lab.command('leaks').description('packets that went past the node outside the tunnel').action(labLeaks);
lab
  .command('fault')
  .description('break something: vpn-server-down, vpn-server-up, delete-pod, policies-off, policies-on')
  .argument('<name>', 'the fault')
  .argument('[target]', 'a pod, for delete-pod, e.g. gluetun-0')
  .action(labFault);
lab.command('down').description('end the running lab').action(labDown);

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
