-- Roll-ups: the transaction appends deltas, a job merges them, readers add both.

create table cix.cell (
    cell_id       bigint primary key,
    currency      text not null,
    member_id     int not null references cix.member,
    member_type   smallint not null,
    region        text not null,
    industry      text not null,
    product       text not null,
    channel       smallint not null,
    dealer        text not null,
    five_category smallint not null,
    bucket        smallint not null,
    is_non_performing boolean not null,
    segment       smallint not null,
    age_band      smallint not null
);

create table cix.rollup_delta (
    subject_id bigint not null,
    delta_id   bigint not null,
    period     int not null,
    cell_id    bigint not null,
    accounts   smallint not null check (accounts in (1, -1)),
    balance    bigint not null,
    overdue    bigint not null,
    primary key (subject_id, delta_id, accounts)
);

create table cix.rollup (
    period      int not null,
    cell_id     bigint not null,
    accounts    bigint not null,
    balance     bigint not null,
    overdue     bigint not null,
    merged_at   timestamptz not null,
    primary key (period, cell_id)
) with (fillfactor = 80);

create table cix.rollup_subject (
    subject_id bigint not null,
    period     int not null,
    cell_id    bigint not null,
    accounts   int not null,
    primary key (subject_id, period, cell_id)
) with (fillfactor = 80);
create index rollup_subject_period on cix.rollup_subject (period, cell_id);

comment on table cix.cell is
    'Combinations of dimensions that occur; small.';
comment on column cix.cell.cell_id is '64-bit hash of the dimensions.';
comment on column cix.cell.currency is 'ISO 4217.';
comment on column cix.cell.member_id is 'Reporting member.';
comment on column cix.cell.member_type is 'Its type.';
comment on column cix.cell.region is 'The account''s, else the subject''s; may be empty.';
comment on column cix.cell.industry is 'The account''s, else the subject''s; may be empty.';
comment on column cix.cell.product is 'Business type.';
comment on column cix.cell.channel is 'Channel code, 0 not given.';
comment on column cix.cell.dealer is 'Dealer code, or empty.';
comment on column cix.cell.five_category is 'Class, 0 not given.';
comment on column cix.cell.bucket is '0 current, 1..7 months late, 8 written off, 9 settled, 10 unknown.';
comment on column cix.cell.is_non_performing is 'Class 3 to 5; without a class 90 days overdue and more.';
comment on column cix.cell.segment is 'The subject''s segment.';
comment on column cix.cell.age_band is 'The person''s age band at the month''s end, 0 none.';

comment on table cix.rollup_delta is
    'Changes of roll-ups, appended by the transaction of the record and merged by a job. Readers add them.';
comment on column cix.rollup_delta.subject_id is 'Who is counted.';
comment on column cix.rollup_delta.delta_id is 'Report that caused it.';
comment on column cix.rollup_delta.period is 'Month.';
comment on column cix.rollup_delta.cell_id is 'Cell.';
comment on column cix.rollup_delta.accounts is '1 counted, -1 taken back.';
comment on column cix.rollup_delta.balance is 'Minor units, signed.';
comment on column cix.rollup_delta.overdue is 'Minor units.';

comment on table cix.rollup is
    'Accounts and amounts by month and cell.';
comment on column cix.rollup.period is 'Month.';
comment on column cix.rollup.cell_id is 'Cell.';
comment on column cix.rollup.accounts is 'Accounts counted.';
comment on column cix.rollup.balance is 'Minor units, signed.';
comment on column cix.rollup.overdue is 'Minor units.';
comment on column cix.rollup.merged_at is 'When the latest delta was merged.';

comment on table cix.rollup_subject is
    'Who stands behind a cell, by reference count.';
comment on column cix.rollup_subject.subject_id is 'Who is counted.';
comment on column cix.rollup_subject.period is 'Month.';
comment on column cix.rollup_subject.cell_id is 'Cell.';
comment on column cix.rollup_subject.accounts is 'Accounts of the subject in the cell.';
