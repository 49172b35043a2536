#!/bin/bash
# Everything that is installed: packages.sh debian | venv
source "$(dirname "$0")/lib.sh"
SERVICES="mariadb-server rabbitmq-server memcached ceph-mon ceph-osd ceph-mgr ceph-common radosgw python3-rbd
 python3-rados libvirt-daemon-system libvirt-clients python3-libvirt qemu-system-x86 qemu-utils
 qemu-block-extra genisoimage openvswitch-switch dnsmasq-base curl iproute2 procps python3-venv"
GUEST="extlinux syslinux-common linux-image-cloud-amd64 busybox-static qemu-guest-agent cpio kmod e2fsprogs
 gcc libc6-dev"
# libvirt-python comes from PyPI as source, and is built against libvirt-dev
TESTS="libvirt-dev pkg-config python3-dev make git openssh-server openssh-client"

debian() {
    dpkg -s $SERVICES $GUEST $TESTS >/dev/null 2>&1 && return 0
    # no package may start a daemon: we start them ourselves, on loopback
    local policy=/usr/sbin/policy-rc.d made=
    [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod +x $policy; made=1; }
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >"$LOG/apt.log" 2>&1 &&
        apt-get install -y -q --no-install-recommends $SERVICES $GUEST $TESTS >>"$LOG/apt.log" 2>&1 ||
        { tail -5 "$LOG/apt.log" >&2; return 1; }
    [ -z "$made" ] || rm $policy
}

venv() {
    local f wanted; wanted=$(sha256sum <"$HERE/requirements.txt")
    [ "$(cat "$VENV/.done" 2>/dev/null)" = "$wanted" ] && return 0
    rm -rf "$VENV"
    /usr/bin/python3 -m venv "$VENV"
    # a full freeze: nothing to resolve
    "$VENV/bin/pip" install -q --no-deps -r "$HERE/requirements.txt" >"$LOG/pip.log" 2>&1 ||
        { tail -5 "$LOG/pip.log" >&2; return 1; }
    # Debian's bindings, and nothing else of Debian's dist-packages
    for f in /usr/lib/python3/dist-packages/{libvirt*.py,libvirtmod*.so,rados.*.so,rbd.*.so}; do
        ln -sf "$f" "$VENV"/lib/python3.*/site-packages/
    done
    "$VENV/bin/python" -c 'import libvirt, rados, rbd'
    mkdir -p "$VENV/shim"
    cat >"$VENV/shim/sudo" <<'S'
#!/bin/sh
# The lab runs as root: drop "-n" and "x-rootwrap conf", run the command itself.
[ "$1" = -n ] && shift
case $1 in *-rootwrap) shift 2 ;; esac
exec "$@"
S
    chmod +x "$VENV/shim/sudo"
    echo "$wanted" >"$VENV/.done"
}

"$1"
