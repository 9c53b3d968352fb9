#!/usr/bin/env bash
# Downloads what run.sh needs into bench/bochs/cache, once, from Debian 13: Bochs, a kernel and a
# boot loader. It installs nothing and needs no root, because apt works in a folder of its own.
# Debian 12 does not work: its Bochs describes the AVX-512 registers wrongly, and its kernel does not
# boot in it.
# Needs apt-get with a mirror of Debian, on x64.
set -euo pipefail
cd "$(dirname "$0")"
[ ! -e cache ] || exit 0

rm -rf cache.draft
mkdir -p cache.draft/root cache.draft/apt/state/lists/partial cache.draft/apt/cache/archives/partial
touch cache.draft/apt/status
here=$PWD/cache.draft
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep '/debian/$' | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$here/apt/sources"
options=(-o "Dir::Etc::sourcelist=$here/apt/sources" -o Dir::Etc::sourceparts=/nonexistent -o "Dir::State=$here/apt/state"
  -o "Dir::State::status=$here/apt/status" -o "Dir::Cache=$here/apt/cache" -o APT::Sandbox::User=root)

apt-get -qq "${options[@]}" update
apt-get -qq "${options[@]}" install --yes --no-install-recommends --download-only \
  bochs bochs-term bochsbios isolinux syslinux-common xorriso busybox-static
kernel=$(apt-cache "${options[@]}" depends linux-image-cloud-amd64 | awk '/Depends:/ { print $2; exit }')
(cd "$here/apt/cache/archives" && apt-get -qq "${options[@]}" download "$kernel")
for deb in "$here"/apt/cache/archives/*.deb; do dpkg -x "$deb" "$here/root"; done

cp "$here"/root/boot/vmlinuz-* "$here/vmlinuz"
rm -rf "$here/apt" "$here"/root/{boot,etc,var} "$here"/root/usr/share/{doc,icons,locale,man} "$here"/root/usr/lib/modules
mv cache.draft cache
