#!/bin/sh
# shellcheck shell=dash
# shellcheck disable=SC2034  # variables are read by the scripts that source this file
# What client and gateway share: the log, the settings, the firewall's back end, routes copied between tables.
# Runs under busybox ash and bash; is sourced, never run.

UPLINK=eth0
VXLAN=vxlan0
TABLE=7170           # eth0's routes as they were at the start: for the charm's user, and for replies from the pod's address
TUNNEL_METRIC=10     # of the default route that leads into the tunnel

# --- log: one line for each thing that is said, one `[#] command` for each change of the network ---

# iproute2's ip by its path: a busybox that prefers its own applets would run its own, which knows no `uidrange`.
for IP in /sbin/ip /usr/sbin/ip /bin/ip /usr/bin/ip ip; do [ ! -x "$IP" ] || break; done
ip() { "$IP" "$@"; }

say() { echo "vpn-k8s: $*"; }

# Runs a command that changes the network and shows it first, so that the log can be pasted into a shell.
run() {
  echo "[#] $*"
  "$@"
}

# Hundredths of a second since the machine started, without a fork.
now() {
  local up rest
  read -r up rest </proc/uptime || up=0.00
  NOW=${up%.*}${up#*.}
}

# A process that is gone or a zombie is not alive; `kill -0` cannot tell a zombie.
alive() {
  local stat
  [ -n "$1" ] && read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  stat=${stat##*) }
  [ "${stat%% *}" != Z ]
}

# --- settings: KEY="value" lines; anything else is left out with a sentence, nothing is evaluated ---

is_number() { case $1 in '' | *[!0-9]*) return 1 ;; esac }

setting() {
  case $2 in
  *[!A-Za-z0-9\ ./:_-]*)
    say "setting $1 is left out: it holds a character that is not one of A-Z a-z 0-9 space . / : _ -"
    return 0
    ;;
  esac
  case $1 in
  ROUTING_METHOD | GATEWAY_NAME | K8S_DNS_IPS | CLUSTER_DOMAIN | NOT_ROUTED_TO_GATEWAY_CIDRS | CLUSTER_CIDRS | CLIENT_NAMES | \
    VXLAN_ID | VXLAN_PORT | VXLAN_IP_NETWORK | VXLAN_GATEWAY_IP | VXLAN_GATEWAY_FIRST_DYNAMIC_IP | VXLAN_MTU | \
    VPN_INTERFACE | TUNNEL_DNS_IPS | OPEN_PORTS | CHARM_UID | AGENT_GID | CONFIG_HASH)
    eval "$1=\$2"
    ;;
  *) say "setting $(printf %.60s "$1") is not known here and left out" ;;
  esac
}

read_settings() {
  local line value
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    [A-Z]*=*)
      value=${line#*=}
      value=${value#\"}
      setting "${line%%=*}" "${value%\"}"
      ;;
    esac
  done <"$1"
}

# Reads one setting again while the agent runs: live_setting VXLAN_MTU
live_setting() {
  local line value
  [ -r "$DIR/settings.sh" ] || return 0
  while IFS= read -r line; do
    case $line in
    "$1="*)
      value=${line#*=\"}
      setting "$1" "${value%\"}"
      ;;
    esac
  done <"$DIR/settings.sh"
}

load_settings() {
  KEPT4='' KEPT6=''
  GATEWAY_NAME='' K8S_DNS_IPS='' NOT_ROUTED_TO_GATEWAY_CIDRS='' CLUSTER_CIDRS='' CLIENT_NAMES=unset
  OPEN_PORTS='' CONFIG_HASH='' VXLAN_MTU='' TUNNEL_DNS_IPS='' VXLAN_GATEWAY_IP=''
  ROUTING_METHOD=pod-gateway CLUSTER_DOMAIN=cluster.local VXLAN_ID=42 VXLAN_PORT=4790 VXLAN_IP_NETWORK=172.16.0
  VXLAN_GATEWAY_FIRST_DYNAMIC_IP=20 VPN_INTERFACE=tun0 CHARM_UID=170 AGENT_GID=65170
  if [ -r "$1" ]; then read_settings "$1"; else say "there are no settings at $1: the defaults close everything"; fi
  is_number "$VXLAN_ID" || VXLAN_ID=42
  if ! is_number "$VXLAN_PORT" || [ "$VXLAN_PORT" = 0 ]; then VXLAN_PORT=8472; fi
  is_number "$CHARM_UID" || CHARM_UID=170
  is_number "$AGENT_GID" || AGENT_GID=65170
  VXLAN_GATEWAY_IP=${VXLAN_GATEWAY_IP:-$VXLAN_IP_NETWORK.1}
}

# The words of a list that belong to family 4 or 6.
of_family() {
  local word
  for word in $2; do
    case $1$word in 4*:*) ;; 4* | 6*:*) echo "$word" ;; esac
  done
}

