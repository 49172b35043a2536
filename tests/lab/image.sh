#!/bin/bash
# Build the guest's disk, unless it is what its inputs make: image.sh OUTPUT.raw
# A whole-disk ext4 (no partition table) with extlinux in its boot sector,
# Debian's cloud kernel, busybox, the real qemu-ga, and the recorder. What it was
# made from is in OUTPUT.raw.stamp.
source "$(dirname "$0")/lib.sh"
OUT=$1
K=$(ls -d /boot/vmlinuz-*-cloud-amd64 | sort -V | tail -1); V=${K#/boot/vmlinuz-}
PROGRAMS="/usr/sbin/qemu-ga /sbin/mke2fs /sbin/blkid"

STAMP=$(cat "$HERE/image.sh" "$HERE"/guest/* "$K" /bin/busybox $PROGRAMS | sha256sum | cut -c1-12)
[ -e "$OUT" ] && [ "$(cat "$OUT.stamp" 2>/dev/null)" = "$STAMP" ] && exit 0

W=$(mktemp -d "$STATE/image.XXXXXX"); trap 'mountpoint -q "$W/mnt" && umount "$W/mnt"; rm -rf "$W"' EXIT
mkdir -p "$W"/{mnt,initrd/{bin,modules}} \
    "$W"/root/{bin,sbin,usr/bin,usr/sbin,lib,lib64,etc,proc,sys,dev,run,tmp,var,data,boot}

add() { # copy programs with their shared libraries into the root tree
    local p l
    for p; do
        install -D "$p" "$W/root$p"
        for l in $(ldd "$p" 2>/dev/null | grep -o '/[^ ]*'); do
            [ -e "$W/root$l" ] || install -D "$l" "$W/root$l"
        done
    done
}

# modules, in load order, dependencies first
for m in virtio_pci virtio_blk virtio_scsi sd_mod virtio_console virtio_net virtio_rng ext4; do
    modprobe -S "$V" --show-depends "$m" | awk '$1 == "insmod" {print $2}'
done | awk '!seen[$0]++' | while read -r f; do
    cp "$f" "$W/initrd/modules/"; basename "$f" >>"$W/initrd/modules.order"
done
cp /bin/busybox "$W/initrd/bin/"; ln -s busybox "$W/initrd/bin/sh"
install "$HERE/guest/initramfs-init" "$W/initrd/init"
(cd "$W/initrd" && find . | cpio -o -H newc --quiet | gzip -1) >"$W/initrd.gz"

cp /bin/busybox "$W/root/bin/"
for a in $(/bin/busybox --list); do [ "$a" = busybox ] || ln -s busybox "$W/root/bin/$a"; done
add $PROGRAMS
cp /etc/mke2fs.conf "$W/root/etc/"
gcc -O2 -Wall -static -o "$W/root/bin/recorder" "$HERE/guest/recorder.c"
install "$HERE/guest/init" "$W/root/sbin/init"
install "$HERE"/guest/{fsfreeze-hook,udhcpc.sh} "$W/root/etc/"
echo 'root::0:0:root:/:/bin/sh' >"$W/root/etc/passwd"
cat >"$W/root/boot/extlinux.conf" <<C
DEFAULT lab
PROMPT 0
LABEL lab
  KERNEL /boot/vmlinuz
  INITRD /boot/initrd
  APPEND console=ttyS0 quiet rw panic=5 mitigations=off tsc=reliable no_timer_check nokaslr
C
truncate -s 64M "$W/disk"
mke2fs -q -t ext4 -O ^metadata_csum,^64bit -L lab -d "$W/root" "$W/disk"
mount -o loop "$W/disk" "$W/mnt"
# not through mke2fs -d: it leaves holes for zero blocks, and extlinux fails on holes ("I/O error")
cp --sparse=never "$K" "$W/mnt/boot/vmlinuz"; cp --sparse=never "$W/initrd.gz" "$W/mnt/boot/initrd"
extlinux --install "$W/mnt/boot" >/dev/null 2>&1
umount "$W/mnt"
mv "$W/disk" "$OUT"
echo "$STAMP" >"$OUT.stamp"
