-- Writing help: the server and model a workspace chose. Off until somebody switches it on.
create table ai_setting (
  workspace_id text primary key references workspace (id) on delete cascade,
  is_on boolean not null default false,
  -- Base address; null for the operator's server.
  endpoint text,
  model text not null default '',
  -- API key. Sealed.
  sealed_key text,
  updated_by text not null,
  updated_at timestamptz not null
);

-- Networks whose data may go to a model. Without a row it may not.
create table ai_network (
  workspace_id text not null references workspace (id) on delete cascade,
  network text not null,
  allowed_by text not null,
  allowed_at timestamptz not null,
  primary key (workspace_id, network)
);

-- How many requests went to a model on a UTC day. No content.
create table ai_use (
  workspace_id text not null references workspace (id) on delete cascade,
  -- YYYY-MM-DD.
  day text not null,
  requests integer not null default 0,
  -- Without a usable answer.
  failed integer not null default 0,
  primary key (workspace_id, day)
);
