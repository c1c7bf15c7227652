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
