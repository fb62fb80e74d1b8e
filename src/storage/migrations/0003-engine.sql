-- A notice's texts follow from its kind and params, in one place in the code.
alter table notice drop column message;
alter table notice drop column remedy;
create index notice_open on notice (workspace_id, subject_id) where resolved_at is null;

-- The claim takes the earliest due row of a channel.
create index delivery_by_channel_due on delivery (channel_id, next_at, id) where next_at is not null;
-- What is kept back: few rows of many. Not by `state`, because an index that names a column makes each of its
-- updates dearer, and an intent changes the state.
create index delivery_held on delivery (workspace_id, id) where hold_reason is not null;

-- From here on set only while a visible request is in flight or its answer is lost; then it is looked for first.
update delivery set operation_id = null where state not in ('sending', 'unsure');

create index reading_expiring on reading (expires_at) where expires_at is not null;
