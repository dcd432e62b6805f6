# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Runs a command inside a sysroot (an unpacked set of Debian packages), where every program finds its files at
# their usual paths. This is the one door: Nix builders, `cargo xtask test` and `nix run .#shell` all go through it.
#
#   SYSROOT/usr/lib64/ld-linux-x86-64.so.2 --library-path SYSROOT/usr/lib/x86_64-linux-gnu \
#       SYSROOT/usr/bin/bash enter.sh SYSROOT [FROM:TO | ro:FROM:TO | cache:NAME]... -- COMMAND [ARGUMENT]...
#
# Each FROM:TO is bound at TO inside. `cache:NAME` binds /var/cache/qos/NAME at /cache, if it exists and can be written: the user
# makes that directory to have it used, and Nix's sandbox hides it unless nix.conf names it in `extra-sandbox-paths`. `/nix/store`, `/dev`, `/proc` and, if there is one, `/sys` are bound at their
# own paths. The scratch folder $NIX_BUILD_TOP (or a new one under $TMPDIR) is bound at the one fixed path /build, so
# that no path of the host reaches a result; /tmp is inside it.
#
# Until the chroot nothing may be assumed of the host, not even /bin/sh: every program is the sysroot's, called
# through the sysroot's own loader.
set -euo pipefail

sysroot=$1
self=${BASH_SOURCE[0]}
library_path=$sysroot/usr/lib/x86_64-linux-gnu
host() { "$sysroot/usr/lib64/ld-linux-x86-64.so.2" --library-path "$library_path" "$sysroot/usr/bin/$1" "${@:2}"; }

fail() {
  echo "enter.sh: $*" >&2
  exit 2
}

# Whether a sysctl is there and has this value.
has() {
  local file=/proc/sys/${1//.//}
  [ -r "$file" ] && [ "$(<"$file")" = "$2" ]
}

# Why there is no namespace, and what to do; $1 is what unshare(1) says.
no_namespace() {
  local reason=${1##*$'\n'} setting name bad good
  [ "$EUID" -ne 0 ] || fail "root gets no mount namespace here ($reason): give the container CAP_SYS_ADMIN"
  for setting in user.max_user_namespaces=0=10000 kernel.unprivileged_userns_clone=0=1 \
    kernel.apparmor_restrict_unprivileged_userns=1=0; do
    IFS='=' read -r name bad good <<<"$setting"
    ! has "$name" "$bad" ||
      fail "this host refuses user namespaces ($name=$bad): run \`sudo sysctl -w $name=$good\`, or this as root"
  done
  fail "this host refuses user namespaces ($reason): allow unshare(2) in the container's seccomp profile, or run this as root"
}

# Binds $1 at $2, read-only.
bind_read_only() {
  local reason
  host mount --rbind "$1" "$2"
  reason=$(host mount -o remount,bind,ro "$2" 2>&1) ||
    fail "cannot make $1 read-only inside (${reason%%$'\n'*}): the kernel has to be 5.12 or newer (mount_setattr)"
}

if [ "${QOS_ENTERED:-}" != "$sysroot" ]; then
  # A mount namespace needs CAP_SYS_ADMIN: who is not root (a Nix builder is not) gets it in a user namespace.
  user=(--user --map-root-user)
  [ "$EUID" -ne 0 ] || user=()
  loader=("$sysroot/usr/lib64/ld-linux-x86-64.so.2" --library-path "$library_path")
  # Tried first, for a failure of unshare cannot be told from one of the command.
  reason=$(host unshare "${user[@]}" --mount -- "${loader[@]}" "$sysroot/usr/bin/true" 2>&1) || no_namespace "$reason"
  QOS_ENTERED=$sysroot host unshare "${user[@]}" --mount -- "${loader[@]}" "$sysroot/usr/bin/bash" "$self" "$@" ||
    exit $?
  exit 0
fi
unset QOS_ENTERED
shift

scratch=${NIX_BUILD_TOP:-}
if [ -z "$scratch" ]; then
  fail "NIX_BUILD_TOP is not set: give it a scratch folder"
fi
root=$scratch/.root
host mkdir -p "$root" "$scratch/tmp"
host mount -t tmpfs -o mode=755 none "$root"
host mkdir -p "$root"/{usr,etc,nix/store,dev,proc,build,tmp,root,var,run}
host ln -s usr/bin "$root/bin"
host ln -s usr/sbin "$root/sbin"
host ln -s usr/lib "$root/lib"
host ln -s usr/lib64 "$root/lib64"
# Read-only: root may write to the store, and Python would leave its byte code there.
for folder in usr etc; do
  bind_read_only "$sysroot/$folder" "$root/$folder"
done
for folder in /nix/store /dev /proc /sys; do
  [ -d "$folder" ] || continue
  host mkdir -p "$root$folder"
  host mount --rbind "$folder" "$root$folder"
done
host mount --bind "$scratch" "$root/build"
host mount --bind "$scratch/tmp" "$root/tmp"

while [ "$1" != -- ]; do
  bind=$1 mount=(host mount --rbind)
  shift
  case $bind in
  ro:*) mount=(bind_read_only) bind=${bind#ro:} ;;
  cache:*)
    bind=/var/cache/qos/${bind#cache:}:/cache
    [ -w "${bind%:*}" ] || continue
    ;;
  esac
  from=${bind%%:*} to=$root${bind#*:}
  if [ -d "$from" ]; then
    host mkdir -p "$to"
  else
    host mkdir -p "${to%/*}"
    : >>"$to"
  fi
  "${mount[@]}" "$from" "$to"
done
shift

directory=${QOS_DIRECTORY:-/build}
unset QOS_DIRECTORY LD_LIBRARY_PATH LD_PRELOAD
export PATH=/usr/bin:/usr/sbin HOME=${QOS_HOME:-/build/tmp} TMPDIR=/tmp NIX_BUILD_TOP=/build LC_ALL=C
# `usrmerge` is complete in the sysroot, so /bin/bash is /usr/bin/bash.
exec "$sysroot/usr/lib64/ld-linux-x86-64.so.2" --library-path "$library_path" "$sysroot/usr/sbin/chroot" "$root" \
  /usr/bin/bash -c 'cd "$1" && shift && exec "$@"' enter "$directory" "$@"
