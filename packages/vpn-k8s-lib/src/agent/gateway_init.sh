#!/bin/sh
# shellcheck shell=dash
# shellcheck disable=SC2086  # lists of words from parsed settings are split on purpose
# The gateway pod's network beside the VPN program: vxlan0, the clients' own routing table (the tunnel or nothing), accepts for vxlan0.
# Run by itself it is the init container; the sidecar sources it and calls the same functions again and again.

DIR=${AGENT_DIR:-${0%/*}}
# shellcheck source-path=SCRIPTDIR source=agent.sh
. "$DIR/agent.sh"

CLIENT_TABLE=7777        # what comes from vxlan0 is looked up here and nowhere else
CLOSED_METRIC=4000000    # its last route: unreachable

# --- layer 3: the clients' table ---

# What is missing in rules and routes of a family, as a batch for ip(8).
gateway_route_changes() {
  local family=$1 rules main table hop cidr
  rules=$(ip "-$family" rule show)
  main=$(ip -o "-$family" route show table main)
  table=$(ip -o "-$family" route show table $CLIENT_TABLE 2>/dev/null)
  hop=$(uplink_hop "$family")
  case $table in *"unreachable default "*"metric $CLOSED_METRIC"*) ;; *) echo "route replace unreachable default table $CLIENT_TABLE metric $CLOSED_METRIC" ;; esac
  case $rules in *"iif $VXLAN lookup $CLIENT_TABLE"*) ;; *) echo "rule add pref 40 iif $VXLAN lookup $CLIENT_TABLE" ;; esac
  case $rules in *"uidrange $CHARM_UID-$CHARM_UID lookup $TABLE"*) ;; *) echo "rule add pref 45 uidrange $CHARM_UID-$CHARM_UID lookup $TABLE" ;; esac
  case $rules in *"lookup main suppress_prefixlength 0"*) ;; *) echo "rule add pref 50 lookup main suppress_prefixlength 0" ;; esac
  missing_link_routes "$family" "$main"
  for cidr in $(of_family "$family" "$CLUSTER_CIDRS"); do
    case "
$main" in
    *"
${cidr%/32} "*) ;;
    *) [ -z "$hop" ] || echo "route replace $cidr $hop" ;;
    esac
  done
  [ "$family" = 6 ] || tunnel_route "$table"
}

# The way into the tunnel while there is one; the kernel takes it away with the interface.
tunnel_route() {
  local flags
  flags=$(ip -o link show dev "$VPN_INTERFACE" 2>/dev/null)
  case $flags in *[,\<]UP[,\>]*) ;; *) return 0 ;; esac
  case $1 in *"default dev $VPN_INTERFACE "*) ;; *) echo "route replace default dev $VPN_INTERFACE table $CLIENT_TABLE metric $TUNNEL_METRIC" ;; esac
}

apply_gateway_routes() {
  local family
  for family in 4 6; do
    if [ "$family" = 6 ] && [ ! -e /proc/net/if_inet6 ]; then continue; fi
    keep_uplink_routes $family
    ip_batch $family "$(gateway_route_changes $family)"
  done
}

# --- accepts beside the VPN program's firewall, whose policies drop ---

gateway_filter() {
  local chain
  echo '*filter'
  for chain in IN OUT FORWARD CLIENTS; do echo ":VPN-K8S-$chain - [0:0]"; done
  if [ "$1" = 4 ]; then vxlan_services; else echo "-A VPN-K8S-IN -i $VXLAN -j DROP"; fi
  own_traffic "$1"
  if [ "$1" = 4 ]; then
    echo "-A VPN-K8S-FORWARD -i $VXLAN -o $VPN_INTERFACE -j ACCEPT"
    echo "-A VPN-K8S-FORWARD -i $VPN_INTERFACE -o $VXLAN -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT"
  fi
  echo "-A VPN-K8S-FORWARD -i $VXLAN -j DROP"
  echo "-A VPN-K8S-FORWARD -o $VXLAN -j DROP"
  client_peers "$1"
  jump_first "$2" INPUT VPN-K8S-IN
  jump_first "$2" OUTPUT VPN-K8S-OUT
  jump_first "$2" FORWARD VPN-K8S-FORWARD
  echo COMMIT
}

# What a client may ask of the gateway itself: an address, names, an echo. Control and health servers stay out of its reach.
vxlan_services() {
  echo "-A VPN-K8S-IN -i $VXLAN -p udp -m udp --dport 67 -j ACCEPT"
  echo "-A VPN-K8S-IN -i $VXLAN -d $VXLAN_GATEWAY_IP/32 -p udp -m udp --dport 53 -j ACCEPT"
  echo "-A VPN-K8S-IN -i $VXLAN -d $VXLAN_GATEWAY_IP/32 -p tcp -m tcp --dport 53 -j ACCEPT"
  echo "-A VPN-K8S-IN -i $VXLAN -d $VXLAN_GATEWAY_IP/32 -p icmp -m icmp --icmp-type 8 -j ACCEPT"
  echo "-A VPN-K8S-IN -i $VXLAN -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
  echo "-A VPN-K8S-IN -i $VXLAN -j DROP"
  echo "-A VPN-K8S-OUT -o $VXLAN -j ACCEPT"
}

# The pod's own way: VXLAN, the charm (so that it can undo itself), the cluster's resolver for the agent, opened ports.
own_traffic() {
  local cidr server protocol port
  echo "-A VPN-K8S-IN -p udp -m udp --dport $VXLAN_PORT -g VPN-K8S-CLIENTS"
  echo "-A VPN-K8S-IN -i $UPLINK -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
  for port in $OPEN_PORTS; do
    protocol=tcp
    case $port in */udp) protocol=udp ;; esac
    echo "-A VPN-K8S-IN -i $UPLINK -p $protocol -m $protocol --dport ${port%/*} -j ACCEPT"
  done
  for cidr in $(of_family "$1" "$CLUSTER_CIDRS"); do
    echo "-A VPN-K8S-OUT -d $cidr -o $UPLINK -p udp -m udp --dport $VXLAN_PORT -j ACCEPT"
  done
  echo "-A VPN-K8S-OUT -o $UPLINK -m owner --uid-owner $CHARM_UID -j ACCEPT"
  for server in $(of_family "$1" "$K8S_DNS_IPS"); do
    for protocol in udp tcp; do
      echo "-A VPN-K8S-OUT -d $server -o $UPLINK -p $protocol -m $protocol --dport 53 -j ACCEPT"
    done
  done
}

