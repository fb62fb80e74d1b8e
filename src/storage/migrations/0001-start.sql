-- Every row belongs to a workspace; every query names it. Instants are timestamptz, ids prefixed text.

create table workspace (
  id text primary key,
  name text not null,
  time_zone text not null default 'UTC',
  created_at timestamptz not null
);

create table member (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  name text not null,
  email text not null,
  role text not null check (role in ('owner', 'admin', 'editor', 'viewer')),
  created_at timestamptz not null,
  unique (workspace_id, email)
);

-- A key is shown once; only its hash is kept.
create table api_key (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  member_id text not null references member (id) on delete cascade,
  name text not null,
  key_prefix text not null,
  key_hash text not null unique,
  created_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);

-- The grant we hold. `sealed_grant` is an AES-256-GCM envelope bound to this row's id.
create table connection (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  network text not null,
  login text not null,
  sandbox boolean not null default false,
  remote_account_id text not null,
  name text not null,
  scopes text[] not null default '{}',
  sealed_grant text not null,
  access_expires_at timestamptz,
  refresh_expires_at timestamptz,
  data_access_expires_at timestamptz,
  state text not null default 'active' check (state in ('active', 'needs-reauthorisation', 'disconnected')),
  state_reason text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (workspace_id, login, sandbox, remote_account_id)
);

create table channel (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  connection_id text not null references connection (id) on delete cascade,
  network text not null,
  remote_id text not null,
  kind text not null,
  name text not null,
  handle text,
  url text,
  sandbox boolean not null default false,
  sealed_token text,
  state text not null default 'active' check (state in ('active', 'removed')),
  created_at timestamptz not null,
  unique (connection_id, remote_id)
);
create index channel_by_workspace on channel (workspace_id, id);

-- A consent that is under way: one-time state, PKCE verifier sealed.
create table pending_login (
  state text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  member_id text not null references member (id) on delete cascade,
  login text not null,
  sandbox boolean not null,
  redirect_uri text not null,
  sealed_verifier text,
  expires_at timestamptz not null
);

-- The operator's app at a network. The secret is sealed.
create table network_app (
  workspace_id text not null references workspace (id) on delete cascade,
  login text not null,
  client_id text not null,
  sealed_secret text not null,
  updated_at timestamptz not null,
  primary key (workspace_id, login)
);

create table media_file (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  file_name text not null,
  mime_type text not null,
  bytes bigint not null,
  width integer not null,
  height integer not null,
  sha256 text not null,
  created_at timestamptz not null
);
create index media_file_by_workspace on media_file (workspace_id, id);

create table post (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  text text not null default '',
  link text,
  is_draft boolean not null default true,
  -- What the person scheduled: wall time and IANA zone, and the instant it was resolved to.
  due_wall text,
  due_zone text,
  due_at timestamptz,
  revision integer not null default 1,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index post_by_workspace on post (workspace_id, due_at, id);

create table attachment (
  workspace_id text not null references workspace (id) on delete cascade,
  post_id text not null references post (id) on delete cascade,
  position integer not null,
  media_file_id text not null references media_file (id),
  alt_text text not null default '',
  primary key (post_id, position)
);

-- A post's form for one channel; `text` null inherits the post's.
create table variant (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  post_id text not null references post (id) on delete cascade,
  channel_id text not null references channel (id),
  text text,
  unique (post_id, channel_id)
);

-- The business row is the job: schedule and job are this one row.
create table delivery (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  post_id text not null references post (id) on delete cascade,
  channel_id text not null references channel (id),
  network text not null,
  state text not null check (state in ('waiting', 'claimed', 'sending', 'published', 'refused', 'unsure', 'held', 'cancelled')),
  hold_reason text,
  reason jsonb,
  due_at timestamptz not null,
  -- Null where nothing is to be done by itself.
  next_at timestamptz,
  lease_until timestamptz,
  -- Fencing number: raised by every claim and carried by every later write.
  token bigint not null default 0,
  worker_id text,
  attempts integer not null default 0,
  payload jsonb not null,
  memory jsonb not null default '{}',
  -- The visible request in flight: nothing is sent again or judged absent before the deadline.
  operation_id text,
  fingerprint text,
  sent_at timestamptz,
  deadline_at timestamptz,
  empty_reads integer not null default 0,
  started_at timestamptz,
  published_at timestamptz,
  remote_id text,
  url text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index delivery_due on delivery (next_at, id) where next_at is not null;
create index delivery_by_post on delivery (workspace_id, post_id);
create unique index delivery_remote on delivery (channel_id, remote_id) where remote_id is not null;

create table attempt (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  delivery_id text not null references delivery (id) on delete cascade,
  number integer not null,
  worker_id text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  outcome text,
  detail text
);
create index attempt_by_delivery on attempt (delivery_id, number);

-- Network-read data: its own table, with provenance and a clock.
create table reading (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  channel_id text not null references channel (id) on delete cascade,
  delivery_id text references delivery (id) on delete cascade,
  metric text not null,
  remote_name text not null,
  value double precision not null,
  day text,
  version text not null,
  read_at timestamptz not null,
  expires_at timestamptz
);
create index reading_by_delivery on reading (workspace_id, delivery_id, metric, read_at);

-- When a published delivery is measured next. Claimed like deliveries.
create table poll (
  delivery_id text primary key references delivery (id) on delete cascade,
  workspace_id text not null references workspace (id) on delete cascade,
  next_at timestamptz,
  lease_until timestamptz,
  token bigint not null default 0,
  failures integer not null default 0,
  message text
);
create index poll_due on poll (next_at) where next_at is not null;

-- The access ledger: append-only, one opening and one settling entry per call. Counts and purposes only.
create table access_record (
  id bigint generated always as identity primary key,
  workspace_id text not null,
  call_id text not null,
  kind text not null check (kind in ('open', 'settle')),
  connection_id text,
  network text not null,
  endpoint_class text not null,
  data_class text not null,
  purpose text not null,
  actor text not null,
  at timestamptz not null,
  amount numeric(18, 6),
  currency text,
  outcome text,
  status integer,
  items integer
);
create index access_record_by_workspace on access_record (workspace_id, at);

create table charge (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  delivery_id text,
  connection_id text,
  network text not null,
  endpoint_class text not null,
  purpose text not null,
  amount numeric(18, 6) not null,
  currency text not null,
  at timestamptz not null
);
create index charge_by_delivery on charge (workspace_id, delivery_id);

create table notice (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  kind text not null,
  subject_id text not null,
  message text not null,
  remedy text not null,
  created_at timestamptz not null,
  read_at timestamptz,
  unique (workspace_id, kind, subject_id)
);

create table worker (
  id text primary key,
  started_at timestamptz not null,
  seen_at timestamptz not null
);

create table idempotency_key (
  workspace_id text not null references workspace (id) on delete cascade,
  key text not null,
  body_hash text not null,
  status integer not null,
  response jsonb not null,
  created_at timestamptz not null,
  primary key (workspace_id, key)
);
