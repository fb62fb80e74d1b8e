-- Practice on simulated accounts costs nothing real, so it never uses up what real calls may cost: each budget holds it
-- apart, by the same amount.
alter table charge add column is_sandbox boolean not null default false;
update charge c set is_sandbox = true from connection k where k.id = c.connection_id and k.sandbox;

alter table budget_use add column is_sandbox boolean not null default false;
alter table budget_use drop constraint budget_use_pkey;
alter table budget_use add primary key (budget_id, starts_on, is_sandbox);
-- What was used in the periods so far is counted again from the charges, apart.
delete from budget_use where not exists (select 1 from reservation);
update reservation set uses = coalesce(
  (select jsonb_agg(u || '{"isSandbox": false}'::jsonb) from jsonb_array_elements(uses) u), '[]'::jsonb);
