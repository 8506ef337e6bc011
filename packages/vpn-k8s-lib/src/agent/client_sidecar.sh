#!/bin/sh
# shellcheck shell=dash
# shellcheck disable=SC3045  # read -t is known to busybox ash and to bash, the two shells this runs under
# shellcheck disable=SC2086  # lists of words from parsed settings are split on purpose
# Keeps the client's route alive. One loop reads lines from one pipe: ARP replies (heartbeat), `ip monitor` (what others change),
# udhcpc (the address), dig (where the gateway is). While all is well nothing is forked.

AGENT_DIR=${0%/*}
# shellcheck source-path=SCRIPTDIR source=client_init.sh
. "$AGENT_DIR/client_init.sh"

WORK=/tmp/vpn-k8s
BEAT_LATE=130   # hundredths of a second without a reply, of one each second, before the gateway is asked again
BEAT_LOST=35    # ... and this long after having asked it is lost
CHECK_EVERY=60000
READ_EVERY=500

# --- children: each writes lines into the pipe ---

start_children() {
  alive "$MONITOR" || start_monitor
  alive "$BEAT" || start_beat
  [ -z "$ADDRESS" ] || [ "$ROUTING_METHOD" = static-vxlan ] || alive "$DHCP" || start_dhcp
}

start_monitor() {
  "$IP" -o monitor label link address route rule neigh >&3 2>/dev/null &
  MONITOR=$!
}

start_beat() {
  busybox arping -b -I $VXLAN "$VXLAN_GATEWAY_IP" >&3 2>/dev/null &
  BEAT=$!
}

# udhcpc runs a program for each event; it only tells this loop.
start_dhcp() {
  local keep=''
  [ -z "$ADDRESS" ] || keep="-r $ADDRESS"
  cat >$WORK/lease <<EOF
#!/bin/sh
echo "DHCP \$1 \$ip \${router%% *} \$mtu" >$WORK/events
EOF
  chmod 755 $WORK/lease
  busybox udhcpc -f -i $VXLAN -s $WORK/lease -t 5 -T 1 -A 1 -O mtu $keep >/dev/null 2>&1 &
  DHCP=$! DHCP_ASKED=$NOW
}

# Makes udhcpc ask again immediately. A young one has no handler for the signal yet and would die of it.
renew() {
  alive "$DHCP" && [ $((NOW - DHCP_ASKED)) -ge 50 ] || return 0
  DHCP_ASKED=$NOW
  kill -USR1 "$DHCP"
}

# Asks the gateway by ARP once; the reply comes by the pipe.
ask_gateway() {
  busybox arping -b -c 1 -w 1 -I $VXLAN "$VXLAN_GATEWAY_IP" >&3 2>/dev/null &
  now
  ASKED=$NOW
}

stop_child() { alive "$1" && kill "$1" 2>/dev/null; }

# --- where the gateway is ---

# One dig for the whole outage reads questions from a pipe; it runs with the agent's group, which the redirection exempts.
ask_dns() {
  local server=${K8S_DNS_IPS%% *}
  [ -n "$server" ] && [ -n "$GATEWAY_NAME" ] || return 0
  if ! alive "$DIG"; then
    dig -f - +noall +comments +answer +tries=1 +time=1 "@$server" <&4 >&3 2>/dev/null &
    DIG=$!
  fi
  echo "$GATEWAY_NAME. A" >&4
  DNS_BUSY=$NOW DNS_ASKED=$NOW
}

# A record: "name. 5 IN A 10.1.0.7". The first record of an answer starts a new list.
dns_record() {
  local address=${1##* }
  case $1 in *[[:space:]]A[[:space:]]*) address=${1##*[[:space:]]} ;; *) return 0 ;; esac
  case $address in *[!0-9.]*) return 0 ;; esac
  FOUND="$FOUND $address"
}

# The end of an answer: an address that is not the lost one, each for a second in turn; else the lost one at times.
dns_done() {
  local address next='' first='' here=''
  DNS_BUSY=''
  for address in $FOUND; do
    [ "$address" != "$LOST" ] || continue
    first=${first:-$address}
    [ -z "$here" ] || next=${next:-$address}
    [ "$address" != "$GATEWAY" ] || here=yes
  done
  if [ -n "$here" ] && [ $((NOW - MOVED)) -lt 100 ]; then return 0; fi
  next=${next:-$first}
  if [ -z "$next" ]; then
    case " $FOUND " in *" $LOST "*) retry_lost ;; esac
  elif [ "$next" != "$GATEWAY" ]; then
    move_to "$next"
  fi
}

# The lost address may come back (a cut that healed). Packets to a dead address are counted, so these are few.
retry_lost() {
  local since=$((NOW - OUTAGE)) gap=1500
  [ $since -gt 12000 ] || gap=500
  [ $since -gt 2000 ] || gap=100
  [ $since -gt 300 ] || gap=30
  [ $((NOW - RETRIED)) -ge $gap ] || return 0
  RETRIED=$NOW
  move_to "$LOST"
}

# Lets VXLAN go to one address and to no other: first the lock, then the interface.
move_to() {
  [ "$1" = "$GATEWAY" ] || forget_gateway
  GATEWAY=$1
  if [ "$LOCKED_TO" != "$GATEWAY" ]; then
    load_rules 4 "VXLAN to $GATEWAY only" "$(peer_rules)" && LOCKED_TO=$GATEWAY
  fi
  run bridge fdb append 00:00:00:00:00:00 dev $VXLAN dst "$GATEWAY"
  ask_gateway
  MOVED=$NOW
}

peer_rules() {
  echo '*filter'
  echo ':VPN-K8S-VXLAN-OUT - [0:0]'
  echo ':VPN-K8S-VXLAN-IN - [0:0]'
  vxlan_peers 4
  echo COMMIT
}

forget_gateway() {
  [ -z "$GATEWAY" ] || run bridge fdb del 00:00:00:00:00:00 dev $VXLAN dst "$GATEWAY"
  GATEWAY=''
}

# --- the three states: ok (default by vxlan0), late (asked, waiting), lost (default unreachable, looking for the gateway) ---

lose() {
  say "the gateway $GATEWAY does not answer: nothing leaves until it is found"
  STATE=lost OUTAGE=$NOW RETRIED=0 LOST=$GATEWAY FOUND='' DNS_BUSY=''
  run ip route del default dev $VXLAN metric $TUNNEL_METRIC
  forget_gateway
  ask_dns
}

# A reply proves the gateway; with an address the route goes back.
found() {
  local mac=${1#*\[}
  BEAT_SEEN=$NOW
  case $STATE in
  ok) return 0 ;;
  late)
    STATE=ok
    return 0
    ;;
  esac
  [ -n "$GATEWAY" ] || return 0
  if [ -z "$ADDRESS" ]; then
    alive "$DHCP" || start_dhcp
    renew
    return 0
  fi
  run ip neigh replace "$VXLAN_GATEWAY_IP" lladdr "${mac%%\]*}" nud reachable dev $VXLAN
  open_route
  STATE=ok
  say "traffic leaves by the gateway $GATEWAY, after $((NOW - OUTAGE))0 ms"
  alive "$DIG" && kill -9 "$DIG" # a dig that waits for questions hears no other signal
  stop_child "$BEAT"
  renew # the server's leases may be gone with the gateway: ask for the same address again
  start_beat
}

open_route() {
  run ip route replace default via "$VXLAN_GATEWAY_IP" dev $VXLAN metric $TUNNEL_METRIC
}

# udhcpc: "bound 172.16.0.37 172.16.0.1 1450". Another event changes nothing: an address is kept until there is a new one.
lease() {
  # shellcheck disable=SC2086
  set -- $1
  case $1 in bound | renew) ;; *) return 0 ;; esac
  case $2 in "$VXLAN_IP_NETWORK".*) ;; *) return 0 ;; esac
  if [ "$2" != "$ADDRESS" ]; then
    [ -z "$ADDRESS" ] || run ip addr del "$ADDRESS/24" dev $VXLAN
    ADDRESS=$2
    ensure_address
    [ "$STATE" != ok ] || open_route
  fi
  [ "$STATE" != lost ] || ask_gateway
}

ensure_address() {
  [ -n "$ADDRESS" ] || return 0
  case " $(addresses 4 $VXLAN | tr '\n' ' ') " in *" $ADDRESS "*) ;; *) run ip addr replace "$ADDRESS/24" dev $VXLAN ;; esac
  case $(ip route show "$VXLAN_IP_NETWORK.0/24") in *"dev $VXLAN "*) ;; *) run ip route replace "$VXLAN_IP_NETWORK.0/24" dev $VXLAN scope link src "$ADDRESS" ;; esac
}

# --- what others change ---

# Our own changes come back here too, so a check waits until it is quiet; what stops traffic is looked at immediately.
# A neighbour that failed tells, under traffic and long before the heartbeat, of a gateway that stopped answering.
noticed() {
  case $1 in
  "[NEIGH]$VXLAN_GATEWAY_IP dev $VXLAN "*FAILED*)
    if [ "$STATE" = ok ]; then
      STATE=late
      ask_gateway
    fi
    ;;
  '[NEIGH]'*) ;;
  "[ROUTE]Deleted default via $VXLAN_GATEWAY_IP dev $VXLAN "*) [ "$STATE" = lost ] || DIRTY=0 ;;
  "[LINK]Deleted "*" $VXLAN:"*) DIRTY=0 ;;
  *) DIRTY=${DIRTY:-$((NOW + 30))} ;;
  esac
}

# Puts everything back that is not as it should be, and judges the lock.
check() {
  DIRTY='' CHECKED=$NOW
  if [ ! -e /sys/class/net/$VXLAN ]; then
    say "$VXLAN is gone: making it again"
    GATEWAY='' LOST='' STATE=lost OUTAGE=$NOW RETRIED=0
  fi
  ensure_vxlan
  ensure_address
  apply_routes
  check_lock
  if [ "$STATE" != lost ]; then
    case $(ip route show default dev $VXLAN) in *"via $VXLAN_GATEWAY_IP "*) ;; *) open_route ;; esac
    case $(bridge fdb show dev $VXLAN) in *"00:00:00:00:00:00 dst $GATEWAY "*) ;; *) run bridge fdb append 00:00:00:00:00:00 dev $VXLAN dst "$GATEWAY" ;; esac
  fi
  start_children
}

# The lock as it was first proven is the measure; without it the alias goes, and it comes back with the proof.
check_lock() {
  if ! lock_stands || { [ -n "$LOCK_SEEN" ] && [ "$LOCK_NOW" != "$LOCK_SEEN" ]; }; then
    set_alias ''
    say 'the lock was changed by others: loading it again'
    apply_lock
    if ! lock_stands; then
      say 'the lock could not be proven'
      return 1
    fi
  fi
  LOCK_SEEN=$LOCK_NOW
  set_alias "$CONFIG_HASH"
}

# --- the loop ---

event() {
  now
  case $1 in
  *" reply from $VXLAN_GATEWAY_IP ["*) found "$1" ;;
  '['*) noticed "$1" ;;
  'DHCP '*) lease "${1#DHCP }" ;;
  ';; ->>HEADER'*) FOUND='' ;;
  ';; flags:'*'ANSWER: 0,'*) DNS_BUSY='' ;;
  ';; '*'timed out'* | ';; no servers'* | ';; communications error'*) DNS_BUSY='' ;;
  "$GATEWAY_NAME".*) dns_record "$1" ;;
  '') [ -z "$DNS_BUSY" ] || [ -z "$FOUND" ] || dns_done ;;
  esac
}

# Runs when the pipe is quiet, and at least every second.
tick() {
  now
  TICKED=$NOW
  case $STATE in
  ok)
    if [ $((NOW - BEAT_SEEN)) -ge $BEAT_LATE ]; then
      STATE=late
      ask_gateway
    fi
    ;;
  late) [ $((NOW - ASKED)) -lt $BEAT_LOST ] || lose ;;
  lost) search ;;
  esac
  if [ -n "$DIRTY" ] && [ "$DIRTY" -le "$NOW" ]; then check; fi
  [ $((NOW - CHECKED)) -lt $CHECK_EVERY ] || check
  [ $((NOW - SETTINGS_READ)) -lt $READ_EVERY ] || read_live_settings
  start_children
}

read_live_settings() {
  SETTINGS_READ=$NOW
  live_setting VXLAN_MTU
  ensure_mtu
}

# While lost: the DNS is asked again and again; an address that does not answer is left after a moment when it is the lost one.
search() {
  local gap
  if [ "$GATEWAY" = "$LOST" ]; then
    [ -z "$GATEWAY" ] || [ $((NOW - ASKED)) -lt 25 ] || forget_gateway
  else
    gap=100
    [ $((NOW - MOVED)) -gt 6000 ] || gap=40
    [ $((NOW - MOVED)) -gt 500 ] || gap=15
    [ $((NOW - ASKED)) -lt $gap ] || ask_gateway
  fi
  [ $((NOW - DNS_ASKED)) -ge 12 ] || return 0
  if [ -z "$DNS_BUSY" ] || [ $((NOW - DNS_BUSY)) -gt 110 ]; then ask_dns; fi
}

# Lock and routes stay: they live in the kernel.
finish() {
  say 'ending; lock and routes stay'
  for child in $BEAT $MONITOR $DHCP $DIG; do stop_child "$child"; done
  exit 0
}

start() {
  load_settings "$AGENT_DIR/settings.sh"
  mkdir -p $WORK
  rm -f $WORK/events $WORK/questions
  mkfifo $WORK/events $WORK/questions
  exec 3<>$WORK/events 4<>$WORK/questions
  trap finish TERM INT
  now
  BEAT='' MONITOR='' DHCP='' DIG='' FOUND='' DNS_BUSY='' LOCK_SEEN='' DIRTY='' LOCKED_TO=''
  STATE=lost OUTAGE=$NOW RETRIED=0 BEAT_SEEN=$NOW ASKED=$NOW CHECKED=$NOW TICKED=$NOW MOVED=$NOW DNS_ASKED=0 DHCP_ASKED=$NOW SETTINGS_READ=$NOW
  ask_dns # the answer comes while the rest is made
  prepare
  LOST=$GATEWAY
  adopt
  start_children
}

# What a former sidecar of this pod left in the kernel goes on: address, gateway, route.
adopt() {
  local word
  ADDRESS=''
  for word in $(addresses 4 $VXLAN); do ADDRESS=$word; done
  [ -n "$GATEWAY" ] && [ -n "$ADDRESS" ] || return 0
  case $(ip route show default dev $VXLAN) in *via*) STATE=late && ask_gateway ;; esac
}

start
while :; do
  case $STATE$DIRTY in ok) wait=0.5 ;; *) wait=0.05 ;; esac
  if IFS= read -r -t $wait line <&3; then
    event "$line"
    [ "$DIRTY" = 0 ] || [ $((NOW - TICKED)) -ge 50 ] || continue
  fi
  tick
done
