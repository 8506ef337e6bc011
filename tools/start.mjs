/**
 * @module Sets the checkout up (packages, pinned Node, Debian packages) and then runs a task with the pinned Node.
 *
 * Plain JavaScript for any Node >= 18, since it runs before anything is installed. `node tools/start.mjs demo --json`
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');

/** Debian packages by the program, or the file, that tells whether they are there. */
const programs = {
  ip: 'iproute2',
  nft: 'nftables',
  iptables: 'iptables',
  // Why the file: Debian's other busybox has the same name and fewer applets.
  '/usr/share/doc/busybox-static': 'busybox-static',
  bash: 'bash',
  dig: 'bind9-dnsutils',
  dnsmasq: 'dnsmasq-base',
  inotifywait: 'inotify-tools',
  'wireguard-go': 'wireguard-go',
  wg: 'wireguard-tools',
  sysctl: 'procps',
  ping: 'iputils-ping',
  curl: 'curl',
  perl: 'perl-base',
  openssl: 'openssl',
  'qbittorrent-nox': 'qbittorrent-nox',
};
const testPrograms = { shellcheck: 'shellcheck' };
const isRoot = process.getuid?.() === 0;
/** Without root it gives the lab more than one user; the tests can do without, the demo cannot. */
const labPrograms = isRoot ? programs : { ...programs, newuidmap: 'uidmap' };
/** An unprivileged user's PATH does not have these on Debian. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/games'];

/** What each task runs and which programs it needs. */
const tasks = {
  demo: { script: 'packages/cli/src/main.ts', args: ['demo'], needs: labPrograms },
  lab: { script: 'packages/cli/src/main.ts', args: ['lab', 'up'], needs: labPrograms },
  cli: { script: 'packages/cli/src/main.ts', args: [], needs: {} },
  test: { script: 'tools/test.ts', args: [], needs: { ...programs, ...testPrograms } },
  check: { script: 'tools/check.ts', args: [], needs: {} },
  pack: { script: 'tools/pack.ts', args: [], needs: {} },
  bench: { script: 'tools/bench.ts', args: [], needs: {} },
};

main(process.argv.slice(2));

/** @param {string[]} argv */
function main([name = '', ...rest]) {
  const task = tasks[/** @type {keyof typeof tasks} */ (name)];
  if (!task) fail(`There is no task "${name}". The tasks are: ${Object.keys(tasks).join(', ')}.`);
  installPackages();
  installPrograms(task.needs);
  const env = { ...process.env, PATH: [bin, process.env.PATH, ...systemFolders].join(delimiter) };
  const node = [join(bin, 'node'), '--conditions=source', '--disable-warning=ExperimentalWarning'];
  const result = spawnSync(node[0], [...node.slice(1), join(root, task.script), ...task.args, ...rest], {
    stdio: 'inherit',
    env,
  });
  process.exit(result.status ?? 1);
}

/** Installs what package-lock.json names, when it is not what is installed. */
function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.cache', 'vpn-k8s', 'lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('Installing the npm packages of package-lock.json (about 20 s) ...');
  const result = spawnSync('npm', ['ci', '--engine-strict=false'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (result.status !== 0) fail('`npm ci` failed; its messages are above. Is the npm registry within reach?');
  if (!existsSync(join(bin, 'node')))
    fail(`No Node for ${process.platform}-${process.arch}: only Linux on x64 and arm64 is supported.`);
  mkdirSync(join(stamp, '..'), { recursive: true });
  writeFileSync(stamp, lock);
}

/** @param {Record<string, string>} needs */
function installPrograms(needs) {
  const missing = Object.entries(needs).filter(([program]) => !onPath(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, debianPackage]) => debianPackage))];
  const command = `apt-get install --no-install-recommends --yes ${packages.join(' ')}`;
  if (!isRoot || !onPath('apt-get')) {
    say(`Debian packages are missing. Install them with: sudo ${command}`);
    process.exit(1);
  }
  say(`Installing Debian packages: ${packages.join(' ')} ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  /** @param {string[]} args */
  const apt = (...args) => spawnSync('apt-get', args, { env, encoding: 'utf8' });
  apt('update');
  const result = apt('install', '--no-install-recommends', '--yes', ...packages);
  if (result.status !== 0) fail(`\`${command}\` failed:\n${result.stderr.slice(-2000)}`);
}

/** @param {string} program */
function onPath(program) {
  if (program.startsWith('/')) return existsSync(program);
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...systemFolders];
  return folders.some((folder) => folder && existsSync(join(folder, program)));
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`${text}\n`);
}

/** @param {string} text @returns {never} */
function fail(text) {
  say(text);
  process.exit(1);
}
