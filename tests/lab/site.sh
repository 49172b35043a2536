#!/bin/bash
# One OpenStack site: site.sh a|b up | down | VERB DAEMON
# Keystone, Glance, Placement, Nova, Neutron, Cinder with backup, an object store.
source "$(dirname "$0")/lib.sh"
S=$1
case $S in a) P=1 ;; b) P=2 ;; *) refuse "site a or b" ;; esac
KEYSTONE=${P}5000 GLANCE=${P}9292 PLACEMENT=${P}8778 NOVA=${P}8774 NEUTRON=${P}9696 CINDER=${P}8776 OBJECTS=${P}8080
MEMCACHED_PORT=${P}1211
REGION=site-$S
SITE=$STATE/site-$S
LIBVIRT=$(libvirt_uri "$S")
ETC=$SITE/etc
MQ=rabbit://$S:$PASSWORD@127.0.0.1:$RABBIT_PORT/$S
export OS_KEYSTONE_CONFIG_DIR=$ETC/keystone OS_PLACEMENT_CONFIG_DIR=$ETC/placement \
    OS_NOVA_CONFIG_DIR=$ETC/nova \
    OS_NEUTRON_CONFIG_DIR=$ETC/neutron OS_NEUTRON_CONFIG_FILES='neutron.conf;ml2.ini' \
    OS_CLIENT_CONFIG_FILE=$STATE/clouds.yaml
source "$HERE/configs.sh"

wsgi() { # NAME PORT MODULE PROCESSES [PYARGV]
    # http-socket closes after each reply without saying so; clients would reuse the dead connection
    start "$1-$S" uwsgi --http-socket 127.0.0.1:"$2" --module "$3:application" --master --lazy-apps --need-app \
        --processes "$4" --threads 1 --enable-threads --die-on-term --buffer-size 65535 \
        --post-buffering 1048576 --listen 100 --add-header "Connection: close" \
        --thunder-lock --hook-master-start "unix_signal:15 gracefully_kill_them_all" --disable-logging \
        --worker-reload-mercy 5 --set start-time="$(date +%s)" ${5:+--pyargv "$5"}
}

# A libvirtd of its own for each site, in a private mount and host name
# namespace. Sites cannot share one: a new nova-compute that sees any domain at
# all refuses to start ("My hypervisor has existing instances, but I appear to
# be a new service in this database").
libvirtd_in_namespace() {
    local d=$SITE/libvirt
    mkdir -p /run/libvirt /var/cache/libvirt /var/log/libvirt
    start "libvirtd-$S" unshare --mount --uts --propagation private sh -c "
        hostname compute-$S
        mount --bind $d/etc /etc/libvirt && mount --bind $d/lib /var/lib/libvirt &&
        mount --bind $d/run /run/libvirt && mount --bind $d/cache /var/cache/libvirt &&
        mount --bind $d/log /var/log/libvirt &&
        exec libvirtd --config $d/etc/libvirtd.conf --pid-file $d/run/libvirtd.pid"
}

launch() { # DAEMON
    local neutron="--config-file $ETC/neutron/neutron.conf"
    case $1 in
    # one per site: two keystones in one memcached would read each other's users
    memcached) start "memcached-$S" memcached -u nobody -l 127.0.0.1 -p $MEMCACHED_PORT -m 64 ;;
    libvirtd) libvirtd_in_namespace ;;
    keystone) wsgi keystone $KEYSTONE keystone.wsgi.api 2 ;;
    glance) start "glance-$S" glance-api --config-file "$ETC/glance/glance-api.conf" ;;
    placement) wsgi placement $PLACEMENT placement.wsgi.api 1 ;;
    nova-api) wsgi nova-api $NOVA nova.wsgi.osapi_compute 2 ;;
    nova-*) start "$1-$S" "$1" --config-file "$ETC/nova/nova.conf" ;;
    neutron) wsgi neutron $NEUTRON neutron.wsgi.api 1 ;;
    neutron-rpc) start "$1-$S" neutron-rpc-server $neutron --config-file "$ETC/neutron/ml2.ini" ;;
    neutron-*) start "$1-$S" "$1-agent" $neutron --config-file "$ETC/neutron/agents.ini" ;;
    cinder-api) wsgi cinder-api $CINDER cinder.wsgi.api 2 "--config-file $ETC/cinder/cinder.conf" ;;
    cinder-*) start "$1-$S" "$1" --config-file "$ETC/cinder/cinder.conf" ;;
    radosgw) start "radosgw-$S" radosgw -c "$ETC/radosgw/ceph.conf" -f -n "client.rgw.$S" ;;
    *) refuse "no such daemon: $1" ;;
    esac
}

databases() {
    local n
    for n in keystone glance placement nova_api nova nova_cell0 neutron cinder; do
        echo "create database if not exists ${n}_$S character set utf8mb3;"
    done | sql
    sql -e "create user if not exists lab@'127.0.0.1' identified by '$PASSWORD';
        grant all on *.* to lab@'127.0.0.1'"
}

once() { # NAME CMD...: run CMD the first time only, logging its output
    local mark=$SITE/done.$1; shift
    [ -e "$mark" ] && return 0
    if "$@" >>"$LOG/setup-$S.log" 2>&1; then touch "$mark"; else
        say "failed: $* (see $LOG/setup-$S.log)"
        return 1
    fi
}

nova_schema() {
    local manage="nova-manage --config-file $ETC/nova/nova.conf"
    $manage api_db sync
    $manage cell_v2 map_cell0 --database_connection "$(db nova_cell0)"
    $manage db sync
    $manage cell_v2 list_cells | grep -q ' cell1 ' || $manage cell_v2 create_cell --name cell1
}

