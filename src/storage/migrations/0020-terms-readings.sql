-- A person read a network's terms or prices again. Kept for good: what was known when is part of the proof.
create table terms_reading (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  network text not null,
  -- 'data-rules' or 'prices'
  subject text not null,
  -- YYYY-MM-DD
  read_on text not null,
  version text not null,
  -- Whether they say something else than what Litfass ships.
  has_changed boolean not null,
  note text not null default '',
  member_id text not null,
  created_at timestamptz not null
);
create index terms_reading_by_network on terms_reading (workspace_id, network, subject, read_on desc, created_at desc);
