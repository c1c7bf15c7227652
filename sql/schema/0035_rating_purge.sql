-- Kept ratings are purged, too: kind 32, which no record has, and two reasons of their own.

alter table cix.tombstone drop constraint tombstone_reason_check;
alter table cix.tombstone add constraint tombstone_reason_check check (reason between 1 and 5);

comment on column cix.tombstone.item_id is 'Id of the account, flag, fact or rating; of months, the account''s.';
comment on column cix.tombstone.kind is
    'Kind of record, as on the wire: 3 account, 4 months of one, 5 flag, 6 and further facts; 32 a kept rating.';
comment on column cix.tombstone.reason is
    '1 an adverse item is over, 2 the account was closed long ago, 3 its member took it back long ago, 4 it was rated long ago, 5 it may tell of what was purged.';
