-- The claim trusts it: whatever has a next time is still to be done.
update delivery set next_at = null
  where next_at is not null and state not in ('waiting', 'claimed', 'sending', 'unsure');
alter table delivery add constraint delivery_next_at_check
  check (next_at is null or state in ('waiting', 'claimed', 'sending', 'unsure'));
