/** @module The agent's line to the controller: tries for ever, as Juju's does. */

import { connect, type Socket } from 'node:net';
import type { ControllerMessage } from './protocol.ts';

/** How to reach the controller, and who this is; written by charm-init, read by the unit agent. */
export interface AgentConfig {
  readonly controller: string;
  readonly unit: string;
  readonly password: string;
  readonly podUid: string;
}

/** Where charm-init leaves the configuration for the unit agent. */
export const CONFIG_FILE = 'template-agent.conf';

/** A connection to `host:port`; rejects when there is none within 10 s. */
export function dial(address: string): Promise<Socket> {
  const at = address.lastIndexOf(':');
  const socket = connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
  socket.setNoDelay(true);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error(`no answer from ${address} within 10 s`)), 10_000);
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

/** Runs `attempt` until it succeeds, `delayMs` between tries, saying why on stderr. */
export async function forEver<T>(what: string, delayMs: number, attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      process.stderr.write(`${what}: ${(error as Error).message}; trying again\n`);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
}

/** The first message on a socket; rejects when it closes before. */
export function firstAnswer(socket: Socket): Promise<ControllerMessage> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(JSON.parse(text.slice(0, end)) as ControllerMessage);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the controller closed the connection')));
  });
}
