-- Dishonest-person listings: a dated interval with a status history, never a boolean.

create table cix.flag_key (
    member_id   int not null references cix.member,
    external_id uuid not null,
    subject_id  bigint not null,
    flag_id     bigint not null,
    recorded_at timestamptz not null,
    primary key (member_id, external_id)
);

create table cix.flag (
    subject_id     bigint not null,
    flag_id        bigint not null,
    member_id      int not null references cix.member,
    external_id    uuid not null,
    record_id      bigint not null,
    sealed_case_no bytea not null,
    court          text not null,
    region         text not null,
    filed_on       date not null,
    published_on   date not null,
    expires_on     date,
    ground         smallint not null,
    performance    smallint not null,
    grade          smallint not null,
    restrictions   smallint[] not null,
    status         smallint not null,
    status_reason  smallint not null default 0,
    recorded_at    timestamptz not null,
    primary key (subject_id, flag_id)
);

create table cix.flag_event (
    subject_id    bigint not null,
    flag_id       bigint not null,
    event_id      bigint not null,
    status        smallint not null,
    status_reason smallint not null,
    member_id     int not null references cix.member,
    recorded_at   timestamptz not null,
    primary key (subject_id, flag_id, event_id)
);
