/** @module Starts the lab's internet: the web server in its namespace, and the VPN server. */

import { type ChildProcess, spawn } from 'node:child_process';
import { type CommandRunner, inNamespace } from '../network/ip.ts';
import { namespacePath, namespaces } from '../network/node.ts';
import { VpnServer } from './vpn-server.ts';

/** The running internet. */
export interface Internet {
  readonly vpnServer: VpnServer;
  readonly web: ChildProcess;
}

/** Starts web and VPN server; both answer when it gives back. */
export async function startInternet(commands: CommandRunner): Promise<Internet> {
  const vpnServer = new VpnServer(commands);
  const [web] = await Promise.all([startWeb(), vpnServer.start()]);
  return { vpnServer, web };
}

async function startWeb(): Promise<ChildProcess> {
  const script = new URL('./web.ts', import.meta.url).pathname;
  const node = [process.execPath, '--conditions=source', '--disable-warning=ExperimentalWarning', script];
  const [command = '', ...args] = [...inNamespace(namespacePath(namespaces.web)), ...node];
  const web = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await new Promise((resolve, reject) => {
    web.once('message', resolve);
    web.once('exit', (code) => reject(new Error(`The lab's web server ended with ${code} before it was ready.`)));
  });
  return web;
}
