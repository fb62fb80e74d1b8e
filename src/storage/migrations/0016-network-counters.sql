-- The last that networks told of how much is used: of a workspace's app, of an account, or of one channel.
create table network_counter (
  id bigint generated always as identity primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  network text not null,
  login text not null,
  -- The deployment: the simulator or a host, as in connection.
  server text not null,
  connection_id text references connection (id) on delete cascade,
  channel_id text references channel (id) on delete cascade,
  -- Its name in the network's definition.
  counter text not null,
  -- Where a network counts each kind of endpoint by itself.
  endpoint_class text,
  used double precision not null,
  -- Null where none is told; 100 where use is told in percent.
  most double precision,
  resets_at timestamptz,
  told_at timestamptz not null,
  unique nulls not distinct (workspace_id, login, server, connection_id, channel_id, counter, endpoint_class)
);
