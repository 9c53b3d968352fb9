#!/usr/bin/env bash
# A function's machine as Lambda lays it out, run in namespaces of its own: `unshare -rm bash enter-lambda.sh ARCH PARTS ROOT NAME=VALUE… -- ARGUMENT…`
# PARTS has task (the code), opt (the layers, one over the other) and runtime (what speaks the Runtime API); ROOT is an empty folder. Everything
# is read-only but a small /tmp; there is no /sys, as little of /dev as Node needs, and no variable but those that are named. Node gets the ARGUMENTs.
set -euo pipefail
arch=$1 parts=$2 root=$3
shift 3
variables=()
while [ "$1" != -- ]; do
  variables+=("$1")
  shift
done
shift
cache=$(cd "$(dirname "$0")" && pwd)/cache

mount -t tmpfs -o size=16m tmpfs "$root"
mkdir -p "$root"/{dev,etc,opt,proc,tmp,var/task,var/runtime,var/lang}
place() { mount --bind "$1" "$2" && mount -o remount,bind,ro "$2"; }
place "$parts/task" "$root/var/task"
place "$parts/opt" "$root/opt"
place "$parts/runtime" "$root/var/runtime"
place "$cache/node/$arch" "$root/var/lang"
mount --rbind /proc "$root/proc"
for device in null zero random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done

# Lambda has no HOME, and a user all the same.
echo 'sbx_user1051:x:0:0::/home/sbx_user1051:/sbin/nologin' > "$root/etc/passwd"

run=(/var/lang/bin/node)
if [ "$arch" = "$(uname -m | sed s/x86_64/x64/)" ]; then
  # The C and C++ libraries are this machine's.
  mkdir -p "$root/usr/lib" "$root/usr/lib64"
  ln -s usr/lib "$root/lib"
  ln -s usr/lib64 "$root/lib64"
  place /usr/lib "$root/usr/lib"
  place /usr/lib64 "$root/usr/lib64"
else
  mkdir -p "$root/lib" "$root/usr/lib"
  place "$cache/arm64/root/lib" "$root/lib"
  place "$cache/arm64/root/usr/lib" "$root/usr/lib"
  touch "$root/qemu-aarch64"
  place "$cache/arm64/qemu-aarch64" "$root/qemu-aarch64"
  # With this machine's own processor in it, ONNX Runtime crashes at load. A Neoverse N1, as of Graviton 2.
  printf '%s\n' 'processor : 0' \
    'Features : fp asimd aes pmull sha1 sha2 crc32 atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp' 'CPU implementer : 0x41' \
    'CPU architecture: 8' 'CPU variant : 0x3' 'CPU part : 0xd0c' 'CPU revision : 1' > "$root/etc/cpuinfo"
  mount --bind "$root/etc/cpuinfo" "$root/proc/cpuinfo"
  run=(/qemu-aarch64 "${run[@]}")
fi
mount -o remount,ro "$root"
mount -t tmpfs -o size=64m tmpfs "$root/tmp"

cd "$root/var/task"
exec env -i "${variables[@]}" "$(PATH=$PATH:/usr/sbin:/sbin command -v chroot)" "$root" "${run[@]}" "$@"
