#!/usr/bin/perl
# Starts one container, or one more process in a running one, and waits for it. The lab's runc and containerd-shim.
#
# It reads steps, one a line: a word and its arguments, percent-encoded, blank between them (see steps.ts). Steps before
# `fork` happen here, the others in the child, which ends by `exec`. Reports go to file descriptor 3 when there is one:
#   started PID | exited CODE SIGNAL | failed SENTENCE
# Perl, because it is on every Debian machine (perl-base), starts in 2 ms (POSIX would cost 10 more) and can still drop
# capabilities after pivot_root, when no program of the node is in sight any more.
use strict;
use warnings;
use Config;

my %number = $Config{archname} =~ /x86_64/
  ? (mount => 165, umount2 => 166, pivot_root => 155, unshare => 272, setns => 308, sethostname => 170, prctl => 157,
     setresuid => 117, clock_gettime => 228, exit_group => 231, setresgid => 119, setgroups => 116)
  : (mount => 40, umount2 => 39, pivot_root => 41, unshare => 97, setns => 268, sethostname => 161, prctl => 167,
     setresuid => 147, clock_gettime => 113, exit_group => 94, setresgid => 149, setgroups => 159);
$number{mount_setattr} = 442;

use constant { NEWNS => 0x20000, NEWUTS => 0x4000000, NEWIPC => 0x8000000, NEWPID => 0x20000000 };
use constant { MS_NOSUID => 2, MS_NODEV => 4, MS_NOEXEC => 8, MS_BIND => 4096, MS_REC => 16384, MS_PRIVATE => 1 << 18 };
use constant { MNT_DETACH => 2, AT_FDCWD => -100, AT_RECURSIVE => 0x8000, MOUNT_ATTR_RDONLY => 1 };
use constant { F_SETFD => 2, FD_CLOEXEC => 1, EINTR => 4 };
use constant { PR_SET_PDEATHSIG => 1, PR_CAPBSET_DROP => 24, PR_SET_NO_NEW_PRIVS => 38 };

my $report;
open($report, '>&=', 3) or $report = undef;
if ($report) { fcntl($report, F_SETFD, FD_CLOEXEC); my $before = select $report; $| = 1; select $before }

my $whole_user_map;
if (open(my $map, '<', '/proc/self/uid_map')) { local $_ = <$map>; $whole_user_map = /^\s*0\s+0\s+4294967295/ }

sub fail { my ($what) = @_; die "$what: " . lcfirst("$!") . "\n" }
sub call { my ($name, @arguments) = @_; my $result = syscall($number{$name}, @arguments); $result < 0 ? undef : 1 }

# exit(2) without END blocks and buffers, which belong to the parent.
sub leave_at_once { syscall($number{exit_group}, 0 + $_[0]) }

sub mount {
  my ($source, $target, $type, $flags, $data) = @_;
  call('mount', "$source", "$target", "$type", 0 + $flags, "$data") or fail("mount $type $source on $target");
}

sub read_only {
  my ($target) = @_;
  my $attributes = pack('QQQQ', MOUNT_ATTR_RDONLY, 0, 0, 0);
  call('mount_setattr', AT_FDCWD, "$target", AT_RECURSIVE, $attributes, 32) or fail("read-only $target");
}

# Directories of a user whom this namespace does not map cannot be written, not even in a layer: the layer gets directories
# of its own, which the kernel merges with those below.
sub own_directories {
  my ($lower, $upper, $depth) = @_;
  return if $depth == 0;
  for my $name (names_in($lower)) {
    next if -l "$lower/$name" || !-d _;
    my $mode = (stat _)[2] & 07777;
    mkdir "$upper/$name", $mode or next;
    chmod $mode, "$upper/$name";
    own_directories("$lower/$name", "$upper/$name", $depth - 1);
  }
}

