# What vnfdr runs on a compute host: timers that thaw guests when nobody else does.
#
# It is asked in lines, "NUMBER VERB UUID [SECONDS]", and answers "vnfdr NUMBER ...".
# Its argument is the URI by which virsh finds the guests.
#
# A timer outlives this script, and the connection that it came by. A file says that it
# is set. Whoever takes that file away, the timer or this script, has it: so a timer
# that was called off never thaws.
export LC_ALL=C
set -f
trap "" HUP INT TERM PIPE
uri=$1 directory=/tmp/vnfdr-$(id -u)
RING_SECONDS=3600

say() { printf "vnfdr %s\n" "$*"; }

die() { say 0 never "$*"; exit 1; }

ask_libvirt() { timeout 40 virsh -q -c "$uri" "$@" 2>&1; }

# Seconds that no clock was set back by.
now() { read -r up _ </proc/uptime; echo "${up%.*}"; }

# Wait until the time is up, then thaw the guest until it answers, or is not there.
watch() {
    until=$(($(now) + $2))
    while [ -e "$3" ] && [ "$(now)" -lt $until ]; do sleep 1; done
    mv "$3" "$3.rings" || return
    until=$(($(now) + RING_SECONDS))
    while [ -e "$3.rings" ] && [ "$(now)" -lt $until ]; do
        ! ask_libvirt domfsthaw "$1" || break
        case $(ask_libvirt domstate "$1") in
        "shut off"* | *"failed to get domain"*) break ;;
        esac
        sleep 1
    done
    rm -f "$3.rings"
}

# Call the timers of a guest off; $off says how many had not rung.
call_off() {
    off=0
    set +f
    for file in "$directory/$1".*; do
        case $file in
        *.rings) rm -f "$file" ;;
        *) if rm "$file" 2>/dev/null; then off=$((off + 1)); else rm -f "$file.rings"; fi ;;
        esac
    done
    set -f
}

mkdir -m 700 "$directory" 2>/dev/null
[ -d "$directory" ] && [ ! -L "$directory" ] && [ -O "$directory" ] ||
    die "$directory is not ours: remove it"
for program in virsh timeout; do
    command -v $program >/dev/null || die "there is no $program"
done
say 0 ready

while read -r number verb uuid seconds; do
    case $uuid in *[!0-9A-Za-z-]* | "") verb=none ;; esac
    case $verb in
    look)
        if why=$(ask_libvirt domstate "$uuid"); then
            say "$number" found
        else
            say "$number" failed $why
        fi
        ;;
    arm)
        call_off "$uuid"
        file=$directory/$uuid.$$.$number
        if : 2>/dev/null >"$file"; then
            watch "$uuid" "$seconds" "$file" </dev/null >/dev/null 2>&1 &
            say "$number" armed
        else
            say "$number" failed "$file cannot be written"
        fi
        ;;
    disarm)
        call_off "$uuid"
        say "$number" disarmed $off
        ;;
    *) say "$number" failed "no such verb, or guest: $verb $uuid" ;;
    esac
done
