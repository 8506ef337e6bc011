/** @module A command's end of the console. */

import { connect } from 'node:net';
import { lineReader } from '../line-reader.ts';
import { type Answer, type Request, socketPath } from './wire.ts';

/** Where a command's output goes. */
export interface Output {
  stdout(text: string): void;
  stderr(text: string): void;
}

/**
 * Sends a request to this user's running lab and gives back its exit code.
 * @throws Error with the command that starts a lab when none is running
 */
export function askLab(request: Request, output: Output, path = socketPath()): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('error', () => reject(new Error('No lab is running. Start one with: npm run lab')));
    socket.on(
      'data',
      lineReader((line) => {
        const message = JSON.parse(line) as Answer;
        if (message.kind === 'end') resolve(message.code);
        else output[message.kind](message.text);
      }),
    );
    socket.on('close', () => reject(new Error('The lab ended before it answered.')));
  });
}
