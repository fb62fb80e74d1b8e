-- The first comment below a post. A variant's own takes its place: null inherits, empty means none there.
alter table post add column first_comment text not null default '';
alter table variant add column first_comment text;

-- A comment is a delivery of its own, below the delivery of its post; at most one. It waits without a time until
-- the statement that settles the post as published gives it one.
alter table delivery add column parent_id text references delivery (id) on delete cascade;
create unique index delivery_comment on delivery (parent_id) where parent_id is not null;
