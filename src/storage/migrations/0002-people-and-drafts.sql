-- Identity is better-auth's; these are its tables under our names. Membership stays in `member`.

create table auth_user (
  id text primary key,
  name text not null,
  email text not null unique,
  email_verified boolean not null default false,
  image text,
  locale text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table auth_session (
  id text primary key,
  user_id text not null references auth_user (id) on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index auth_session_by_user on auth_session (user_id);

create table auth_account (
  id text primary key,
  user_id text not null references auth_user (id) on delete cascade,
  account_id text not null,
  provider_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index auth_account_by_user on auth_account (user_id);

create table auth_verification (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index auth_verification_by_identifier on auth_verification (identifier);

-- Null until the person signs in with a password (an owner made by `litfass init`).
alter table member add column user_id text references auth_user (id) on delete set null;
create unique index member_by_user on member (workspace_id, user_id) where user_id is not null;

-- Only the token's hash is kept.
create table invitation (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  email text not null,
  role text not null check (role in ('admin', 'editor', 'viewer')),
  token_hash text not null unique,
  invited_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz
);
create index invitation_by_workspace on invitation (workspace_id, id);

alter table post add column updated_by text;
create index post_drafts on post (workspace_id, id) where is_draft;

-- Deleted on the network by us; the record of what was published stays.
alter table delivery add column removed_at timestamptz;
create index delivery_by_channel on delivery (workspace_id, channel_id, due_at);

-- A channel the grant reaches but nobody added.
alter table channel drop constraint channel_state_check;
alter table channel add constraint channel_state_check check (state in ('offered', 'active', 'removed'));

-- One refresh at a time over all processes: single-use refresh tokens die when two present one.
alter table connection add column refresh_lease_until timestamptz;
alter table connection add column refresh_token_number bigint not null default 0;

-- When a channel's own figures are read next.
create table channel_poll (
  channel_id text primary key references channel (id) on delete cascade,
  workspace_id text not null references workspace (id) on delete cascade,
  next_at timestamptz,
  lease_until timestamptz,
  token bigint not null default 0,
  failures integer not null default 0,
  message text
);
create index channel_poll_due on channel_poll (next_at) where next_at is not null;
create index reading_by_channel on reading (workspace_id, channel_id, metric, read_at) where delivery_id is null;

alter table notice add column severity text not null default 'warning' check (severity in ('info', 'warning', 'error'));
alter table notice add column subject_kind text not null default 'delivery'
  check (subject_kind in ('delivery', 'connection', 'network', 'installation'));
alter table notice add column post_id text;
alter table notice add column params jsonb not null default '{}';
alter table notice add column resolved_at timestamptz;
create index notice_by_workspace on notice (workspace_id, created_at);

-- Null while the first request under the key is still being answered.
alter table idempotency_key alter column status drop not null;
alter table idempotency_key alter column response drop not null;
create index idempotency_key_by_age on idempotency_key (created_at);
