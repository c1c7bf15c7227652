-- Submissions: what arrived, in which chunk, with which verdicts (local tables of a control schema on Citus).

create table cix.submission (
    member_id     int not null references cix.member,
    submission_id uuid not null,
    mode          smallint not null,
    period        int,
    state         smallint not null,
    next_chunk    int not null,
    accepted      bigint not null default 0,
    rejected      bigint not null default 0,
    quarantined   bigint not null default 0,
    warned        bigint not null default 0,
    opened_at     timestamptz not null,
    committed_at  timestamptz,
    primary key (member_id, submission_id)
) with (fillfactor = 70);

create table cix.submission_chunk (
    member_id      int not null references cix.member,
    submission_id  uuid not null,
    number         int not null,
    content_hash   bytea not null check (octet_length(content_hash) = 32),
    record_count   int not null,
    accepted       int not null,
    rejected       int not null,
    quarantined    int not null,
    warned         int not null,
    record_id      bigint,
    sealed_records bytea,
    xid            xid8 not null,
    recorded_at    timestamptz not null,
    primary key (member_id, submission_id, number)
);

create table cix.submission_verdict (
    member_id     int not null references cix.member,
    submission_id uuid not null,
    chunk         int not null,
    line          int not null,
    rule          text not null,
    severity      smallint not null,
    field         text not null,
    reason        text not null,
    primary key (member_id, submission_id, chunk, line, rule)
);

create table cix.quarantine (
    member_id     int not null references cix.member,
    submission_id uuid not null,
    chunk         int not null,
    line          int not null,
    record_id     bigint not null,
    sealed_record bytea not null,
    recorded_at   timestamptz not null,
    primary key (member_id, submission_id, chunk, line)
);
