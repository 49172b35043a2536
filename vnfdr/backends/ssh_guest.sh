# What vnfdr runs in a guest, as root: it freezes file systems, and thaws them.
#
# It is asked in lines, "NUMBER VERB [SECONDS]", and answers "vnfdr NUMBER ...".
# Its arguments are the mount points to freeze; without any, all that can be frozen.
#
# What it froze it thaws by itself when its input ends. A timer that is set before the
# first freeze thaws when this has died, or the network has. While something is frozen,
# nothing here writes but to the pipes that it was given: all else is a file system.
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
set -f
trap "" HUP INT TERM PIPE
newline="
"

say() { printf "vnfdr %s\n" "$*"; }

die() { say 0 never "$*"; exit 1; }

# Whether a process is a child of this script, and has not ended.
running() {
    read -r _ _ state parent _ 2>/dev/null <"/proc/$1/stat" &&
        [ "$parent" = $$ ] && [ "$state" != Z ]
}

cancel() { running "$1" && kill -USR1 "$1" 2>/dev/null; }

# Seconds that no clock was set back by, into $now.
now() { read -r now _ </proc/uptime; now=${now%.*}; }

# Thaw, in this order; $thawed says how many were frozen. Fails when one may be still.
release() {
    thawed=0 trouble=
    for path; do
        if why=$(fsfreeze --unfreeze "$path" 2>&1); then
            thawed=$((thawed + 1))
        else
            case $why in
            *"nvalid argument"* | *"o such file"*) ;; # it is not frozen
            *) trouble="$path: $why" ;;
            esac
        fi
    done
    [ -z "$trouble" ]
}

release_for_certain() { until release "$@"; do sleep 1; done; }

# Thaw when the time is up, unless it is cancelled before.
watch() {
    seconds=$1 over=
    shift
    trap "over=yes" USR1
    sleep "$seconds" &
    sleeper=$!
    trap "kill -KILL $sleeper; exit" USR1
    [ -z "$over" ] || { kill -KILL "$sleeper"; exit; }
    wait "$sleeper"
    release_for_certain "$@"
}

# Freeze all, or nothing, in reverse order: what was mounted last may be a file of
# what was mounted first. Ends with success when all are frozen. What freezes only after
# the timer has rung nobody else would thaw.
hold() {
    number=$1 stop="" verdict="" count=0
    shift
    trap "stop=yes" USR1
    for path; do
        [ $count -gt 0 ] || set --
        set -- "$path" "$@"
        count=$((count + 1))
    done
    count=0
    for path; do
        [ $count -gt 0 ] || set --
        if why=$(fsfreeze --freeze "$path" 2>&1); then
            set -- "$path" "$@"
            count=$((count + 1))
        else
            case $why in
            *upported*) [ -n "$named" ] || continue ;; # such as vfat
            *[Bb]usy*) verdict="busy $path" && break ;;
            esac
            verdict="failed $path: $why"
        fi
        [ -z "$stop" ] || verdict=${verdict:-"failed it was told to thaw"}
        now
        [ "$now" -lt "$until" ] || verdict=${verdict:-"failed its time was up"}
        [ -z "$verdict" ] || break
    done
    [ $count -gt 0 ] || verdict=${verdict:-"never no file system can be frozen"}
    if [ -z "$verdict" ]; then
        say "$number" frozen $count
        exit 0
    fi
    [ $count -eq 0 ] || release "$@" || verdict="unclear $trouble"
    case $verdict in unclear*) ;; *) cancel "$timer" ;; esac
    say "$number" $verdict
    exit 1
}

# Whether this session has frozen something, or is about to.
holding() {
    [ -n "$freezer" ] || return 1
    if ! running "$freezer" && [ -z "$held" ]; then
        wait "$freezer" && held=yes || freezer=
    fi
    [ -n "$freezer" ]
}

# Let a freeze that is under way come to an end, unless it hangs: it thaws what it froze
# itself, and knows what somebody else holds.
stop_freezing() {
    cancel "$freezer"
    for _ in 1 2 3 4 5 6; do
        running "$freezer" || return
        sleep 0.05 2>/dev/null || sleep 1
    done
}

# Let everything go. A freeze that is under way may hang: nothing waits for it that
# can be thawed before.
let_go() {
    early=0 thaws=
    if [ -n "$freezer" ] && running "$freezer"; then
        cancel "$freezer"
        for path; do
            fsfreeze --unfreeze "$path" >/dev/null 2>&1 &
            thaws="$thaws $!"
        done
        wait "$freezer"
        for thaw in $thaws; do wait "$thaw" && early=$((early + 1)); done
    fi
    release "$@" || return
    thawed=$((thawed + early)) freezer="" held=""
    cancel "$timer"
    [ -z "$timer" ] || wait "$timer"
    timer=
}

named=$* wanted=$newline seen=" " freezer="" held="" timer=""
for path; do wanted=$wanted$path$newline; done
set --
while read -r _ _ device _ path _ rest; do
    rest=${rest#*- } # the kind, the source, the options
    source=${rest#* }
    case ${source%% *},${source#* }, in /dev/*,rw,*) ;; *) continue ;; esac
    path=$(printf %b "$path")
    if [ -n "$named" ]; then
        case $wanted in *"$newline$path$newline"*) ;; *) continue ;; esac
        wanted=${wanted%%"$newline$path$newline"*}$newline${wanted#*"$newline$path$newline"}
    fi
    case $seen in *" $device "*) continue ;; esac
    seen="$seen$device "
    set -- "$@" "$path"
done </proc/self/mountinfo

[ -z "$named" ] || [ "$wanted" = "$newline" ] ||
    die "not a writable file system on a block device:" $wanted
[ $# -gt 0 ] || die "there is no writable file system on a block device"
command -v fsfreeze >/dev/null || die "there is no fsfreeze: install util-linux"
# Into memory, while it can be read in no time.
fsfreeze --help >/dev/null 2>&1
sleep 0
read -r boot </proc/sys/kernel/random/boot_id
host=$(uname -n)
say 0 ready "$@"

while read -r number verb seconds; do
    case $verb in
    who) say "$number" guest "$boot" "$host" ;;
    flush) { sync; say "$number" flushed; } & ;;
    freeze)
        if holding; then
            say "$number" busy it is held by this session
            continue
        fi
        now
        until=$((now + seconds))
        watch "$seconds" "$@" </dev/null >/dev/null 2>&1 &
        timer=$!
        hold "$number" "$@" </dev/null &
        freezer=$! held=""
        ;;
    thaw)
        if let_go "$@"; then
            say "$number" thawed "$thawed"
        else
            say "$number" failed "$trouble"
        fi
        ;;
    *) say "$number" failed "no such verb: $verb" ;;
    esac
done
[ -z "$freezer" ] || stop_freezing
if holding; then until let_go "$@"; do sleep 1; done; fi