# A private layer over a directory. False where the kernel refuses, e.g. in a user namespace when something is mounted below.
sub overlay {
  my ($lower, $target, $work) = @_;
  mkdir $_, 0755 for $work, "$work/upper", "$work/work";
  own_directories($lower, "$work/upper", 2) unless $whole_user_map;
  my $options = "lowerdir=$lower,upperdir=$work/upper,workdir=$work/work" . ($whole_user_map ? '' : ',userxattr');
  return call('mount', 'overlay', "$target", 'overlay', 0, "$options");
}

# A root from layers over the directories of `/`, for user namespaces.
sub assemble {
  my ($work) = @_;
  mount("$work/root", "$work/root", '', MS_BIND, '');
  layers('', "$work/root", $work, grep { !/^(proc|sys|dev|run|tmp|mnt|media|boot|root|lost\+found)$/ } names_in('/'));
  return 1;
}

sub names_in { opendir(my $handle, $_[0]) or return; return grep { !/^\.\.?$/ } readdir $handle }

# Entries of a directory: a layer for each directory. One that cannot have a layer because something is mounted below it, as
# container engines do with files of /etc, is made from layers itself; below that it is bound read-only.
sub layers {
  my ($from, $to, $work, @names) = @_;
  for my $name (@names) {
    my ($source, $target) = ("$from/$name", "$to/$name");
    if (-l $source) { symlink readlink($source), $target }
    elsif (-d _) {
      mkdir $target, 0755;
      next if overlay($source, $target, "$work/$name");
      if ($from eq '') { layers($source, $target, "$work/$name", names_in($source)) }
      else { read_only($target) if call('mount', "$source", "$target", '', MS_BIND | MS_REC, '') }
    }
    elsif (-f _ && -r _) { copy($source, $target) }
  }
}

sub copy {
  my ($source, $target) = @_;
  open(my $in, '<', $source) && open(my $out, '>', $target) or return;
  while (sysread($in, my $chunk, 1 << 20)) { syswrite($out, $chunk) }
  chmod((stat $source)[2] & 07777, $target);
}

sub make_directory {
  my ($path) = @_;
  my $made = '';
  for my $part (grep { length } split m{/}, $path) {
    $made .= "/$part";
    mkdir($made, 0755) or -d $made or fail("mkdir $made");
  }
}

sub enter {
  my ($path) = @_;
  open(my $handle, '<', $path) or fail("open $path");
  call('setns', fileno($handle), 0) or fail("setns $path");
}

my (%environment, @spaces, %log);

