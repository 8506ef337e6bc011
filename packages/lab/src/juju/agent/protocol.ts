/** @module What agents and the controller say to each other: JSON lines over TCP, one kind of object per line. */

import type { Socket } from 'node:net';
import type { ToolAnswer } from '@vpn-k8s/charm-testing';
import { lineReader } from '../../line-reader.ts';
import type { HookInfo } from '../uniter/hook.ts';

/** A resource as the agent puts it into the unit's directory. */
export interface AgentResource {
  readonly path: string;
  readonly base64: string;
}

/** From an agent. */
export type AgentMessage =
  | {
      readonly type: 'introduce';
      readonly application: string;
      readonly password: string;
      readonly pod: string;
      readonly uid: string;
    }
  | { readonly type: 'download'; readonly unit: string; readonly password: string }
  | {
      readonly type: 'connect';
      readonly unit: string;
      readonly password: string;
      readonly uid: string;
      /** Another one after each start of the agent. */
      readonly process: string;
      /** `KUBERNETES_*` of the pod, copied into hooks. */
      readonly kubernetes: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'call';
      readonly id: number;
      readonly tool: string;
      readonly args: readonly string[];
      readonly stdin: string;
    }
  | {
      readonly type: 'ended';
      readonly exit: number;
      readonly killed: boolean;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly type: 'workload'; readonly event: HookInfo }
  | { readonly type: 'shutdown' }
  | { readonly type: 'log'; readonly level: string; readonly line: string };

/** From the controller. */
export type ControllerMessage =
  | { readonly type: 'introduced'; readonly unit: string }
  | {
      readonly type: 'welcome';
      readonly charm: string;
      readonly containers: readonly string[];
      readonly resources: readonly AgentResource[];
      readonly pebblePollMs: number;
    }
  | { readonly type: 'refused'; readonly why: string }
  | { readonly type: 'run'; readonly env: Readonly<Record<string, string>>; readonly isAction: boolean }
  | { readonly type: 'answer'; readonly id: number; readonly answer: ToolAnswer }
  /** Nothing is left to do in this pod. */
  | { readonly type: 'exit' };

/** Sends one message. */
export function say(socket: Socket, message: AgentMessage | ControllerMessage): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
}

/** Calls `heard` for each message that arrives. A line that is no JSON ends the connection. */
export function hear<T extends AgentMessage | ControllerMessage>(socket: Socket, heard: (message: T) => void): void {
  const read = lineReader((line) => {
    try {
      heard(JSON.parse(line) as T);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
  socket.setEncoding('utf8');
  socket.on('data', read);
}
