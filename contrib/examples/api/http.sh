#!/bin/sh
# Docker's HTTP API with nothing but curl.
set -eu
api() { curl -sS --fail-with-body --unix-socket /var/run/docker.sock -H 'Content-Type: application/json' "$@"; }
id=$(api -X POST http://localhost/v1.44/containers/create -d '{
  "Image": "machine",
  "Tty": true,
  "StopSignal": "SIGRTMIN+3",
  "HostConfig": {"DeviceRequests": [{"Driver": "cdi", "DeviceIDs": ["oci-systemd-hook.org/systemd=auto"]}]}
}' | sed 's/.*"Id":"\([0-9a-f]*\)".*/\1/')
api -X POST "http://localhost/v1.44/containers/$id/start"
sleep 3
docker exec "$id" systemctl is-system-running --wait
api -X POST "http://localhost/v1.44/containers/$id/stop?t=20"
docker inspect -f '{{.State.ExitCode}}' "$id"
api -X DELETE "http://localhost/v1.44/containers/$id"
