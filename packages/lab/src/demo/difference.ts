/** @module Where two texts part, for a message. */

const AROUND = 200;

/** The first place where they differ, with what stands there in each. */
export function difference(before: string, after: string): string {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at++;
  const cut = (text: string) => text.slice(Math.max(0, at - 60), at + AROUND);
  return `At ${at}: ...${cut(before)}... became ...${cut(after)}...`;
}
