-- What a network said and made us keep when a consent was begun with it, sealed until the answer comes.
alter table pending_login add column sealed_memory text;
