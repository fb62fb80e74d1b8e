-- Prices of a workspace's own, laid over the shipped book: one with the key of a shipped entry takes its place.
create table price_override (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  network text not null,
  key text not null,
  -- The whole entry, as `domain/prices.ts` has it; amounts are decimal text.
  entry jsonb not null,
  updated_by text not null,
  updated_at timestamptz not null,
  unique (workspace_id, network, key)
);

-- What a workspace is charged by. A network without a row is on the plan its book names.
create table price_plan (
  workspace_id text not null references workspace (id) on delete cascade,
  network text not null,
  plan text not null,
  -- Connections whose account owns the app, for prices that depend on it.
  owners text[] not null default '{}',
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (workspace_id, network)
);

-- Raised by every change of prices, so that other processes notice.
alter table workspace add column price_revision bigint not null default 0;

-- What pricing a settled call anew takes, beside its class, day, items and status.
alter table access_record add column plan text;
alter table access_record add column has_link boolean;
alter table access_record add column is_owned boolean;
alter table access_record add column is_summoned boolean;
-- Items not read before within the window in which a network charges the same item once.
alter table access_record add column fresh_items integer;
