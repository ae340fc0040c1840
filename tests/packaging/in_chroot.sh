#!/bin/sh
# On the node of a lab: runs a program in another root, as an ordinary user, with the lab's files and, where the node has one,
# its trust store. Everything mounted here ends with the lab.
#   in_chroot.sh ROOT PROGRAM ARGUMENTS...
set -eu
root=$1 program=$2
shift 2
mount --bind "$root" "$root"
mkdir -p "$root/run/lab"
mount --rbind /run/lab "$root/run/lab"
mount -t proc proc "$root/proc"
for file in /etc/resolv.conf /etc/hosts; do
  rm -f "$root$file"
  touch "$root$file"
  mount --bind "$file" "$root$file"
done
if [ -s /etc/ssl/certs/ca-certificates.crt ]; then
  mkdir -p "$root/etc/ssl/certs"
  mount -t tmpfs tmpfs "$root/etc/ssl/certs"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
fi
mount -t tmpfs tmpfs "$root/opt"
cp "$program" "$root/opt/amlnet"
chmod 1777 /run/lab /run/lab/state
exec chroot --userspec=1000:1000 "$root" /opt/amlnet "$@"
