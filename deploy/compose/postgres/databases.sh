#!/usr/bin/env bash
# At the first start of the data folder: a role and a database for each service of DATABASES. A role owns its own database
# and may not even connect to another. Run again, it makes those that came later:
#   docker compose exec postgres bash /docker-entrypoint-initdb.d/databases.sh
set -euo pipefail

as_admin() { psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres "$@"; }

for name in $DATABASES; do
  known=$(as_admin --tuples-only --no-align --set name="$name" <<<"select 1 from pg_database where datname = :'name'")
  [ -z "$known" ] || continue
  password=$(cat "/run/secrets/postgres/$name")
  as_admin --set name="$name" --set password="$password" <<'SQL'
create role :"name" login password :'password' nosuperuser nocreatedb nocreaterole connection limit 200;
create database :"name" owner :"name" encoding 'UTF8' template template0;
revoke all on database :"name" from public;
SQL
done
as_admin <<'SQL'
revoke all on database postgres, template1 from public;
SQL
