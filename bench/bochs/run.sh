#!/usr/bin/env bash
# Boots Linux on a processor that Bochs emulates, and runs one script there:
#
#   run.sh CPU NODE SCRIPT PACKAGE CROPS OUT
#
# It does there what `NODE SCRIPT PACKAGE CROPS OUT` does here. `bochs --help cpu` lists the CPUs.
# Run `bash bench/bochs/prepare.sh` first. The kernel has no drivers, so all files are in the initial
# ramdisk, and the output comes over a serial port.
set -euo pipefail
cpu=$1 node=$2 script=$3 package=$4 crops=$5 out=$6
here=$(cd "$(dirname "$0")" && pwd)
modules=$here/../../node_modules
debian=$here/cache/root
libraries=$debian/usr/lib/x86_64-linux-gnu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs Debian 13's programs with Debian 13's libraries, whatever this machine has. The time limit
# ends a kernel that panics.
run() {
  timeout 30m "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries:$libraries/pulseaudio" "$debian/usr/bin/$1" "${@:2}"
}

guest=$work/guest
onnxruntime=$guest/app/node_modules/onnxruntime-node
mkdir -p "$guest"/{bin,proc,sys,dev,tmp} "$onnxruntime/bin/napi-v6/linux" "$work/iso/isolinux"
cp "$debian/usr/bin/busybox" "$guest/bin/"
cp -L "$node" "$guest/bin/node"
cp -r "$modules/onnxruntime-common" "$guest/app/node_modules/"
cp -r "$modules"/onnxruntime-node/{package.json,dist} "$onnxruntime/"
cp -r "$modules/onnxruntime-node/bin/napi-v6/linux/x64" "$onnxruntime/bin/napi-v6/linux/"
ldd "$node" "$onnxruntime"/bin/napi-v6/linux/x64/*.node | grep -o '/[^ ]*\.so[^ ]*' | grep -v onnxruntime | sort -u |
  while read -r library; do cp -L --parents "$library" "$guest"; done
cp "$script" "$guest/app/script.mjs"
cp -r "$package" "$guest/app/package"
cp "$crops" "$guest/app/crops"
cat >"$guest/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t proc none /proc
/bin/busybox mount -t devtmpfs none /dev
exec >/dev/ttyS0 2>&1
ORT_DISABLE_TELEMETRY=1 /bin/node /app/script.mjs /app/package /app/crops /tmp/out && /bin/busybox base64 /tmp/out >/dev/ttyS1
/bin/busybox poweroff -f
INIT
chmod +x "$guest/init"
(cd "$guest" && find . | "$guest/bin/busybox" cpio -o -H newc >"$work/iso/isolinux/initrd" 2>/dev/null)

cp "$here/cache/vmlinuz" "$debian/usr/lib/ISOLINUX/isolinux.bin" "$debian/usr/lib/syslinux/modules/bios/ldlinux.c32" "$work/iso/isolinux/"
cat >"$work/iso/isolinux/isolinux.cfg" <<'CONFIGURATION'
DEFAULT linux
LABEL linux
  KERNEL vmlinuz
  INITRD initrd
  APPEND console=ttyS0,115200 nokaslr mitigations=off lsm= rdinit=/init
CONFIGURATION
run xorriso -as mkisofs -quiet -o "$work/boot.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat \
  -no-emul-boot -boot-load-size 4 -boot-info-table "$work/iso" 2>/dev/null

cat >"$work/bochsrc" <<CONFIGURATION
cpu: model=$cpu, ips=100000000
memory: guest=1024, host=1024
romimage: file=$debian/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=$debian/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=cdrom, path=$work/boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/console
com2: enabled=1, mode=file, dev=$work/result
display_library: rfb, options="timeout=0"
clock: sync=none
log: $work/log
panic: action=fatal
CONFIGURATION
echo continue >"$work/commands"
LTDL_LIBRARY_PATH=$libraries/bochs/plugins BXSHARE=$debian/usr/share/bochs \
  run bochs-bin -q -f "$work/bochsrc" -rc "$work/commands" </dev/null >"$work/said" 2>&1 || true

if [ ! -s "$work/result" ]; then
  tail -n 20 "$work/console" "$work/said" >&2
  echo "the emulated machine with CPU $cpu gave no result; its last lines are above" >&2
  exit 1
fi
tr -d '\r' <"$work/result" | base64 -d >"$out"
