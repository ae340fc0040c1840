#!/bin/sh
# Becomes systemd, as process 1 in namespaces of its own (all but the network's), over a root that stays as it is. Needs root, and
# ends with whoever started it.
#   boot_systemd.sh ROOT FILES GROUP    FILES: a folder that is laid over the root; GROUP: an empty cgroup, of version 2
set -eu
root=$1 files=$2 group=$3
if [ "${4:-}" != inside ]; then
  echo $$ > "$group/cgroup.procs"
  exec unshare --cgroup --fork --kill-child=KILL --pid --mount --ipc --uts "$0" "$@" inside
fi
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o "lowerdir=$root,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
cp -r --remove-destination "$files/." /mnt/root
cd /mnt/root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  touch "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm old
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
uuid=$(cat /proc/sys/kernel/random/uuid)
printf '%s\n' "$uuid" | tr -d - > etc/machine-id
pivot_root . old
umount -l /old
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=multi-user.target \
  --log-target=journal --show-status=0 < /dev/null
