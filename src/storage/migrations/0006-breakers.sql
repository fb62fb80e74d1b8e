-- Outages are of the installation and of a network's server, not of a workspace: one row for each ability, kept
-- after it closed. Written when it opens, closes or tries, never for a call.
create table breaker (
  login text not null,
  -- '' is the network's own, 'sandbox' its simulator, else a host.
  server text not null,
  ability text not null check (ability in ('publish', 'read', 'connect')),
  cause text not null check (cause in ('down', 'unauthorised')),
  opened_at timestamptz not null,
  closed_at timestamptz,
  failed_at timestamptz not null,
  failed_probes integer not null default 0,
  next_probe_at timestamptz not null,
  -- The one delivery that may try; null where another call does.
  probe_delivery_id text,
  primary key (login, server, ability)
);

-- Which server an account lives at, told like the breaker's: grants are sealed and tell it to nobody.
alter table connection add column server text not null default '';
update connection set server = 'sandbox' where sandbox;

-- When its renewal was refused: together with others' that is no account's trouble, and is taken back.
alter table connection add column refused_at timestamptz;
