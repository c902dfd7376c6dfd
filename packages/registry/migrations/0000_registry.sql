create table registry_artifacts (
  hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
  -- Canonical JSON, gzipped.
  bytes bytea not null,
  kept_at timestamptz not null default now()
);
--> statement-breakpoint
create table registry_versions (
  environment text not null,
  version int not null check (version > 0),
  kind text not null check (kind in ('publish', 'rollback')),
  artifact text not null references registry_artifacts (hash),
  restores int,
  at timestamptz not null,
  by text not null,
  why text,
  changes jsonb not null,
  report jsonb,
  -- Two that publish at once both try to insert the next version: one of them succeeds.
  primary key (environment, version)
);
--> statement-breakpoint
create table registry_notes (
  id bigint generated always as identity primary key,
  environment text not null,
  version int,
  kind text not null check (kind in ('blocked', 'refused', 'served')),
  at timestamptz not null,
  by text not null,
  why text,
  report jsonb
);
--> statement-breakpoint
create index registry_notes_environment on registry_notes (environment, id);
--> statement-breakpoint
create function registry_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the registry is only ever appended to';
end
$$;
--> statement-breakpoint
create trigger registry_versions_append_only before update or delete on registry_versions
  for each row execute function registry_is_append_only();
--> statement-breakpoint
create trigger registry_notes_append_only before update or delete on registry_notes
  for each row execute function registry_is_append_only();
--> statement-breakpoint
create trigger registry_artifacts_append_only before delete on registry_artifacts
  for each row execute function registry_is_append_only();
