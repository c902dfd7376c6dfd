#!/usr/bin/env bash
# At the first start of the data folder: a role and a database for each service of DATABASES. A role owns its own database
# and may not even connect to another.
set -euo pipefail

for name in $DATABASES; do
  password=$(cat "/run/secrets/postgres/$name")
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set name="$name" --set password="$password" <<'SQL'
create role :"name" login password :'password' nosuperuser nocreatedb nocreaterole connection limit 200;
create database :"name" owner :"name" encoding 'UTF8' template template0;
revoke all on database :"name" from public;
SQL
done
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
revoke all on database postgres, template1 from public;
SQL