my %step;
%step = (
  log => sub { @log{qw(path limit)} = @_ },
  netns => sub { enter($_[0]) },
  join => sub {
    for my $kind (qw(pid ipc uts net mnt)) {
      open(my $handle, '<', "/proc/$_[0]/ns/$kind") or fail("open /proc/$_[0]/ns/$kind");
      push @spaces, $handle;
    }
    call('setns', fileno($spaces[0]), NEWPID) or fail('setns pid');
  },
  joined => sub { call('setns', fileno($_), 0) or fail('setns') for @spaces[1 .. $#spaces]; chdir '/' },
  pidspace => sub { call('unshare', NEWPID) or fail('unshare pid') },
  spaces => sub {
    call('unshare', NEWNS | NEWUTS | NEWIPC) or fail('unshare');
    mount('none', '/', '', MS_REC | MS_PRIVATE, '');
  },
  hostname => sub { call('sethostname', "$_[0]", length $_[0]) or fail("sethostname $_[0]") },
  root => sub {
    my ($lower, $work) = @_;
    mount('tmpfs', $work, 'tmpfs', 0, 'mode=755');
    mkdir("$work/root", 0755) or fail("mkdir $work/root");
    overlay($lower, "$work/root", "$work/whole") or $lower eq '/' && assemble($work) or fail("overlay of $lower");
    make_directory("$work/root/.node");
    call('pivot_root', "$work/root", "$work/root/.node") or fail("pivot_root $work/root");
    chdir '/' or fail('chdir /');
  },
  leave => sub { call('umount2', '/.node', MNT_DETACH) or fail('umount /.node'); rmdir '/.node' },
  mkdir => sub { make_directory($_[0]); chmod(oct $_[1], $_[0]) if defined $_[1] },
  tmpfs => sub { make_directory($_[0]); mount('tmpfs', $_[0], 'tmpfs', MS_NOSUID, $_[1]) },
  proc => sub { make_directory('/proc'); mount('proc', '/proc', 'proc', MS_NOSUID | MS_NODEV | MS_NOEXEC, '') },
  sysfs => sub {
    make_directory('/sys');
    mount('sysfs', '/sys', 'sysfs', MS_NOSUID | MS_NODEV | MS_NOEXEC, '');
    read_only('/sys') if $_[0] eq 'ro';
  },
  devpts => sub {
    make_directory('/dev/pts');
    mount('devpts', '/dev/pts', 'devpts', MS_NOSUID | MS_NOEXEC, 'newinstance,ptmxmode=0666,mode=0620');
  },
  symlink => sub { symlink($_[0], $_[1]) or fail("symlink $_[1]") },
  bind => sub {
    my ($source, $target, $mode) = @_;
    $source = "/.node$source" if -d '/.node';
    stat($source) or fail("bind $target: $source");
    if (-d _) { make_directory($target) }
    elsif (!-e $target) {
      (my $parent = $target) =~ s{/[^/]*$}{};
      make_directory($parent);
      unlink $target if -l $target;
      open(my $touch, '>', $target) or fail("create $target");
    }
    mount($source, $target, '', MS_BIND | MS_REC, '');
    read_only($target) if $mode eq 'ro';
  },
  lock => sub {
    my $attributes = pack('QQQQ', MOUNT_ATTR_RDONLY, 0, 0, 0);
    call('mount_setattr', AT_FDCWD, "$_[0]", 0, $attributes, 32) or fail("read-only $_[0]");
  },
  devices => sub {
    for my $path (grep { (-c $_ || -b _) && !m{/(tty\d|ttyS|pty|vcs|ram|loop|ptmx)} } glob('/.node/dev/* /.node/dev/net/*')) {
      (my $target = $path) =~ s{^/\.node}{};
      $step{bind}->($target, $target, 'rw') unless -e $target;
    }
  },
  readonly => sub { mount($_[0], $_[0], '', MS_BIND | MS_REC, ''); read_only($_[0]) },
  write => sub {
    my ($path, $text) = @_;
    open(my $file, '>', $path) or fail("open $path");
    (syswrite($file, $text) // -1) == length $text or fail("write $path");
  },
  env => sub { $environment{ $_[0] } = $_[1] },
  cwd => sub { make_directory($_[0]); chdir $_[0] or fail("chdir $_[0]") },
  nonewprivs => sub { call('prctl', PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or fail('no_new_privs') },
  keepcaps => sub {
    my %keep = map { $_ => 1 } @_;
    for my $capability (0 .. 63) {
      next if $keep{$capability};
      last unless call('prctl', PR_CAPBSET_DROP, $capability, 0, 0, 0);
    }
  },
  user => sub {
    my ($user, $group, @groups) = map { 0 + $_ } @_;
    chown($user, $group, *STDOUT, *STDERR) if $log{path};
    call('setgroups', scalar @groups, pack('L*', @groups)) or fail("setgroups @groups");
    call('setresgid', $group, $group, $group) or fail("setgid $group");
    call('setresuid', $user, $user, $user) or fail("setuid $user");
  },
  exec => sub {
    my ($program, @arguments) = @_;
    call('prctl', PR_SET_PDEATHSIG, 9, 0, 0, 0) or fail('prctl');
    delete local $SIG{PIPE};
    %ENV = %environment;
    no warnings 'exec';
    exec { $program } $program, @arguments;
    my $reason = lcfirst "$!";
    die $program =~ m{/} ? "exec: \"$program\": stat $program: $reason\n"
      : "exec: \"$program\": executable file not found in \$PATH\n";
  },
);

sub run {
  my (@lines) = @_;
  for my $line (@lines) {
    my ($name, @arguments) = map { s/%([0-9A-F]{2})/chr hex $1/ger } split / /, $line, -1;
    ($step{$name} // die "unknown step $name\n")->(@arguments);
  }
}

# The wall clock as a struct timespec: Time::HiRes is not in perl-base.
sub clock { my $time = "\0" x 16; syscall($number{clock_gettime}, 0, $time); return $time }

# One line of output as CRI log files have it: time, stream, F (full line), text.
sub log_line {
  my ($stream, $text) = @_;
  my ($seconds, $nanoseconds) = unpack('qq', clock());
  my ($second, $minute, $hour, $day, $month, $year) = gmtime $seconds;
  my @date = ($year + 1900, $month + 1, $day, $hour, $minute, $second, $nanoseconds / 1e6);
  my $stamp = sprintf '%04d-%02d-%02dT%02d:%02d:%02d.%03dZ', @date;
  if (-s $log{handle} > $log{limit}) {
    rename $log{path}, "$log{path}.old";
    open($log{handle}, '>>', $log{path}) or return;
  }
  syswrite($log{handle}, "$stamp $stream F $text\n");
}

sub copy_output {
  my (%reader) = @_;
  my %rest = (stdout => '', stderr => '');
  while (%reader) {
    my $bits = '';
    vec($bits, fileno $_, 1) = 1 for values %reader;
    next if select($bits, undef, undef, undef) < 1;
    for my $stream (grep { vec($bits, fileno $reader{$_}, 1) } keys %reader) {
      my $count = sysread($reader{$stream}, my $chunk, 65536);
      $rest{$stream} .= $chunk if $count;
      log_line($stream, $1) while $rest{$stream} =~ s/^([^\n]*)\n//;
      next if $count;
      log_line($stream, $rest{$stream}) if length $rest{$stream};
      delete $reader{$stream};
    }
  }
}

open(my $file, '<', $ARGV[0]) or fail("open $ARGV[0]");
chomp(my @lines = <$file>);
close $file;
unlink $ARGV[0] if @ARGV > 1;
my ($fork) = grep { $lines[$_] eq 'fork' } 0 .. $#lines;

eval {
  run(@lines[0 .. $fork - 1]);
  my (%reader, %writer);
  if ($log{path}) {
    open($log{handle}, '>>', $log{path}) or fail("open $log{path}");
    pipe($reader{$_}, $writer{$_}) or fail('pipe') for qw(stdout stderr);
  }
  pipe(my $outcome, my $failure) or fail('pipe');
  my $child = fork() // fail('fork');
  if ($child == 0) {
    if ($log{path}) {
      open(STDOUT, '>&', $writer{stdout}) or fail('dup');
      open(STDERR, '>&', $writer{stderr}) or fail('dup');
    }
    eval { run(@lines[$fork + 1 .. $#lines]) };
    syswrite($failure, $@);
    leave_at_once(128);
  }
  close $_ for $failure, values %writer;
  $SIG{$_} = sub { kill $_[0], $child } for qw(TERM INT HUP USR1 USR2);
  my $reason = do { local $/; <$outcome> };
  die $reason if length $reason;
  print $report "started $child\n" if $report;
  copy_output(%reader);
  while (waitpid($child, 0) < 0 && $! == EINTR) { }
  my ($code, $signal) = ($? >> 8, $? & 127);
  print $report "exited $code $signal\n" if $report;
  leave_at_once($signal ? 128 + $signal : $code);
};
my $sentence = $@ || "ended early\n";
if ($report) { print $report "failed $sentence" } else { print STDERR $sentence }
leave_at_once(126);
