#!/bin/sh
# Fails when more tasks are dead than you allow, for cron or a monitor:
#
#     */10 * * * *  /path/to/check-dead.sh 5
#
# Exit 0: fine; 1: too many, and the newest of them are printed; 69: torque's Redis cannot be reached.
set -eu

allowed=${1:-0}
counts=$(torque stats)
dead=$(printf '%s\n' "$counts" | awk -F'\t' '$1 == "*" {print $6}')

[ "$dead" -gt "$allowed" ] || exit 0
echo "$dead tasks are dead, $allowed are allowed"
torque list --state dead --limit 10
exit 1
