#!/usr/bin/env bash
# Asks the process of this container how it is: `health.sh [path]`, /health/live unless given. Exit code 0 when it answers 200.
# /health/ready also asks what it depends on: for whoever waits for it, not for whoever would restart it.
#
# By the shell alone: while all starts everyone is asked all the time, and a process of Node.js would take what they start with.
set -euo pipefail

name=${WORKSPACE##*/}
case $name in
  router) port=${PORT:-4000} ;;
  users) port=4001 ;;
  products) port=4002 ;;
  orders) port=4003 ;;
  payments) port=4004 ;;
  sandbox-provider) port=4005 ;;
esac
variable=${name//-/_}_PORT
variable=${variable^^}

exec 3<>"/dev/tcp/127.0.0.1/${!variable:-$port}"
printf 'GET %s HTTP/1.0\r\n\r\n' "${1:-/health/live}" >&3
read -r -t 4 _ status _ <&3
[ "$status" = 200 ]
