-- What every delivery costs the database is kept small.

-- An attempt is written down once, when it ends; while it is under way the delivery's own row tells of it.
alter table delivery add column claimed_at timestamptz;
alter table attempt drop constraint attempt_pkey, add primary key (delivery_id, number, id);
drop index attempt_by_delivery;

-- Rows that are written only in the statement that has just written their delivery need not look it up again: of a
-- hundred deliveries that look-up costs more than the rows do. They still go with their delivery, and so with its
-- workspace.
alter table attempt drop constraint attempt_delivery_id_fkey;
alter table attempt drop constraint attempt_workspace_id_fkey;
alter table poll drop constraint poll_delivery_id_fkey;
alter table poll drop constraint poll_workspace_id_fkey;
create function forget_delivery() returns trigger language plpgsql as
  $$ begin delete from attempt where delivery_id = old.id; delete from poll where delivery_id = old.id; return old; end $$;
create trigger delivery_forgotten after delete on delivery for each row execute function forget_delivery();

-- The same of a charge, which outlives its delivery.
alter table charge drop constraint charge_workspace_id_fkey;
create function forget_charges() returns trigger language plpgsql as
  $$ begin delete from charge where workspace_id = old.id; return old; end $$;
create trigger workspace_forgotten after delete on workspace for each row execute function forget_charges();

-- Room on each page for the newer versions of its rows, so that an intent touches no index.
alter table delivery set (fillfactor = 70);
