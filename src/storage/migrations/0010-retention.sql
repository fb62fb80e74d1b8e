-- Where data read from a network comes from, and when it must be gone. Rows of before are classed by the first sweep:
-- an empty version is no network's.
alter table reading
  add column network text not null default '',
  add column data_class text not null default '',
  add column purpose text not null default 'measure',
  add column terms_version text not null default '';
update reading r set network = c.network from channel c where c.id = r.channel_id;
create index reading_by_terms on reading (network, terms_version);
-- All of a channel's readings, its posts' too.
create index reading_of_channel on reading (channel_id);

-- Of name, handle and address. `read_at` is null once they are deleted.
alter table channel
  add column data_class text not null default '',
  add column purpose text not null default 'connect',
  add column terms_version text not null default '',
  add column read_at timestamptz,
  add column expires_at timestamptz;
update channel set read_at = created_at;
create index channel_expiring on channel (expires_at) where expires_at is not null;

-- Of the account's name and ids. `callback_id`: what the network's callbacks call it, where that is another id.
alter table connection
  add column callback_id text,
  add column data_class text not null default '',
  add column purpose text not null default 'connect',
  add column terms_version text not null default '',
  add column read_at timestamptz,
  add column expires_at timestamptz;
update connection set read_at = updated_at;
create index connection_expiring on connection (expires_at) where expires_at is not null;
create index connection_by_account on connection (login, remote_account_id);
create index connection_by_callback on connection (login, callback_id) where callback_id is not null;

-- Of the remote post's id and link, read when it was published.
alter table delivery
  add column data_class text not null default '',
  add column purpose text not null default 'publish',
  add column terms_version text not null default '',
  add column expires_at timestamptz;
create index delivery_by_terms on delivery (network, terms_version) where remote_id is not null;
create index delivery_expiring on delivery (expires_at) where expires_at is not null;

-- A post that was not found is looked for once more before it is believed.
alter table poll add column missing_since timestamptz;

-- What has to be deleted besides what its clock ends: of one delivery, one connection, or the whole network.
create table deletion (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  reason text not null check (reason in ('removed', 'disconnected', 'request', 'terminated')),
  network text not null,
  connection_id text references connection (id) on delete set null,
  delivery_id text references delivery (id) on delete set null,
  scope text not null check (scope in ('delivery', 'connection', 'network')),
  -- A member's id, `network` for its callbacks, or the job that found out.
  asked_by text not null,
  -- The asking person's own words for finding it again, and the code a callback was answered with.
  note text not null default '',
  code text,
  received_at timestamptz not null,
  deadline_at timestamptz not null,
  created_at timestamptz not null,
  done_at timestamptz
);
create index deletion_open on deletion (created_at, id) where done_at is null;
create index deletion_by_workspace on deletion (workspace_id, created_at, id);
create index deletion_by_code on deletion (code) where code is not null;
create unique index deletion_of_callback on deletion (connection_id, code) where code is not null;
create unique index deletion_of_removed on deletion (delivery_id) where reason = 'removed';

-- Proof of what was deleted: counts, no content. It outlives what it is about, as the access ledger does.
create table deletion_certificate (
  id text primary key,
  workspace_id text not null,
  -- Empty where the clock did it.
  deletion_id text not null default '',
  network text not null,
  item text not null check (item in ('reading', 'channel', 'account', 'remote-post')),
  data_class text not null,
  reason text not null,
  terms_version text not null,
  rule text not null,
  source text not null,
  -- One for each day, so that a year of clocks is a page and not a book.
  day text not null,
  count integer not null,
  oldest_read_at timestamptz,
  newest_read_at timestamptz,
  first_at timestamptz not null,
  last_at timestamptz not null,
  unique (workspace_id, deletion_id, network, item, data_class, reason, terms_version, rule, day)
);
create index deletion_certificate_by_workspace on deletion_certificate (workspace_id, id);

-- How much of a class that may leave in part only a person took out on a day.
create table data_export (
  workspace_id text not null references workspace (id) on delete cascade,
  member_id text not null references member (id) on delete cascade,
  network text not null,
  data_class text not null,
  day text not null,
  count integer not null,
  primary key (workspace_id, member_id, network, data_class, day)
);
