/** @module What the toolbox image holds: the tools of ghcr.io/angelnu/pod-gateway (Alpine), taken from Debian packages, and no more. */

/** The Debian packages that the image is made of; all but bash are looked for by the lab's set-up. */
export const debianPackages = [
  'busybox-static',
  'bash',
  'iproute2',
  'iptables',
  'bind9-dnsutils',
  'dnsmasq-base',
  'inotify-tools',
] as const;

/** Programs by their path in the image; the first path that exists on this machine is copied, with the libraries it loads. */
export const programs: Readonly<Record<string, readonly string[]>> = {
  '/bin/busybox': ['/bin/busybox', '/usr/bin/busybox'],
  '/bin/bash': ['/bin/bash', '/usr/bin/bash'],
  '/sbin/ip': ['/bin/ip', '/sbin/ip', '/usr/bin/ip'],
  '/sbin/bridge': ['/sbin/bridge', '/usr/sbin/bridge'],
  '/sbin/xtables-nft-multi': ['/usr/sbin/xtables-nft-multi'],
  '/sbin/xtables-legacy-multi': ['/usr/sbin/xtables-legacy-multi'],
  '/usr/bin/dig': ['/usr/bin/dig'],
  '/usr/sbin/dnsmasq': ['/usr/sbin/dnsmasq'],
  '/usr/bin/inotifywait': ['/usr/bin/inotifywait'],
};

/** Applets that are linked: those of Alpine's busybox that scripts use. `ip`, `bash` and `nslookup` are not busybox's in the real image either. */
export const applets = (
  'arping ash awk basename cat chmod chown clear cp cut date dd df dirname du echo egrep env expr false fgrep find free grep head hostname id ' +
  'ifconfig kill killall ln ls md5sum mkdir mkfifo mktemp mount mv nc netstat nohup nproc od pgrep pidof ping ping6 pkill printf ps pwd ' +
  'readlink realpath rm rmdir route sed seq sh sha256sum sleep sort stat tail tee test timeout top touch tr traceroute true tty udhcpc uname ' +
  'umount uniq uptime usleep vi wc wget which whoami xargs yes'
).split(' ');

/** Names under which one of the two xtables programs is called. */
export function xtablesLinks(): [link: string, target: string][] {
  const links: [string, string][] = [];
  for (const family of ['iptables', 'ip6tables']) {
    for (const tool of ['', '-save', '-restore']) {
      links.push([`/sbin/${family}${tool}`, 'xtables-nft-multi']);
      links.push([`/sbin/${family}-nft${tool}`, 'xtables-nft-multi']);
      links.push([`/sbin/${family}-legacy${tool}`, 'xtables-legacy-multi']);
    }
  }
  return links;
}

/** Small files that a container needs; resolv.conf and hosts are mounted over by whoever runs it. */
export const files: Readonly<Record<string, string>> = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/ash\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n',
  '/etc/group': 'root:x:0:root\nnobody:x:65534:\n',
  '/etc/resolv.conf': '',
  '/etc/hosts': '127.0.0.1 localhost\n',
  '/etc/hostname': 'toolbox\n',
};

/** Directories that are mounted over or written to. */
export const directories = [
  '/proc',
  '/sys',
  '/dev',
  '/tmp',
  '/run',
  '/var/run',
  '/var/lock',
  '/root',
  '/config',
  '/default_config',
];
