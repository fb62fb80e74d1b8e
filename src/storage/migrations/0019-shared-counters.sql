-- What one worker hears of a quota is read by the others, which look for rows that were written since they looked last.
alter table network_counter add column kept_at timestamptz;
update network_counter set kept_at = told_at;
alter table network_counter alter column kept_at set not null;
create index network_counter_by_kept on network_counter (kept_at);

-- Calls that a network refuses for a while, as a refusal said that told of no counter.
create table network_pause (
  id bigint generated always as identity primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  login text not null,
  -- The deployment: the simulator or a host, as in connection.
  server text not null,
  -- 'app', 'connection' or 'endpoint-class'
  whose text not null,
  connection_id text references connection (id) on delete cascade,
  endpoint_class text,
  until timestamptz not null,
  kept_at timestamptz not null,
  unique nulls not distinct (workspace_id, login, server, whose, connection_id, endpoint_class)
);
create index network_pause_by_kept on network_pause (kept_at);

-- The token of an operator's app itself, sealed, for what a network tells to the app alone.
create table network_app_token (
  workspace_id text not null references workspace (id) on delete cascade,
  login text not null,
  -- The app it is of; null where it was entered before there was one.
  client_id text,
  sealed_token text not null,
  updated_at timestamptz not null,
  primary key (workspace_id, login)
);