# VXLAN is taken from pods of related applications only. Settings without CLIENT_NAMES (an older charm) take it from the whole cluster.
client_peers() {
  local address
  if [ "$CLIENT_NAMES" = unset ]; then
    for address in $(of_family "$1" "$CLUSTER_CIDRS"); do echo "-A VPN-K8S-CLIENTS -s $address -j ACCEPT"; done
  else
    for address in $(of_family "$1" "$CLIENTS"); do echo "-A VPN-K8S-CLIENTS -s $address/32 -j ACCEPT"; done
  fi
  echo "-A VPN-K8S-CLIENTS -j DROP"
}

gateway_mangle() {
  echo '*mangle'
  echo ':VPN-K8S-MSS - [0:0]'
  echo "-A VPN-K8S-MSS -o $VPN_INTERFACE -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu"
  echo "-A VPN-K8S-MSS -i $VPN_INTERFACE -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu"
  jump_first "$1" FORWARD VPN-K8S-MSS
  echo COMMIT
}

# Addresses are translated where packets enter the tunnel and nowhere else: a forwarded port keeps its caller's address.
gateway_nat() {
  echo '*nat'
  echo ':VPN-K8S-NAT - [0:0]'
  echo "-A VPN-K8S-NAT -o $VPN_INTERFACE -j MASQUERADE"
  jump_first "$1" POSTROUTING VPN-K8S-NAT
  echo COMMIT
}

