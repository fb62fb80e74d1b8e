-- The access ledger is a set of chains: each process writes one for each workspace, and every entry carries the hash
-- of itself and of the one before it (storage/access-records.ts). Entries from before this migration are in none.
create table ledger_chain (
  id text primary key,
  workspace_id text not null,
  started_at timestamptz not null,
  -- The last entries of the workspace's other chains at that time, so that none of them loses its end unseen.
  previous jsonb not null
);
create index ledger_chain_by_workspace on ledger_chain (workspace_id, started_at);

alter table access_record
  add column chain_id text,
  add column number bigint,
  add column hash text,
  -- The way of signing in, and so the app, that the call was made with.
  add column login text,
  add column terms_version text,
  -- How long pacing kept the call back. Milliseconds.
  add column waited_ms integer;
create unique index access_record_in_chain on access_record (chain_id, number) where chain_id is not null;

-- Append-only. Nothing in the product changes an entry; this says so to everything else, too.
create function refuse_ledger_change() returns trigger language plpgsql as
  $$ begin raise exception 'the access ledger is append-only' using errcode = 'restrict_violation'; end $$;
create trigger access_record_append_only before update or delete on access_record
  for each row execute function refuse_ledger_change();
create trigger access_record_no_truncate before truncate on access_record
  for each statement execute function refuse_ledger_change();
create trigger ledger_chain_append_only before update or delete on ledger_chain
  for each row execute function refuse_ledger_change();
create trigger ledger_chain_no_truncate before truncate on ledger_chain
  for each statement execute function refuse_ledger_change();
