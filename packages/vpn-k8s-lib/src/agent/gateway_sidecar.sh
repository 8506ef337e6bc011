#!/bin/sh
# shellcheck shell=dash
# shellcheck disable=SC3045  # read -t is known to busybox ash and to bash, the two shells this runs under
# shellcheck disable=SC2086  # lists of words from parsed settings are split on purpose
# Serves the clients: addresses and names on vxlan0, the way into the tunnel while there is one, accepts that the VPN program's firewall may
# have swept away. One loop reads one pipe: `ip monitor` (the tunnel comes and goes), dig (clients' addresses, the tunnel's probe).

AGENT_DIR=${0%/*}
# shellcheck source-path=SCRIPTDIR source=gateway_init.sh
. "$AGENT_DIR/gateway_init.sh"

WORK=/tmp/vpn-k8s
LEASE=3600          # seconds
CHECK_EVERY=200     # hundredths of a second between looks at the firewall, which tells nobody when it changes
ASK_EVERY=100       # ... between questions for the clients' addresses
PROBE_EVERY=500     # ... between questions through the tunnel, while it is up
PROBE_LATE=200      # ... without an answer: one lost
PROBES_LOST=2

# --- children ---

start_children() {
  alive "$MONITOR" || start_monitor
  alive "$DNSMASQ" || start_dnsmasq
  [ -z "$CLUSTER_RESOLVER" ] || alive "$NAMES" || start_names
  alive "$PROBE" || start_probe
}

start_monitor() {
  "$IP" -o monitor label link route rule >&3 2>/dev/null &
  MONITOR=$!
}

# Two digs read questions from pipes as long as the sidecar lives: one asks the cluster for clients, one asks through the tunnel.
start_names() {
  dig -f - +noall +comments +answer +tries=1 +time=1 "@$CLUSTER_RESOLVER" <&4 >&3 2>/dev/null &
  NAMES=$!
}

start_probe() {
  dig -f - +noall +comments +question +tries=1 +time=2 "@$VXLAN_GATEWAY_IP" <&5 >&3 2>/dev/null &
  PROBE=$!
}

# DHCP and DNS on vxlan0 only. Names of the cluster go to the cluster, all others into the tunnel: the socket is bound to it, so that no
# route and no firewall can send them elsewhere. Without a tunnel they are refused.
start_dnsmasq() {
  local server cidr mtu=1450 names=''
  [ -e /sys/class/net/$VXLAN ] || return 0
  read -r mtu </sys/class/net/$VXLAN/mtu
  for server in $K8S_DNS_IPS; do
    names="$names --server=/$CLUSTER_DOMAIN/$server"
    for cidr in $(of_family 4 "$CLUSTER_CIDRS"); do names="$names --rev-server=$cidr,$server"; done
  done
  for server in ${TUNNEL_DNS_IPS:-127.0.0.1}; do
    case $server in
    127.*) names="$names --server=$server" ;;
    *) [ -z "$TUNNEL" ] || names="$names --server=$server@$VPN_INTERFACE" ;;
    esac
  done
  [ -s $WORK/leases ] || remember_leases >$WORK/leases
  set -- --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root --group=root --log-facility=- --no-hosts --no-resolv \
    --interface=$VXLAN --except-interface=lo --bind-interfaces --cache-size=1000 --dns-forward-max=1000 $names \
    --no-ping --dhcp-authoritative --dhcp-ignore-clid --dhcp-leasefile=$WORK/leases --dhcp-lease-max=1000 --quiet-dhcp \
    "--dhcp-range=$VXLAN_IP_NETWORK.$VXLAN_GATEWAY_FIRST_DYNAMIC_IP,$VXLAN_IP_NETWORK.254,255.255.255.0,${LEASE}s" \
    "--dhcp-option=option:router,$VXLAN_GATEWAY_IP" "--dhcp-option=option:dns-server,$VXLAN_GATEWAY_IP" "--dhcp-option=option:mtu,$mtu"
  echo "[#] dnsmasq $*"
  dnsmasq "$@" 2>$WORK/dnsmasq.log &
  DNSMASQ=$!
}

# The kernel knows the clients that were here before this container: what it remembers is not handed out again.
remember_leases() {
  local address word mac expires
  expires=$(($(date +%s) + LEASE))
  ip -4 neigh show dev $VXLAN | while read -r address word mac word; do
    case $address in "$VXLAN_IP_NETWORK".*) [ -z "$mac" ] || echo "$expires $mac $address * *" ;; esac
  done
}

restart_dnsmasq() {
  stop_child "$DNSMASQ"
  [ -z "$DNSMASQ" ] || wait "$DNSMASQ" 2>/dev/null
  start_dnsmasq
}

stop_child() { alive "$1" && kill "$1" 2>/dev/null; }

# --- clients: who may speak VXLAN to us, from the names of their applications ---

ask_for_clients() {
  local name
  ASKED=$NOW
  [ -n "$CLUSTER_RESOLVER" ] && [ "$CLIENT_NAMES" != unset ] || return 0
  for name in $CLIENT_NAMES; do echo "$name. A" >&4; done
}

# A record: "name. 5 IN A 10.1.0.7". A list belongs to the answer that its header began; an empty or missing answer changes nothing.
client_record() {
  local name=${1%%. *} address=${1##*[[:space:]]}
  name=${1%%[[:space:]]*}
  name=${name%.}
  case " $CLIENT_NAMES " in *" $name "*) ;; *) return 0 ;; esac
  case $1 in *[[:space:]]A[[:space:]]*) ;; *) return 0 ;; esac
  case $address in '' | *[!0-9.]*) return 0 ;; esac
  ANSWER="$ANSWER $name=$address"
}

# The end of an answer: its name's addresses take the place of those that were known for it.
clients_answered() {
  local pair kept='' list='' name
  [ -n "$ANSWER" ] || return 0
  name=${ANSWER%%=*}
  name=${name# }
  for pair in $KNOWN; do [ "${pair%%=*}" = "$name" ] || kept="$kept $pair"; done
  KNOWN="$kept$ANSWER"
  ANSWER=''
  list=$(for pair in $KNOWN; do echo "${pair#*=}"; done | sort -u)
  [ "$list" = "$CLIENTS" ] || admit "$list"
}

# Opens VXLAN to exactly these pods, and floods broadcasts to them: a client is found before it has spoken.
admit() {
  local address before=$CLIENTS
  CLIENTS=$1
  load_rules 4 "VXLAN from related applications" "*filter
:VPN-K8S-CLIENTS - [0:0]
$(client_peers 4)
COMMIT"
  for address in $before; do
    in_list "$address" "$CLIENTS" || run bridge fdb del 00:00:00:00:00:00 dev $VXLAN dst "$address"
  done
  for address in $CLIENTS; do
    in_list "$address" "$before" || run bridge fdb append 00:00:00:00:00:00 dev $VXLAN dst "$address"
  done
}

in_list() {
  local word
  for word in $2; do [ "$word" != "$1" ] || return 0; done
  return 1
}

# --- the tunnel ---

# The route into it, and the resolver bound to it, follow the interface; `index` tells a new one of the same name.
tunnel_changed() {
  local index=''
  read -r index 2>/dev/null <"/sys/class/net/$VPN_INTERFACE/ifindex"
  [ "$index" = "$TUNNEL" ] && return 0
  TUNNEL=$index PROBES=0 PROBE_OUT='' PROBED=0
  if [ -n "$TUNNEL" ]; then say "$VPN_INTERFACE is there: clients leave by it"; else say "$VPN_INTERFACE is gone: clients leave by nothing"; fi
  restart_dnsmasq
}

# A question that no cache can answer; any answer through the tunnel, also a refusing one, proves it.
probe() {
  PROBED=$NOW PROBE_OUT=$NOW PROBE_NUMBER=$((PROBE_NUMBER + 1))
  echo "vpn-k8s-probe-$PROBE_NUMBER-$NOW.invalid. A" >&5
}

probe_answered() {
  [ -n "$PROBE_OUT" ] || return 0
  PROBE_OUT='' PROBES=0
  [ -z "$TUNNEL" ] || TUNNEL_STATE=up
  tell
}

probe_lost() {
  PROBE_OUT='' PROBES=$((PROBES + 1)) PROBED=0
  [ $PROBES -lt $PROBES_LOST ] || TUNNEL_STATE=down
  tell
}

# The alias of vxlan0: the settings' hash and one word, which the charm reads.
tell() {
  local state=$TUNNEL_STATE
  [ -n "$TUNNEL" ] || state=no-tunnel
  [ "$FORWARDING" != 0 ] || state=no-forwarding
  [ "$FIREWALL" = ok ] || state=no-rules
  set_alias "$CONFIG_HASH $state"
}

# --- the loop ---

event() {
  now
  case $1 in
  '['*) DIRTY=yes ;;
  ';; ->>HEADER'*) ANSWER='' HEADER=$1 ;;
  ';vpn-k8s-probe-'*) case $HEADER in *'status: SERVFAIL'* | *'status: REFUSED'*) ;; *) probe_answered ;; esac ;;
  ';; '*) ;;
  '') clients_answered ;;
  *) client_record "$1" ;;
  esac
}

tick() {
  now
  TICKED=$NOW
  if [ -n "$DIRTY" ] || [ $((NOW - CHECKED)) -ge $CHECK_EVERY ]; then check; fi
  [ $((NOW - ASKED)) -lt $ASK_EVERY ] || ask_for_clients
  if [ -n "$PROBE_OUT" ]; then
    [ $((NOW - PROBE_OUT)) -lt $PROBE_LATE ] || probe_lost
  elif [ -n "$TUNNEL" ]; then
    if [ $((NOW - PROBED)) -ge $PROBE_EVERY ] || { [ "$TUNNEL_STATE" != up ] && [ $((NOW - PROBED)) -ge 50 ]; }; then probe; fi
  fi
  start_children
}

# Everything as it should be, again; clients and MTU may have changed in the settings, the rest is part of the hash.
check() {
  DIRTY='' CHECKED=$NOW
  live_setting CLIENT_NAMES
  live_setting VXLAN_MTU
  if [ ! -e /sys/class/net/$VXLAN ]; then
    say "$VXLAN is gone: making it again"
    CLIENTS=''
    stop_child "$DNSMASQ"
  fi
  ensure_gateway_vxlan
  apply_gateway_routes
  if ensure_firewall; then FIREWALL=ok; else FIREWALL=refused; fi
  ensure_forwarding
  tunnel_changed
  tell
}

# Routes, rules and the interface stay: they live in the kernel, and clients go on while a new sidecar starts.
finish() {
  say 'ending; routes and rules stay'
  for child in $MONITOR $DNSMASQ $NAMES $PROBE; do stop_child "$child"; done
  exit 0
}

start() {
  load_settings "$AGENT_DIR/settings.sh"
  mkdir -p $WORK
  rm -f $WORK/events $WORK/names $WORK/probes
  mkfifo $WORK/events $WORK/names $WORK/probes
  exec 3<>$WORK/events 4<>$WORK/names 5<>$WORK/probes
  trap finish TERM INT
  MONITOR='' DNSMASQ='' NAMES='' PROBE='' KNOWN='' ANSWER='' HEADER='' DIRTY=yes TUNNEL='' TUNNEL_STATE=starting FIREWALL=ok
  PROBE_OUT='' PROBED=0 PROBES=0 PROBE_NUMBER=0 ASKED=0 CHECKED=0 TICKED=0
  CLUSTER_RESOLVER=${K8S_DNS_IPS%% *}
  CLIENTS=$(flood_addresses)
  now
  [ -z "$CLUSTER_RESOLVER" ] || start_names
  ask_for_clients # the answers come while the rest is made
  prepare_gateway
  tick
}

start
while :; do
  if IFS= read -r -t 0.25 line <&3; then
    event "$line"
    [ $((NOW - TICKED)) -ge 25 ] || [ -n "$DIRTY" ] || continue
  fi
  tick
done
