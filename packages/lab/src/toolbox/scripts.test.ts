/** @module The agent's scripts as text: shellcheck, both shells' parsers, and no tool that the real image does not have. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildToolbox, installedVersions, MissingPackages } from './build.ts';
import { applets } from './contents.ts';

const SCRIPTS = fileURLToPath(new URL('../../../vpn-k8s-lib/src/agent/', import.meta.url));
const names = readdirSync(SCRIPTS).filter((name) => name.endsWith('.sh'));
const source = (name: string) => readFileSync(join(SCRIPTS, name), 'utf8');

/** Commands of the real image that are not busybox's. */
const TOOLS = ['bridge', 'busybox', 'dig', 'dnsmasq', 'ip'];
const has = (program: string) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;

describe.each(names)('%s', (name) => {
  test.skipIf(!has('shellcheck'))('passes shellcheck', () => {
    const { stdout } = spawnSync('shellcheck', ['-x', join(SCRIPTS, name)], { encoding: 'utf8', cwd: SCRIPTS });
    expect(stdout).toBe('');
  });

  test.skipIf(!has('busybox')).each([[['busybox', 'ash']], [['bash']]])('is read by %s', ([shell, ...args]) => {
    execFileSync(shell as string, [...args, '-n', join(SCRIPTS, name)], { stdio: 'pipe' });
  });

  test('is short enough to be read', () => {
    expect(source(name).split('\n').length).toBeLessThan(400);
  });

  test.skipIf(!has('busybox'))('uses no applet that the real image has not', () => {
    const known = execFileSync('busybox', ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
    const used = known.filter((applet) => commandsOf(source(name)).has(applet));
    expect(used.filter((applet) => !applets.includes(applet) && !TOOLS.includes(applet))).toEqual([]);
  });

  test('writes nowhere but to /tmp and /proc', () => {
    const targets = [...source(name).matchAll(/(?<![<&=\\>-])>{1,2}\s*("?[^\s&;|)]+)/g)].map(
      (match) => match[1] as string,
    );
    const files = targets.filter(
      (target) => !/^"?(\/dev\/null|\/tmp\/|\/proc\/sys\/net\/ipv4\/ip_forward|\$WORK\/)/.test(target),
    );
    expect(files).toEqual([]);
  });
});

/** Words that stand where a command stands. */
function commandsOf(text: string): Set<string> {
  const code = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n');
  const places =
    /(?:^|[|;&({!]|\$\(|\b(?:then|do|else|run|if|while|exec|busybox|timeout \d+)\s)\s*([a-z][a-z0-9_-]*)(?=\s|$|\))/gm;
  return new Set([...code.matchAll(places)].map((match) => match[1] as string));
}

describe('the toolbox image', () => {
  let root: string;
  const missing = spawnSync('dpkg-query', ['-W', 'busybox-static'], { stdio: 'ignore' }).status !== 0;

  beforeAll(async () => {
    if (!missing) root = await buildToolbox();
  });

  test.skipIf(missing)('is built once for each set of versions', async () => {
    const { mtimeMs } = lstatSync(root);
    expect(await buildToolbox()).toBe(root);
    expect(lstatSync(root).mtimeMs).toBe(mtimeMs);
  });

  test.skipIf(missing)('has the tools of the real one and not the machine’s others', () => {
    const all = ['bin', 'sbin', 'usr/bin', 'usr/sbin'].flatMap((folder) =>
      existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [],
    );
    expect(all).toEqual(
      expect.arrayContaining([
        ...TOOLS,
        'bash',
        'busybox',
        'inotifywait',
        'udhcpc',
        'arping',
        'ip6tables-nft-restore',
        'iptables-legacy-save',
      ]),
    );
    expect(all.filter((name) => ['nft', 'tcpdump', 'curl', 'perl', 'conntrack', 'ss', 'tc'].includes(name))).toEqual(
      [],
    );
  });

  test('names the packages that are missing, with the command to run', () => {
    expect(() => installedVersions(['bash', 'vpn-k8s-no-such-package'])).toThrow(MissingPackages);
    expect(() => installedVersions(['vpn-k8s-no-such-package'])).toThrow(
      /apt-get install --no-install-recommends vpn-k8s-no-such-package/,
    );
  });
});
