#!/bin/bash
# Daemons that both sites share, MariaDB, RabbitMQ, Ceph: infra.sh up | down | VERB DAEMON
source "$(dirname "$0")/lib.sh"

launch() { # DAEMON
    local d=$STATE
    case $1 in
    mysql) start mysql mariadbd --no-defaults --user=mysql --datadir="$d/mysql/data" --socket="$MYSQL_SOCKET" \
        --pid-file="$d/mysql/mysql.pid" --bind-address=127.0.0.1 --port=$MYSQL_PORT --max-connections=2000 \
        --innodb-buffer-pool-size=256M --innodb-flush-log-at-trx-commit=2 --skip-name-resolve \
        --character-set-server=utf8mb3 --collation-server=utf8mb3_general_ci ;;
    # RabbitMQ would start it as a daemon that outlives everything
    epmd) start epmd env ERL_EPMD_PORT=14369 ERL_EPMD_ADDRESS=127.0.0.1 epmd ;;
    rabbit) (rabbit_env; start rabbit setpriv --reuid=rabbitmq --regid=rabbitmq --clear-groups \
        /usr/lib/rabbitmq/bin/rabbitmq-server) ;;
    ceph-mon | ceph-mgr) start "$1" "$1" -c "$CEPH_CONF" -f -i a ;;
    ceph-osd) start ceph-osd ceph-osd -c "$CEPH_CONF" -f -i 0 ;;
    *) refuse "no such daemon: $1" ;;
    esac
}

mysql_up() {
    local d=$STATE/mysql
    if [ ! -d "$d/data/mysql" ]; then
        mkdir -p "$d"; chown mysql:mysql "$d"
        mariadb-install-db --no-defaults --user=mysql --datadir="$d/data" \
            --auth-root-authentication-method=socket --skip-test-db >"$LOG/mysql-install.log" 2>&1
    fi
    chmod 755 "$LAB_ROOT" "$STATE" "$d"
    launch mysql
    until_ok 30 mariadb sql -e 'select 1'
}

rabbit_up() {
    local d=$STATE/rabbit site vhosts
    mkdir -p "$d/mnesia" "$d/log"
    printf '' >"$d/rabbitmq-env.conf"; echo '[].' >"$d/plugins"
    write "$d/rabbitmq.conf" <<C
listeners.tcp.1 = 127.0.0.1:$RABBIT_PORT
loopback_users = none
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 200MB
log.file.level = warning
C
    chown -R rabbitmq:rabbitmq "$d"
    launch epmd; launch rabbit
    until_ok 60 rabbitmq port_open $RABBIT_PORT
    rabbitctl await_startup --timeout 60 >/dev/null
    vhosts=$(rabbitctl -q list_vhosts)
    for site in a b; do
        grep -qx "$site" <<<"$vhosts" && continue
        rabbitctl -q add_vhost $site
        rabbitctl -q add_user $site $PASSWORD
        rabbitctl -q set_permissions -p $site $site '.*' '.*' '.*'
    done
}

ceph_conf() {
    local d=$STATE/ceph
    mkdir -p "$d"/{mon,mgr,osd,run}
    [ -s "$d/fsid" ] || cat /proc/sys/kernel/random/uuid >"$d/fsid"
    write "$d/ceph.conf" <<C
[global]
fsid = $(cat "$d/fsid")
mon_initial_members = a
mon_host = [v2:127.0.0.1:13300,v1:127.0.0.1:16789]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_ipv6 = false
# no keys: loopback only, and libvirt then needs no secret
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_allow_pool_delete = true
mon_warn_on_pool_no_redundancy = false
auth_allow_insecure_global_id_reclaim = false
mon_data_avail_warn = 2
mon_data_avail_crit = 1
mgr_initial_modules =
admin_socket = $d/run/\$cluster-\$name.\$pid.asok
log_file = $LOG/ceph-\$type.log
debug_default = 0
[mon.a]
mon_data = $d/mon/a
[mgr.a]
mgr_data = $d/mgr/a
[osd.0]
osd_data = $d/osd/0
osd_objectstore = bluestore
# a sparse plain file: no device needed
bluestore_block_size = 32212254720
bluestore_block_create = true
osd_memory_target = 1073741824
bluestore_cache_autotune = true
C
}

mon_made() {
    local d=$STATE/ceph key="ceph-authtool $STATE/ceph/mon.keyring --gen-key"
    local addresses='[v2:127.0.0.1:13300,v1:127.0.0.1:16789]'
    # a mark of our own: without keys the mon leaves no trace of having been made
    [ -e "$d/mon/ready" ] && return 0
    mkdir -p "$d/mon/a"
    $key --create-keyring -n mon. --cap mon 'allow *'
    $key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
    monmaptool --create --clobber --addv a "$addresses" --fsid "$(cat "$d/fsid")" "$d/monmap"
    ceph-mon -c "$CEPH_CONF" --mkfs -i a --monmap "$d/monmap" --keyring "$d/mon.keyring"
    touch "$d/mon/ready"
}

osd_made() {
    local d=$STATE/ceph/osd
    [ -e "$d/0/ready" ] && return 0
    mkdir -p "$d/0"
    [ -s "$d/0.uuid" ] || cat /proc/sys/kernel/random/uuid >"$d/0.uuid"
    ceph osd new "$(cat "$d/0.uuid")" 0
    ceph-osd -c "$CEPH_CONF" -i 0 --mkfs --osd-uuid "$(cat "$d/0.uuid")"
    touch "$d/0/ready"
}

ceph_up() {
    local p pools
    ceph_conf
    mon_made >>"$LOG/ceph-setup.log" 2>&1
    launch ceph-mon
    until_ok 30 ceph-mon timeout 5 ceph -s
    mkdir -p "$STATE/ceph/mgr/a"
    launch ceph-mgr   # Cinder's driver reads the pools' statistics
    osd_made >>"$LOG/ceph-setup.log" 2>&1
    launch ceph-osd
    until_ok 60 ceph-osd sh -c 'ceph osd stat | grep -q "1 up"'
    pools=$(ceph osd pool ls)
    for p in volumes-a volumes-b; do
        grep -qx $p <<<"$pools" && continue
        ceph osd pool create $p 8 >/dev/null 2>&1
        ceph osd pool application enable $p rbd >/dev/null 2>&1
    done
    # clone v2 (snapshots deletable while clones live) needs this; Cinder checks it
    ceph osd set-require-min-compat-client mimic >/dev/null 2>&1
}

case $1 in
up) mysql_up; rabbit_up; ceph_up ;;
down) for n in ceph-osd ceph-mgr ceph-mon rabbit epmd mysql; do stop $n 30; done ;;
start) launch "$2" ;;
stop) stop "$2" 30 ;;
kill) signal KILL "$2" ;;
pause) signal STOP "$2" ;;
resume) signal CONT "$2" ;;
esac
