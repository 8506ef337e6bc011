#!/bin/sh
# shellcheck shell=dash
# shellcheck disable=SC2086  # lists of words from parsed settings are split on purpose
# The client pod's lock and routes. Run by itself it is the init container: bounded, never fails the pod.
# The sidecar sources it and calls the same functions to put back what others remove.

DIR=${AGENT_DIR:-${0%/*}}
# shellcheck source-path=SCRIPTDIR source=agent.sh
. "$DIR/agent.sh"

MARK=0x40000000        # connection mark: "came in on eth0"
CLOSED_METRIC=9000     # the unreachable default stands always, below the tunnel's

# --- layer 1: the lock ---

# What may leave by an interface that is neither lo nor vxlan0. $1: 4 or 6.
lock_output() {
  local cidr protocol
  echo "-A VPN-K8S-OUT -o lo -j RETURN"
  echo "-A VPN-K8S-OUT -o $VXLAN -j $([ "$1" = 4 ] && echo RETURN || echo DROP)"
  echo "-A VPN-K8S-OUT -p udp -m udp --dport $VXLAN_PORT -g VPN-K8S-VXLAN-OUT"
  echo "-A VPN-K8S-OUT -m owner --uid-owner $CHARM_UID -j RETURN"
  echo "-A VPN-K8S-OUT -m connmark --mark $MARK/$MARK -m conntrack --ctdir REPLY -j RETURN"
  if [ "$1" = 4 ]; then
    # A redirected question still shows eth0 here, where it was routed to before; lock_mangle sees where it goes in the end.
    for protocol in udp tcp; do
      echo "-A VPN-K8S-OUT -d $VXLAN_GATEWAY_IP/32 -p $protocol -m $protocol --dport 53 -m conntrack --ctstate DNAT -j RETURN"
    done
  else
    echo "-A VPN-K8S-OUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j RETURN"
    echo "-A VPN-K8S-OUT -p ipv6-icmp -m icmp6 --icmpv6-type 136 -j RETURN"
    echo "-A VPN-K8S-OUT -m owner --gid-owner $AGENT_GID -p udp -m udp --dport 53 -g VPN-K8S-CLUSTER"
    echo "-A VPN-K8S-OUT -p udp -m udp --dport 53 -j REJECT --reject-with icmp6-adm-prohibited"
    echo "-A VPN-K8S-OUT -p tcp -m tcp --dport 53 -j REJECT --reject-with icmp6-adm-prohibited"
  fi
  echo "-A VPN-K8S-OUT -g VPN-K8S-CLUSTER"
  for cidr in $(of_family "$1" "$NOT_ROUTED_TO_GATEWAY_CIDRS"); do echo "-A VPN-K8S-CLUSTER -d $cidr -j RETURN"; done
}

# What may come in by eth0: answers, opened ports, VXLAN of the gateway. $1: 4 or 6.
lock_input() {
  local port protocol
  echo "-A VPN-K8S-IN -i lo -j RETURN"
  [ "$1" = 4 ] && echo "-A VPN-K8S-IN -i $VXLAN -j RETURN"
  echo "-A VPN-K8S-IN -p udp -m udp --dport $VXLAN_PORT -g VPN-K8S-VXLAN-IN"
  echo "-A VPN-K8S-IN -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN"
  if [ "$1" = 6 ]; then
    for port in 134 135 136; do echo "-A VPN-K8S-IN -p ipv6-icmp -m icmp6 --icmpv6-type $port -j RETURN"; done
  fi
  for port in $OPEN_PORTS; do
    protocol=tcp
    case $port in */udp) protocol=udp ;; esac
    echo "-A VPN-K8S-IN -i $UPLINK -p $protocol -m $protocol --dport ${port%/*} -j RETURN"
  done
  echo "-A VPN-K8S-IN -j DROP"
}

# The filter table of a family, $2 is its present text. VPN-K8S-CLUSTER and the VXLAN chains are entered with -g, so that RETURN in them
# leaves our rules altogether and the rules of others have their say; each ends in DROP.
lock_filter() {
  echo '*filter'
  for chain in OUT IN FORWARD CLUSTER VXLAN-OUT VXLAN-IN; do echo ":VPN-K8S-$chain - [0:0]"; done
  lock_output "$1"
  echo "-A VPN-K8S-CLUSTER -j DROP"
  lock_input "$1"
  echo "-A VPN-K8S-FORWARD -j DROP"
  vxlan_peers "$1"
  jump_first "$2" OUTPUT VPN-K8S-OUT
  jump_first "$2" INPUT VPN-K8S-IN
  jump_first "$2" FORWARD VPN-K8S-FORWARD
  echo COMMIT
}

