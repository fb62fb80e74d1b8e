-- How much calls to networks may cost. A field that is null holds for every value.
create table budget (
  id text primary key,
  workspace_id text not null references workspace (id) on delete cascade,
  network text,
  connection_id text references connection (id) on delete cascade,
  purpose text,
  period text not null check (period in ('day', 'month')),
  amount numeric(18, 6) not null check (amount >= 0),
  currency text not null,
  -- Percent of the amount at which people are told.
  alerts integer[] not null default '{50,80,100}',
  -- Whether calls stop at its end.
  is_hard boolean not null default true,
  -- Percent kept from reads.
  protected_percent integer not null default 20 check (protected_percent between 0 and 100),
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index budget_by_workspace on budget (workspace_id, id);

-- What a budget was used for in a period, which its first day names. Locked by whoever reserves.
create table budget_use (
  budget_id text not null references budget (id) on delete cascade,
  workspace_id text not null,
  starts_on text not null,
  reserved numeric(18, 6) not null default 0,
  spent numeric(18, 6) not null default 0,
  -- The highest alert that people were told of.
  alerted integer not null default 0,
  primary key (budget_id, starts_on)
);

-- What a call under way has reserved; gone with its settling entry. One that a dead process left is settled by a sweep.
create table reservation (
  call_id text primary key,
  workspace_id text not null,
  -- Budgets and the periods it began in: [{budgetId, workspaceId, startsOn}].
  uses jsonb not null,
  amount numeric(18, 6) not null,
  reserved_at timestamptz not null
);
create index reservation_old on reservation (reserved_at);

-- Whether a charge is what a lost answer may have cost, as nobody knows.
alter table charge add column is_assumed boolean not null default false;
create index charge_by_time on charge (workspace_id, at);

-- A notice may be about a budget.
alter table notice drop constraint notice_subject_kind_check;
alter table notice add constraint notice_subject_kind_check
  check (subject_kind in ('delivery', 'connection', 'network', 'budget', 'installation'));
