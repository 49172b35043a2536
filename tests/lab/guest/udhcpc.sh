#!/bin/sh
# What udhcpc does with a lease.
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
# A renewed lease changes nothing, and the address must not go away for a moment.
ip addr show dev $interface | grep -q "inet $ip/" && exit 0
ip addr flush dev $interface
ip addr add $ip/${mask:-24} dev $interface
[ -n "$router" ] && ip route replace default via ${router%% *}
echo "lab: address $ip"