schemas() { # two lanes, for two cores
    (
        once db-nova nova_schema
        once db-placement placement-manage --config-file "$ETC/placement/placement.conf" db sync
    ) &
    local lane=$!
    once objects objects_zone
    once db-glance glance-manage --config-file "$ETC/glance/glance-api.conf" db_sync
    once db-cinder cinder-manage --config-file "$ETC/cinder/cinder.conf" db sync
    once db-neutron neutron-db-manage --config-file "$ETC/neutron/neutron.conf" \
        --config-file "$ETC/neutron/ml2.ini" upgrade heads
    wait $lane
}

libvirt_up() {
    local d=$SITE/libvirt
    if [ ! -e "$d/etc/ready" ]; then
        mkdir -p "$d"/{etc,lib,run,cache,log}
        cp -a /etc/libvirt/. "$d/etc/"; rm -rf "$d"/etc/qemu/* "$d"/etc/nwfilter
        write "$d/etc/qemu.conf" <<C
user = "root"
group = "root"
dynamic_ownership = 0
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
C
        write "$d/etc/libvirtd.conf" <<C
unix_sock_rw_perms = "0700"
auth_unix_ro = "none"
auth_unix_rw = "none"
log_outputs = "2:stderr"
C
        touch "$d/etc/ready"
    fi
    launch libvirtd
    until_ok 30 libvirtd virsh -c "$LIBVIRT" version
}

# A realm of its own for each site, or both would serve the same containers.
objects_zone() {
    local admin="radosgw-admin -c $ETC/radosgw/ceph.conf -n client.rgw.$S"
    local here="--rgw-realm=$S --rgw-zonegroup=$S --rgw-zone=$S"
    $admin realm create --rgw-realm="$S"
    $admin zonegroup create $here --master
    $admin zone create $here --master
    $admin period update --commit $here
}

keystone_up() {
    local url=http://127.0.0.1:$KEYSTONE/v3 as_root="--keystone-user root --keystone-group root"
    local manage="keystone-manage --config-file $ETC/keystone/keystone.conf"
    once db-keystone $manage db_sync
    once fernet $manage fernet_setup $as_root
    once credential $manage credential_setup $as_root
    once bootstrap $manage bootstrap --bootstrap-password $PASSWORD --bootstrap-region-id "$REGION" \
        --bootstrap-public-url $url --bootstrap-internal-url $url --bootstrap-admin-url $url
    launch keystone
}

apis_up() {
    local api
    until_ok 60 keystone http_up http://127.0.0.1:$KEYSTONE/v3
    once catalog-with-objects "$VENV/bin/python" "$HERE/catalog.py" "$REGION" "$PASSWORD" \
        image=http://127.0.0.1:$GLANCE placement=http://127.0.0.1:$PLACEMENT \
        compute=http://127.0.0.1:$NOVA/v2.1 network=http://127.0.0.1:$NEUTRON \
        block-storage="http://127.0.0.1:$CINDER/v3/%(project_id)s" \
        object-store="http://127.0.0.1:$OBJECTS/swift/v1/AUTH_%(project_id)s"
    for api in glance placement nova-api neutron neutron-rpc cinder-api \
        cinder-scheduler cinder-volume cinder-backup nova-conductor nova-scheduler radosgw; do
        launch $api
    done
    for api in $GLANCE $PLACEMENT $NOVA $NEUTRON $CINDER $OBJECTS; do
        until_ok 60 "port $api" http_up http://127.0.0.1:$api/
    done
}

site_up() {
    mkdir -p "$ETC"/{keystone,glance,placement,nova,neutron,cinder,radosgw} \
        "$SITE"/{locks,images,instances,nova,cinder,neutron}
    configs; databases; clouds_yaml
    launch memcached
    libvirt_up
    keystone_up
    schemas
    apis_up
    # These call neutron-rpc and nova-conductor first thing; a call made before those listen is lost,
    # and costs its whole timeout (60 s for the DHCP agent).
    until_ok 60 rpc queue_served "$S" q-plugin q-reports-plugin conductor
    launch neutron-openvswitch; launch neutron-dhcp; launch nova-compute
    "$VENV/bin/python" "$HERE/ready.py" "$REGION" "$PASSWORD"
    once cells nova-manage --config-file "$ETC/nova/nova.conf" cell_v2 discover_hosts --by-service
}

site_down() {
    local n f
    [ -d "$SITE" ] || return 0
    # guests first: their librbd clients would hang without Ceph
    for n in $(virsh -c "$LIBVIRT" list --name 2>/dev/null || true); do
        virsh -q -c "$LIBVIRT" destroy "$n" >/dev/null || true
    done
    for n in nova-compute nova-scheduler nova-conductor cinder-backup cinder-volume cinder-scheduler cinder-api \
        neutron-dhcp neutron-openvswitch neutron-rpc neutron nova-api placement glance radosgw keystone libvirtd memcached; do
        stop "$n-$S" 8 &
    done
    wait
    # what the DHCP agent leaves behind
    for f in "$SITE"/neutron/dhcp/*/; do
        [ -d "$f" ] || continue
        [ -s "$f/pid" ] && grep -qs dnsmasq "/proc/$(cat "$f/pid")/comm" && kill "$(cat "$f/pid")"
        ip netns delete "qdhcp-$(basename "$f")" 2>/dev/null || true
    done
}

case $2 in
up) site_up ;;
down) site_down ;;
start) launch "$3" ;;
stop) stop "$3-$S" 8 ;;
kill) signal KILL "$3-$S" ;;
pause) signal STOP "$3-$S" ;;
resume) signal CONT "$3-$S" ;;
esac
