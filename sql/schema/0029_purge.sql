-- What is over and was deleted (Z001, Z004): what stays of it, and what it adds to the months that it counted in.

create table cix.tombstone (
    item_id   bigint not null,
    kind      smallint not null,
    reason    smallint not null check (reason in (1, 2, 3)),
    purged_at timestamptz not null,
    primary key (item_id, kind, purged_at)
);

create table cix.purge_residue (
    period   int not null,
    cell_id  bigint not null,
    accounts bigint not null,
    balance  bigint not null,
    overdue  bigint not null,
    primary key (period, cell_id)
);

-- One row, locked by whoever purges: how far the pass came, and when the last one ended.
create table cix.purge_pass (
    pass_id  int primary key check (pass_id = 1),
    last_id  bigint not null,
    begun_at timestamptz,
    ended_at timestamptz
);
insert into cix.purge_pass values (1, 0, null, null);

-- An item that may be deleted.
create type cix.purge_item as (
    subject_id bigint, kind smallint, item_id bigint, until int, reason smallint);
comment on type cix.purge_item is 'An item that is over; until: of months, the last one that is.';

comment on table cix.tombstone is 'What was purged: nothing of a person. Append-only.';
comment on column cix.tombstone.item_id is 'Id of the account, flag or fact; of months, the account''s.';
comment on column cix.tombstone.kind is 'Kind of record, as on the wire: 3 account, 4 months of one, 5 flag, 6 and further facts.';
comment on column cix.tombstone.reason is '1 an adverse item is over, 2 the account was closed long ago, 3 its member took it back long ago.';
comment on column cix.tombstone.purged_at is 'When.';

comment on table cix.purge_residue is 'What purged months count in the roll-ups, which stay as they were.';
comment on column cix.purge_residue.period is 'Month.';
comment on column cix.purge_residue.cell_id is 'Cell.';
comment on column cix.purge_residue.accounts is 'Accounts counted.';
comment on column cix.purge_residue.balance is 'Minor units, signed.';
comment on column cix.purge_residue.overdue is 'Minor units.';

comment on table cix.purge_pass is 'How far the purge is: one row.';
comment on column cix.purge_pass.pass_id is 'Always 1.';
comment on column cix.purge_pass.last_id is 'Highest subject that this pass has looked at; 0: none.';
comment on column cix.purge_pass.begun_at is 'When the latest pass began; null: none did.';
comment on column cix.purge_pass.ended_at is 'When the latest whole pass ended; null: none did.';
