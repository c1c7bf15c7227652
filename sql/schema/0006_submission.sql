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
    record_id     bigint,
    sealed_record bytea,
    recorded_at   timestamptz not null,
    primary key (member_id, submission_id, chunk, line)
);

comment on table cix.submission is
    'What a member sends under one id of its own.';
comment on column cix.submission.member_id is 'Who sends.';
comment on column cix.submission.submission_id is 'UUID made by the member.';
comment on column cix.submission.mode is '1 daily: visible by chunk; 2 file: visible at commit.';
comment on column cix.submission.period is 'Month the records speak of, or null.';
comment on column cix.submission.state is '1 open, 2 committed.';
comment on column cix.submission.next_chunk is 'Number that is expected next.';
comment on column cix.submission.accepted is 'Records taken, warnings included.';
comment on column cix.submission.rejected is 'Records refused.';
comment on column cix.submission.quarantined is 'Records kept aside.';
comment on column cix.submission.warned is 'Records taken with a remark.';
comment on column cix.submission.opened_at is 'When it was opened.';
comment on column cix.submission.committed_at is 'When it was committed.';

comment on table cix.submission_chunk is
    'Chunks that were taken, each once.';
comment on column cix.submission_chunk.member_id is 'Who sent.';
comment on column cix.submission_chunk.submission_id is 'In which submission.';
comment on column cix.submission_chunk.number is '1, 2, 3 ...';
comment on column cix.submission_chunk.content_hash is 'Keyed digest of the message as it arrived: tells a replay from a conflict, and lets nobody guess it.';
comment on column cix.submission_chunk.record_count is 'Records in the chunk.';
comment on column cix.submission_chunk.accepted is 'Records taken, warnings included.';
comment on column cix.submission_chunk.rejected is 'Records refused.';
comment on column cix.submission_chunk.quarantined is 'Records kept aside.';
comment on column cix.submission_chunk.warned is 'Records taken with a remark.';
comment on column cix.submission_chunk.record_id is 'Record that sealed_records is bound to.';
comment on column cix.submission_chunk.sealed_records is 'The message, sealed: until commit in mode file; for review when a rule of the store kept a record of it aside.';
comment on column cix.submission_chunk.xid is 'Transaction that took or applied it: the put functions work for no other.';
comment on column cix.submission_chunk.recorded_at is 'When it was recorded.';

comment on table cix.submission_verdict is
    'Findings on records that were not simply accepted.';
comment on column cix.submission_verdict.member_id is 'Who sent.';
comment on column cix.submission_verdict.submission_id is 'In which submission.';
comment on column cix.submission_verdict.chunk is 'In which chunk.';
comment on column cix.submission_verdict.line is 'Position in the chunk, from 0.';
comment on column cix.submission_verdict.rule is 'Permanent id of the rule.';
comment on column cix.submission_verdict.severity is '1 file 2 reject 3 quarantine 4 warning.';
comment on column cix.submission_verdict.field is 'Field path.';
comment on column cix.submission_verdict.reason is 'What was expected; empty: the rule''s own sentence.';

comment on table cix.quarantine is
    'Records kept aside for review; not visible.';
comment on column cix.quarantine.member_id is 'Who sent.';
comment on column cix.quarantine.submission_id is 'In which submission.';
comment on column cix.quarantine.chunk is 'In which chunk.';
comment on column cix.quarantine.line is 'Position in the chunk, from 0.';
comment on column cix.quarantine.record_id is 'Record that sealed_record is bound to; null with it.';
comment on column cix.quarantine.sealed_record is 'The record, sealed; null: it is in the sealed chunk.';
comment on column cix.quarantine.recorded_at is 'When it was recorded.';
