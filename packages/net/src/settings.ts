/** @module The agent's settings.sh: lines of KEY="value" that a shell may source. */
import { Refusal } from './refusal.ts';

/** Settings by name; a value is empty or made of letters, digits, blanks and `. / : _ -`. */
export type Settings = Readonly<Record<string, string>>;

const KEY = /^[A-Z][A-Z0-9_]*$/;
const VALUE = /^[A-Za-z0-9 ./:_-]*$/;

/**
 * The text of a settings file, one line per setting in the given order. This is the last gate before a privileged shell:
 * whatever parser let a value through, a character that the shell could act on stops here.
 * @throws Refusal
 * @example settingsText({ VXLAN_ID: '42' }) // 'VXLAN_ID="42"\n'
 */
export function settingsText(settings: Settings): string {
  return Object.entries(settings)
    .map(([key, value]) => {
      if (!KEY.test(key)) throw new Refusal(key, 'is not the name of a setting: capitals, digits and _');
      if (!VALUE.test(value))
        throw new Refusal(value, `is not taken for ${key}: letters, digits, blanks and . / : _ -`);
      return `${key}="${value}"\n`;
    })
    .join('');
}

/** Reads a settings file back; lines of any other form are left out. */
export function parseSettings(text: string): Record<string, string> {
  const lines = text.matchAll(/^([A-Z][A-Z0-9_]*)="([A-Za-z0-9 ./:_-]*)"$/gm);
  return Object.fromEntries([...lines].map(([, key, value]) => [key as string, value as string]));
}