# The only address that VXLAN may go to and come from; none while the gateway is not known.
vxlan_peers() {
  if [ "$1" = 4 ] && [ -n "$GATEWAY" ]; then
    echo "-A VPN-K8S-VXLAN-OUT -d $GATEWAY/32 -j RETURN"
    echo "-A VPN-K8S-VXLAN-IN -s $GATEWAY/32 -j RETURN"
  fi
  echo "-A VPN-K8S-VXLAN-OUT -j DROP"
  echo "-A VPN-K8S-VXLAN-IN -j DROP"
}

# Marks connections that came in by eth0, so that their replies and nothing else may leave by it. What is meant for the tunnel's
# network is dropped where it would leave by another interface.
lock_mangle() {
  echo '*mangle'
  echo ':VPN-K8S-MARK - [0:0]'
  echo "-A VPN-K8S-MARK -i $UPLINK -m conntrack --ctstate NEW -j CONNMARK --set-xmark $MARK/$MARK"
  jump_first "$2" PREROUTING VPN-K8S-MARK
  if [ "$1" = 4 ]; then
    echo ':VPN-K8S-POST - [0:0]'
    echo "-A VPN-K8S-POST -d $VXLAN_IP_NETWORK.0/24 ! -o $VXLAN -j DROP"
    jump_first "$2" POSTROUTING VPN-K8S-POST
  fi
  echo COMMIT
}

# Sends the workload's questions to the cluster's resolver to the gateway's instead; the charm and the sidecar are exempt.
dns_redirect() {
  local cidr protocol
  echo '*nat'
  echo ':VPN-K8S-DNS - [0:0]'
  echo ':VPN-K8S-SNAT - [0:0]'
  echo "-A VPN-K8S-DNS -o lo -j RETURN"
  echo "-A VPN-K8S-DNS -m owner --uid-owner $CHARM_UID -j RETURN"
  echo "-A VPN-K8S-DNS -m owner --gid-owner $AGENT_GID -j RETURN"
  for protocol in udp tcp; do
    for cidr in $(of_family 4 "$NOT_ROUTED_TO_GATEWAY_CIDRS") 169.254.0.0/16; do
      echo "-A VPN-K8S-DNS -d $cidr -p $protocol -m $protocol --dport 53 -j DNAT --to-destination $VXLAN_GATEWAY_IP:53"
    done
    echo "-A VPN-K8S-SNAT -o $VXLAN -d $VXLAN_GATEWAY_IP/32 -p $protocol -m $protocol --dport 53 -j MASQUERADE"
  done
  jump_first "$1" OUTPUT VPN-K8S-DNS
  jump_first "$1" POSTROUTING VPN-K8S-SNAT
  echo COMMIT
}

# Locks both families; false when a part of the configuration could not be loaded (then more is closed, never less).
apply_lock() {
  local status=0
  lock_family 4 || status=1
  [ -z "$IPT6" ] || lock_family 6 || status=1
  return $status
}

# The filter table goes first: where the kernel refuses a later table, it stands already.
lock_family() {
  local text
  text=$(firewall "$1" save)
  load_rules "$1" 'the lock' "$(lock_rules "$1" "$text")" && return 0
  load_rules "$1" 'the lock without marks and DNS' "$(lock_filter "$1" "$text")" && return 1
  say "everything but the charm's own traffic is locked: check CIDRs and ports in the settings"
  NOT_ROUTED_TO_GATEWAY_CIDRS='' OPEN_PORTS=''
  load_rules "$1" 'the closed lock' "$(lock_filter "$1" "$text")"
  return 1
}

lock_rules() {
  lock_filter "$1" "$2"
  lock_mangle "$1" "$2"
  [ "$1" = 6 ] || dns_redirect "$2"
}

# Reads the lock back, both families: our jumps first, as many rules as were loaded. Leaves the text that was seen in LOCK_NOW.
lock_stands() {
  local family text own seen=''
  [ -n "$IPT4" ] || return 1
  for family in 4 6; do
    if [ "$family" = 6 ] && [ -z "$IPT6" ]; then continue; fi
    text=$(firewall "$family" save)
    jumps_first "$text" OUTPUT VPN-K8S-OUT && jumps_first "$text" INPUT VPN-K8S-IN || return 1
    own=$(own_rules "$text")
    seen="$seen$own
"
    same_length "$own" "$(own_rules "$(lock_rules "$family" '')")" || return 1
  done
  # shellcheck disable=SC2034  # the sidecar compares it with what it saw first
  LOCK_NOW=$seen
}

# --- layer 1b: routes ---

