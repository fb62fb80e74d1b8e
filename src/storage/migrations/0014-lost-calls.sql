-- What a call that was lost with its process is charged to.
alter table reservation add column delivery_id text;
