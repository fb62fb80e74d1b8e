-- Networks of many servers: the server a sign-in was started at, and the app Litfass registered there. Sealed.
alter table pending_login add column host text;

create table registered_app (
  workspace_id text not null references workspace (id) on delete cascade,
  login text not null,
  host text not null,
  redirect_uri text not null,
  sealed_app text not null,
  created_at timestamptz not null,
  primary key (workspace_id, login, host, redirect_uri)
);
