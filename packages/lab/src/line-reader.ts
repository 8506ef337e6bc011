/** @module Cuts streams into lines. */

/** Cuts a stream of text into lines, calling back for each that is not empty; the rest waits for its end. */
export function lineReader(onLine: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  };
}