gateway_rules() {
  gateway_filter "$1" "$2"
  if [ "$1" = 4 ]; then
    gateway_mangle "$2"
    gateway_nat "$2"
  fi
}

# Loads what is not there as it should be; nothing is written when all is. False when the kernel refused.
ensure_firewall() {
  local family text status=0
  for family in 4 6; do
    if [ "$family" = 6 ] && [ -z "$IPT6" ]; then continue; fi
    text=$(firewall "$family" save)
    firewall_stands "$family" "$text" && continue
    load_rules "$family" 'the clients beside the VPN firewall' "$(gateway_rules "$family" "$text")" || status=1
  done
  return $status
}

firewall_stands() {
  jumps_first "$2" INPUT VPN-K8S-IN && jumps_first "$2" OUTPUT VPN-K8S-OUT && jumps_first "$2" FORWARD VPN-K8S-FORWARD || return 1
  same_length "$(own_rules "$2")" "$(own_rules "$(gateway_rules "$1" '')")"
}

# --- the interface ---

ensure_gateway_vxlan() {
  local mtu=$VXLAN_MTU uplink=1500 local_address
  if [ ! -e /sys/class/net/$VXLAN ]; then
    read -r uplink </sys/class/net/$UPLINK/mtu
    is_number "$mtu" || mtu=$((uplink - 50))
    local_address=$(addresses 4 $UPLINK)
    run ip link add $VXLAN address "$(mac_of "$VXLAN_GATEWAY_IP")" mtu "$mtu" type vxlan id "$VXLAN_ID" dev $UPLINK \
      local "${local_address%%[!0-9.]*}" dstport "$VXLAN_PORT" || return 1
  fi
  ensure_mtu
  case " $(addresses 4 $VXLAN) " in *" $VXLAN_GATEWAY_IP "*) ;; *) run ip addr replace "$VXLAN_GATEWAY_IP/24" dev $VXLAN ;; esac
  case $(ip link show dev $VXLAN) in *[,\<]UP[,\>]*) return 0 ;; esac
  run ip link set dev $VXLAN addrgenmode none
  # A client that is gone is not sent to for longer than about a second.
  run ip ntable change name arp_cache dev $VXLAN base_reachable 1000 delay_probe 100 retrans 200 ucast_probes 2 mcast_probes 2
  run ip link set dev $VXLAN up
}

# Forwarding is needed and is a setting of the pod: where it is off and cannot be switched on, the sentence says how.
ensure_forwarding() {
  local value=0
  read -r value </proc/sys/net/ipv4/ip_forward
  FORWARDING=$value
  [ "$value" = 0 ] || return 0
  if { echo 1 >/proc/sys/net/ipv4/ip_forward; } 2>/dev/null; then
    echo '[#] echo 1 >/proc/sys/net/ipv4/ip_forward'
    # shellcheck disable=SC2034  # the sidecar tells it
    FORWARDING=1
    return 0
  fi
  [ -n "$FORWARDING_SAID" ] || say "net.ipv4.ip_forward is 0 and /proc/sys cannot be written: clients have no way out." \
    "Run this container with privileged: true, or allow the sysctl net.ipv4.ip_forward to the pod"
  FORWARDING_SAID=yes
}

prepare_gateway() {
  FORWARDING_SAID=''
  pick_firewall
  apply_gateway_routes
  ensure_firewall || say 'clients may not get through: the rules beside the VPN firewall could not be loaded'
  ensure_gateway_vxlan
  ensure_forwarding
}

case ${0##*/} in
gateway_init.sh)
  load_settings "$DIR/settings.sh"
  CLIENTS=''
  prepare_gateway
  set_alias "$CONFIG_HASH starting"
  exit 0
  ;;
esac