# 02:00 and the four bytes of an IPv4 address, e.g. 172.16.0.1 -> 02:00:ac:10:00:01.
mac_of() {
  local IFS=.
  # shellcheck disable=SC2086
  set -- $1
  printf '02:00:%02x:%02x:%02x:%02x' "$1" "$2" "$3" "$4"
}

# --- firewall: nft or legacy, as the kernel offers ---

# Sets IPT4, IPT6 (for example iptables-nft, ip6tables-nft); IPT6 is empty where the kernel has no IPv6.
pick_firewall() {
  local backend
  IPT4='' IPT6=''
  for backend in -nft -legacy ''; do
    command -v "iptables$backend-restore" >/dev/null || continue
    "iptables$backend" -w 1 -S OUTPUT >/dev/null 2>&1 || continue
    IPT4=iptables$backend
    break
  done
  [ -e /proc/net/if_inet6 ] && IPT6=ip6${IPT4#ip}
  [ -n "$IPT4" ] || say "this kernel refuses iptables in its nft and in its legacy form: no lock can be made"
}

# The back end's command of a family: firewall 4 save
firewall() {
  local family=$1 tool=$2 command=$IPT4
  [ "$family" = 6 ] && command=$IPT6
  shift 2
  [ -n "$command" ] || return 1
  "$command-$tool" "$@"
}

# Reads a table's text and says how to put our jump first in a built-in chain: removes ours where it stands, then inserts.
jump_first() {
  local line
  echo "$1" | while IFS= read -r line; do
    case $line in "-A $2 -j $3") echo "-D $2 -j $3" ;; esac
  done
  echo "-I $2 1 -j $3"
}

# Whether the first rule of a built-in chain of the filter table is our jump.
jumps_first() {
  local line table=''
  while IFS= read -r line; do
    case $table$line in
    *'*'*) table=${line#?} ;;
    "filter-A $2 -j $3") return 0 ;;
    "filter-A $2 "*) return 1 ;;
    esac
  done <<EOF
$1
EOF
  return 1
}

# Our own rules and jumps of a rule text, those of the chains that follow moving addresses left out.
own_rules() {
  local line
  while IFS= read -r line; do
    case $line in
    "-A VPN-K8S-VXLAN-"* | "-A VPN-K8S-CLIENTS"*) ;;
    "-A VPN-K8S-"* | "-A "*" -j VPN-K8S-"* | "-I "*" -j VPN-K8S-"*) echo "$line" ;;
    esac
  done <<EOF
$1
EOF
}

# Whether two texts have as many lines; the kernel writes our rules in its own words, but never more or fewer of them.
same_length() {
  local first second
  count_lines "$1"
  first=$LINES_COUNTED
  count_lines "$2"
  second=$LINES_COUNTED
  [ "$first" = "$second" ]
}

count_lines() {
  local line
  LINES_COUNTED=0
  while IFS= read -r line; do LINES_COUNTED=$((LINES_COUNTED + 1)); done <<EOF
$1
EOF
}

# Loads rules atomically and shows them; where the kernel has no REJECT the same rules drop: load_rules 4 "the lock" "*filter ..."
load_rules() {
  local family=$1 what=$2 rules=$3 reason line
  echo "[#] ip${family#4}tables-restore --noflush # $what"
  while IFS= read -r line; do echo "[#]   $line"; done <<EOF
$rules
EOF
  echo "$rules" | firewall "$family" restore --noflush 2>/dev/null && return 0
  reason=$(echo "$rules" | sed 's/-j REJECT.*/-j DROP/' | firewall "$family" restore --noflush 2>&1) && return 0
  say "the kernel refused the rules for $what (IPv$family): $reason"
  return 1
}

# --- routes ---

# A route as ip(8) prints it (-o), as words that it takes: without flags that only the kernel sets.
route_words() {
  local word words=''
  for word in $1; do
    # shellcheck disable=SC1003  # the backslash is the one that -o puts between lines
    case $word in '\' | linkdown | dead | pervasive | offload | trap | rt_*) ;; *) words="$words $word" ;; esac
  done
  echo "${words# }"
}

