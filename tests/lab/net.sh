#!/bin/bash
# Open vSwitch with its userspace datapath (no kernel module needed): net.sh up | down
# One for both sites, one integration bridge each; in the default run directory,
# where libvirt's own ovs-vsctl looks.
source "$(dirname "$0")/lib.sh"
OVS=$STATE/ovs; R=/var/run/openvswitch

up() {
    local s
    mkdir -p "$OVS" $R
    [ -e "$OVS/conf.db" ] || ovsdb-tool create "$OVS/conf.db" /usr/share/openvswitch/vswitch.ovsschema
    start ovsdb ovsdb-server "$OVS/conf.db" --remote=punix:$R/db.sock --remote=ptcp:6640:127.0.0.1 \
        --remote=db:Open_vSwitch,Open_vSwitch,manager_options \
        --pidfile=$R/ovsdb-server.pid --unixctl=$R/ovsdb.ctl
    until_ok 20 ovsdb ovs-vsctl --timeout=2 --no-wait init
    # ovs_version is ovs-ctl's work elsewhere; neutron's agent wants it
    ovs-vsctl --no-wait set Open_vSwitch . \
        ovs_version="$(ovs-vswitchd --version | sed -n '1s/.* //p')" \
        external_ids:hostname=lab external_ids:system-id=lab \
        other_config:n-handler-threads=1 other_config:n-revalidator-threads=1
    start vswitchd ovs-vswitchd unix:$R/db.sock --pidfile=$R/ovs-vswitchd.pid --unixctl=$R/ovs-vswitchd.ctl
    for s in a b; do
        until_ok 20 br-$s ovs-vsctl --timeout=10 --may-exist add-br br-$s -- \
            set bridge br-$s datapath_type=netdev fail_mode=secure
    done
}

down() {
    local i
    [ -d "$OVS" ] || return 0
    alive vswitchd && ovs-appctl -t $R/ovs-vswitchd.ctl exit --cleanup || true
    stop vswitchd; stop ovsdb
    for i in ovs-netdev br-a br-b; do ip link del $i 2>/dev/null || true; done
}

"$1"
