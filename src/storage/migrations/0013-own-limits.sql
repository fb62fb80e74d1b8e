-- What the account's own server takes, as it said when the account was connected or checked. Null: as everywhere.
alter table connection add own_limits jsonb;
