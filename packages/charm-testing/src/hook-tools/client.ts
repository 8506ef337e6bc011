/** @module The executables that stand on PATH in a hook: one small Perl program, a link to it for each tool. */

import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolNames } from './engine.ts';

/**
 * Perl because perl-base is on every Debian and Ubuntu and starts in 2 ms without modules (Node: 30 ms). The numbers
 * are AF_UNIX and SOCK_STREAM on Linux. Stdin is read only when the tool asks for it, as jujuc does.
 */
const program = `#!/usr/bin/perl
# A Juju hook tool: sends its arguments to the agent's socket and prints the answer.
my ($tool) = $0 =~ m{([^/]+)$};
sub refuse { print STDERR "ERROR $_[0]\\n"; exit 1 }
for (qw(JUJU_CONTEXT_ID JUJU_AGENT_SOCKET_ADDRESS)) { refuse("$_ not set") unless defined $ENV{$_} }
my $stdin = '';
my $last = '';
for (@ARGV) { if ($_ eq '--file=-' || ($last eq '--file' && $_ eq '-')) { local $/; $stdin = <STDIN>; last } $last = $_ }
my $agent;
socket($agent, 1, 1, 0) && connect($agent, pack('S a*', 1, "$ENV{JUJU_AGENT_SOCKET_ADDRESS}\\0"))
  or refuse("cannot connect to $ENV{JUJU_AGENT_SOCKET_ADDRESS}: $!");
$SIG{PIPE} = 'IGNORE';
binmode $agent; binmode STDOUT; binmode STDERR;
my $call = join("\\0", $ENV{JUJU_CONTEXT_ID}, $tool, scalar(@ARGV), @ARGV) . "\\0$stdin";
for (my $sent = 0; $sent < length $call;) { $sent += syswrite($agent, $call, 65536, $sent) || last }
shutdown($agent, 1);
my $answer = do { local $/; <$agent> };
my ($code, $length, $rest) = split /\\0/, defined $answer ? $answer : '', 3;
refuse('the agent closed the connection without an answer') unless defined $rest;
print STDOUT substr($rest, 0, $length);
print STDERR substr($rest, $length);
exit $code;
`;

/** Makes `dir` hold one executable per hook tool. */
export function writeHookTools(dir: string): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'jujuc'), program, { mode: 0o755 });
  for (const name of toolNames) {
    rmSync(join(dir, name), { force: true });
    symlinkSync('jujuc', join(dir, name));
  }
}