# What is missing or wrong in the main table and the rules, as a batch for ip(8).
route_changes() {
  local family=$1 main rules hop cidr line
  main=$(ip -o "-$family" route show table main)
  rules=$(ip "-$family" rule show)
  hop=$(uplink_hop "$family")
  missing_rules "$rules" "$family"
  case $main in *"unreachable default "*"metric $CLOSED_METRIC"*) ;; *) [ "$family" = 4 ] && echo "route replace unreachable default metric $CLOSED_METRIC" ;; esac
  case $main in *"unreachable default dev lo metric 1 "*) ;; *) [ "$family" = 6 ] && echo "route replace unreachable default metric 1" ;; esac
  missing_link_routes "$family" "$main"
  for cidr in $(of_family "$family" "$NOT_ROUTED_TO_GATEWAY_CIDRS"); do
    cidr=${cidr%/32}
    case "
$main" in
    *"
$cidr "*) ;;
    *) [ -z "$hop" ] || echo "route replace $cidr $hop" ;;
    esac
  done
  echo "$main" | while IFS= read -r line; do
    case $line in
    "default "*" $VXLAN "* | "default "*"dev lo"*) ;;
    "default "*) echo "route del $(route_words "$line")" ;;
    esac
  done
}

missing_rules() {
  local address
  case $1 in *"uidrange $CHARM_UID-$CHARM_UID lookup $TABLE"*) ;; *) echo "rule add pref 70 uidrange $CHARM_UID-$CHARM_UID lookup $TABLE" ;; esac
  if [ "$2" = 4 ]; then
    case $1 in *"to $VXLAN_IP_NETWORK.0/24 lookup main"*) ;; *) echo "rule add pref 71 to $VXLAN_IP_NETWORK.0/24 lookup main" ;; esac
  fi
  for address in $(addresses "$2" $UPLINK); do
    case $1 in *"from $address lookup $TABLE"*) ;; *) echo "rule add pref 72 from $address lookup $TABLE" ;; esac
  done
}

apply_routes() {
  local family
  for family in 4 6; do
    if [ "$family" = 6 ] && [ ! -e /proc/net/if_inet6 ]; then continue; fi
    keep_uplink_routes $family
    ip_batch $family "$(route_changes $family)"
  done
}

# --- the interface ---

# A MAC that stays the same when the pod is made again, from the names of pod and namespace: the DHCP server then gives the same address.
client_mac() {
  local digest search='' word rest
  while read -r word rest; do [ "$word" = search ] && search=${rest%% *}; done </etc/resolv.conf
  digest=$(echo "$(hostname).$search" | md5sum)
  digest=${digest%"${digest#????????}"}
  word=${digest#??}
  rest=${word#??}
  echo "02:01:${digest%??????}:${word%????}:${rest%??}:${rest#??}"
}

ensure_vxlan() {
  local mtu=$VXLAN_MTU uplink=1500 local_address
  if [ ! -e /sys/class/net/$VXLAN ]; then
    read -r uplink </sys/class/net/$UPLINK/mtu
    is_number "$mtu" || mtu=$((uplink - 50))
    local_address=$(addresses 4 $UPLINK)
    run ip link add $VXLAN address "$(client_mac)" mtu "$mtu" type vxlan id "$VXLAN_ID" dev $UPLINK \
      local "${local_address%%[!0-9.]*}" dstport "$VXLAN_PORT" nolearning || return 1
  fi
  ensure_mtu
  case $(ip link show dev $VXLAN) in *[,\<]UP[,\>]*) return 0 ;; esac
  run ip link set dev $VXLAN addrgenmode none
  # The kernel itself stops sending to a gateway that answers no ARP for about half a second, also when no process of ours is left.
  run ip ntable change name arp_cache dev $VXLAN base_reachable 300 delay_probe 50 retrans 100 ucast_probes 2 mcast_probes 2
  run ip link set dev $VXLAN up
}

# Lock, routes, interface, and last the alias, which says that the lock was read back.
prepare() {
  local proven=yes
  GATEWAY=$(flood_addresses)
  pick_firewall
  lock_stands || { apply_lock && lock_stands; } || proven=no
  apply_routes
  ensure_vxlan
  if [ $proven = yes ]; then
    say "locked: nothing but the cluster, the charm and VXLAN to the gateway leaves by $UPLINK"
    set_alias "$CONFIG_HASH"
  else
    set_alias ''
    say "the lock could not be proven; the charm will not start the workload"
  fi
}

case ${0##*/} in
client_init.sh)
  if [ "${1:-}" = bounded ]; then
    load_settings "$DIR/settings.sh"
    prepare
  else
    timeout 2 sh "$0" bounded || say "the init was cut off after 2 seconds; the sidecar goes on"
  fi
  exit 0
  ;;
esac