# Runs ip(8) for each line of a batch, in one process, and shows the lines.
ip_batch() {
  local family=$1 line
  [ -n "$2" ] || return 0
  while IFS= read -r line; do [ -z "$line" ] || echo "[#] ip -$family $line"; done <<EOF
$2
EOF
  echo "$2" | ip "-$family" -force -batch -
}

# Keeps eth0's routes as they were at the start in a table of their own. The kernel holds them when we are gone, we hold them (in KEPT4 and
# KEPT6, as a batch for ip) when the interface goes down for a moment and the kernel forgets them.
keep_uplink_routes() {
  local kept table state=up
  table=$(ip -o "-$1" route show table $TABLE 2>/dev/null)
  read -r state 2>/dev/null <"/sys/class/net/$UPLINK/operstate"
  eval "kept=\$KEPT$1"
  if [ -z "$table" ]; then
    [ "$state" != down ] || return 0
    ip_batch "$1" "${kept:-$(uplink_routes "$(ip -o "-$1" route show table main dev $UPLINK 2>/dev/null)")}"
    table=$(ip -o "-$1" route show table $TABLE 2>/dev/null)
  elif [ -n "$kept" ] && [ "$kept" != "$(uplink_routes "$table")" ]; then
    ip_batch "$1" "$kept"
  fi
  eval "KEPT$1=\${KEPT$1:-\$(uplink_routes \"\$table\")}"
}

# Routes by eth0 as ip(8) shows them, as a batch that puts them into the table: those by a gateway last, as it must be reachable first.
uplink_routes() {
  local line words late=''
  while IFS= read -r line; do
    words=$(route_words "$line")
    words=${words%" dev $UPLINK"}
    case $words in
    '' | unreachable* | fe80* | multicast*) ;;
    *via*) late="${late}route replace $words dev $UPLINK table $TABLE
" ;;
    *) echo "route replace $words dev $UPLINK table $TABLE" ;;
    esac
  done <<EOF
$1
EOF
  printf %s "$late"
}

# The kept routes that are not defaults and are missing in the main table, whose text is $2.
missing_link_routes() {
  local kept line
  eval "kept=\$KEPT$1"
  while IFS= read -r line; do
    line=${line#route replace }
    case $line in '' | default*) continue ;; esac
    case "
$2" in
    *"
${line%% *} "*) ;;
    *) echo "route replace ${line% table *}" ;;
    esac
  done <<EOF
$kept
EOF
}

# The CNI's own gateway of a family, from the kept table: "via 169.254.1.1 dev eth0", or nothing.
uplink_hop() {
  local word last='' hop=''
  for word in $(ip "-$1" route show table $TABLE default 2>/dev/null); do
    [ "$last" = via ] && [ -z "$hop" ] && hop=$word
    last=$word
  done
  [ -n "$hop" ] && echo "via $hop dev $UPLINK"
}

# The addresses of an interface: addresses 4 eth0
addresses() {
  local word last=''
  for word in $(ip -o "-$1" addr show dev "$2" scope global 2>/dev/null); do
    case $last in inet | inet6) echo "${word%/*}" ;; esac
    last=$word
  done
}

# The addresses that vxlan0 sends unknown and broadcast frames to: the kernel remembers them when a container of ours starts again.
flood_addresses() {
  local line
  bridge fdb show dev $VXLAN 2>/dev/null | while read -r line; do
    case $line in 00:00:00:00:00:00\ dst\ *) line=${line#* dst }; echo "${line%% *}" ;; esac
  done
}

# The MTU that the settings ask for, also on an interface that is there already; it is no part of the hash.
ensure_mtu() {
  local current=''
  is_number "$VXLAN_MTU" || return 0
  read -r current 2>/dev/null <"/sys/class/net/$VXLAN/mtu"
  [ -z "$current" ] || [ "$current" = "$VXLAN_MTU" ] || run ip link set dev "$VXLAN" mtu "$VXLAN_MTU"
}

# The alias of vxlan0 is what others read of us; an empty text takes it away.
set_alias() {
  local current=''
  [ -e "/sys/class/net/$VXLAN" ] || return 0
  read -r current 2>/dev/null <"/sys/class/net/$VXLAN/ifalias"
  [ "$current" = "$1" ] || run ip link set dev "$VXLAN" alias "$1"
}
