/**
 * @module qBittorrent.conf: an INI file of Qt's kind, changed only in the keys that the charm keeps.
 *
 * Source: Qt's QSettings::IniFormat; keys as qBittorrent 4.5 and 5 write them.
 */

/** Values by section and key; a value is written as it stands, so it must be quoted where it holds `;` or `=`. */
export type ConfValues = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Path of the file under `--profile=/config`. */
export const CONF_PATH = '/config/qBittorrent/config/qBittorrent.conf';
/** The key whose absence means that no password was set yet. */
export const PASSWORD_KEY = 'WebUI\\Password_PBKDF2';

/** The value of a key, or undefined. */
export function confValue(text: string, section: string, key: string): string | undefined {
  const entry = sections(text).find(({ name }) => name === section);
  const line = entry?.lines.find((candidate) => keyOf(candidate) === key);
  return line?.slice(line.indexOf('=') + 1);
}

/**
 * The file with the given keys set and everything else as it was: order, unknown sections, unknown keys.
 * @example mergeConf('[Preferences]\nA=1\n', { Preferences: { B: '2' } }) // '[Preferences]\nA=1\nB=2\n'
 */
export function mergeConf(text: string, values: ConfValues): string {
  const found = sections(text);
  const added = Object.keys(values).filter((name) => !found.some((section) => section.name === name));
  const all = [...found, ...added.map((name) => ({ name, lines: [] }))];
  return all.map((section) => writeSection(section, values[section.name] ?? {})).join('\n');
}

interface Section {
  /** Empty for lines before the first section. */
  readonly name: string;
  readonly lines: readonly string[];
}

function sections(text: string): Section[] {
  const found: { name: string; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const head = /^\[(.*)\]\s*$/.exec(line);
    if (head) found.push({ name: head[1] as string, lines: [] });
    else if (line.trim() === '') continue;
    else if (found.length === 0) found.push({ name: '', lines: [line] });
    else found.at(-1)?.lines.push(line);
  }
  return found;
}

function writeSection({ name, lines }: Section, values: Readonly<Record<string, string>>): string {
  const kept = lines.map((line) => {
    const key = keyOf(line);
    return key !== undefined && Object.hasOwn(values, key) ? `${key}=${values[key]}` : line;
  });
  const present = new Set(lines.map(keyOf));
  const fresh = Object.entries(values).filter(([key]) => !present.has(key));
  const head = name === '' ? [] : [`[${name}]`];
  return `${[...head, ...kept, ...fresh.map(([key, value]) => `${key}=${value}`)].join('\n')}\n`;
}

function keyOf(line: string): string | undefined {
  const at = line.indexOf('=');
  return at > 0 && !line.startsWith(';') ? line.slice(0, at) : undefined;
}
