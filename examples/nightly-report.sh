#!/bin/sh
# Adds one task a day, for cron:
#
#     10 3 * * *  /path/to/nightly-report.sh http://localhost:8091/hooks/report
#
# The id holds the date, so a second run on the same day (by hand, by another host's cron) adds nothing. It prints the id.
set -eu

url=${1:?usage: nightly-report.sh URL}
day=$(date -u +%Y-%m-%d)

torque add "$url" --id "report-$day" --param "day=$day" --max-errors 6 --quiet
