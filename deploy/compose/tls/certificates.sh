#!/bin/sh
# At the first start: an authority, and a certificate with its key for each of the names below, in a volume that only it
# has. To have new ones, remove the volumes whose names begin with `tls`.
set -eu
cd /tls
days=825

if [ ! -s authority/ca.key ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -sha256 \
    -subj "/CN=supergraph development" -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -keyout authority/ca.key.new -out authority/ca.pem
  mv authority/ca.key.new authority/ca.key
fi
for name in router users products orders payments sandbox-provider postgres nats operator; do
  folder=$name
  [ -s "$folder/both.pem" ] && continue
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" \
    -keyout "$folder/key.pem" -out /tmp/request.pem
  printf 'subjectAltName=DNS:%s,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n' "$name" >/tmp/extensions
  openssl x509 -req -in /tmp/request.pem -CA authority/ca.pem -CAkey authority/ca.key -CAcreateserial -days "$days" -sha256 \
    -extfile /tmp/extensions -out "$folder/cert.pem"
  cp authority/ca.pem "$folder/ca.pem"
  chmod 0444 "$folder"/*.pem
  # Postgres takes no key that others may read.
  if [ "$name" = postgres ]; then
    chown 999:999 "$folder/key.pem"
    chmod 0600 "$folder/key.pem"
    echo done >"$folder/both.pem"
  else
    cat "$folder/cert.pem" "$folder/key.pem" >"$folder/both.pem"
    chmod 0444 "$folder/both.pem"
  fi
done
