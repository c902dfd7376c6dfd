#!/bin/sh
# At the first start: an authority, and a certificate with its key for each of the names below, in a volume that only it
# has. Another certificate by the same authority once less than two months of one are left, or now: `certificates.sh renew`.
set -eu
cd /tls
days=825

if [ ! -s authority/ca.key ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -sha256 \
    -subj "/CN=supergraph development" -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -keyout authority/ca.key.new -out authority/ca.pem
  mv authority/ca.key.new authority/ca.key
fi
good() { [ -s "$1/both.pem" ] && openssl x509 -checkend $((60 * 86400)) -noout -in "$1/cert.pem"; }
for name in router users products orders payments sandbox-provider postgres nats operator; do
  [ "${1:-}" != renew ] && good "$name" && continue
  made=/tmp/$name
  mkdir -p "$made"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" \
    -keyout "$made/key.pem" -out /tmp/request.pem
  printf 'subjectAltName=DNS:%s,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n' "$name" >/tmp/extensions
  openssl x509 -req -in /tmp/request.pem -CA authority/ca.pem -CAkey authority/ca.key -CAcreateserial -days "$days" -sha256 \
    -extfile /tmp/extensions -out "$made/cert.pem"
  cp authority/ca.pem "$made/ca.pem"
  chmod 0444 "$made"/*.pem
  # Postgres takes no key that others may read.
  if [ "$name" = postgres ]; then
    chown 999:999 "$made/key.pem"
    chmod 0600 "$made/key.pem"
    echo done >"$made/both.pem"
  else
    cat "$made/cert.pem" "$made/key.pem" >"$made/both.pem"
    chmod 0444 "$made/both.pem"
  fi
  # Beside what is there and in its place: who reads meanwhile reads the one or the other.
  for file in ca cert key both; do
    cp -p "$made/$file.pem" "$name/$file.pem.new"
    mv -f "$name/$file.pem.new" "$name/$file.pem"
  done
done
