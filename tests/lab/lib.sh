# Shared settings and helpers. Sourced by every script of the lab.
# Everything the lab writes lives under $LAB_ROOT; everything it starts has a
# pid file under $RUN, a log file under $LOG, and listens on loopback only.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export LAB_ROOT=${LAB_ROOT:-/opt/lab}
VENV=$LAB_ROOT/venv            # the services; the client is the project's own
STATE=$LAB_ROOT/state
RUN=$STATE/run
LOG=$STATE/log
BACKUPS=$STATE/backups         # the Cinder backup store that both sites share
PASSWORD=lab                   # every password in the lab; loopback only
MYSQL_SOCKET=$STATE/mysql/mysql.sock
MYSQL_PORT=13306
RABBIT_PORT=15672
export CEPH_CONF=$STATE/ceph/ceph.conf
# The sudo shim first: services that insist on "sudo x-rootwrap conf cmd" get cmd.
export PATH=$VENV/shim:$VENV/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }
refuse() { printf 'lab: %s\n' "$*" >&2; exit 1; }

alive() { # NAME: true if its recorded process runs
    local f=$RUN/$1.pid pid
    [ -s "$f" ] || return 1
    pid=$(cat "$f")
    # A pid can be reused: it must still be the process that was started.
    [ -r "/proc/$pid/stat" ] && [ "$(born "$pid")" = "$(cat "$RUN/$1.born" 2>/dev/null)" ]
}
born() { cut -d" " -f22 "/proc/$1/stat" 2>/dev/null; }

start() { # NAME CMD...: start detached, unless it already runs
    local name=$1; shift
    alive "$name" && return 0
    setsid "$@" >>"$LOG/$name.log" 2>&1 </dev/null &
    local pid=$!
    echo "$pid" >"$RUN/$name.pid"
    sleep 0.05
    born "$pid" >"$RUN/$name.born" || true
}

stop() { # NAME [SECONDS]: TERM, then KILL after SECONDS (default 15)
    local name=$1 wait=${2:-15} pid i
    if alive "$name"; then
        pid=$(cat "$RUN/$name.pid")
        kill -TERM "$pid" 2>/dev/null || true
        for ((i = 0; i < wait * 10; i++)); do alive "$name" || break; sleep 0.1; done
        if alive "$name"; then
            say "$name ignored TERM"
            kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" || true
        fi
    fi
    rm -f "$RUN/$name.pid" "$RUN/$name.born"
}

signal() { # SIGNAL NAME: to a daemon and all its children
    alive "$2" || refuse "$2 does not run"
    kill "-$1" -- "-$(cat "$RUN/$2.pid")"
}

until_ok() { # SECONDS WHAT CMD...: poll CMD four times a second
    local limit=$1 what=$2 i; shift 2
    for ((i = 0; i < limit * 4; i++)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.25
    done
    say "gave up on $what after ${limit}s; logs are in $LOG"; return 1
}

write() { cat >"$1.new"; mv "$1.new" "$1"; }
port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
http_up() { [ "$(curl -s -o /dev/null -w '%{http_code}' --max-time 20 "$1")" != 000 ]; }
sql() { mariadb --socket="$MYSQL_SOCKET" -u root "$@"; }
libvirt_uri() { echo "qemu+unix:///system?socket=$STATE/site-$1/libvirt/run/libvirt-sock"; }

rabbit_env() {
    local d=$STATE/rabbit
    export RABBITMQ_NODENAME=lab@localhost RABBITMQ_MNESIA_BASE=$d/mnesia RABBITMQ_LOG_BASE=$d/log \
        RABBITMQ_PID_FILE=$d/pid RABBITMQ_CONFIG_FILE=$d/rabbitmq RABBITMQ_ENABLED_PLUGINS_FILE=$d/plugins \
        RABBITMQ_CONF_ENV_FILE=$d/rabbitmq-env.conf ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=14369 HOME=$d \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}"
}
as_rabbit() { (rabbit_env; exec setpriv --reuid=rabbitmq --regid=rabbitmq --clear-groups "$@"); }
rabbitctl() { as_rabbit /usr/lib/rabbitmq/bin/rabbitmqctl "$@"; }
queue_served() { # VHOST QUEUE...: every queue has a consumer
    local list q; list=$(rabbitctl -q list_queues -p "$1" name consumers) || return 1; shift
    for q; do grep -qP "^$q\t[1-9]" <<<"$list" || return 1; done
}
