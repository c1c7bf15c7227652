-- Reviews of what rules kept aside: each record is released, discarded or forgotten once, and leaves its trace.

alter table cix.quarantine
    add column state       smallint not null default 1 check (state between 1 and 4),
    add column review_id   uuid,
    add column reviewed_at timestamptz;

create index quarantine_waiting on cix.quarantine (member_id, submission_id, chunk, line) where state = 1;
create index quarantine_age on cix.quarantine (recorded_at) where state = 1;

comment on column cix.quarantine.record_id is 'Record that sealed_record is bound to; null with it, and once it was reviewed.';
comment on column cix.quarantine.sealed_record is 'The record, sealed; null: it is in the sealed chunk, or was reviewed.';
comment on column cix.quarantine.state is '1 waits, 2 released, 3 discarded, 4 discarded since nobody reviewed it.';
comment on column cix.quarantine.review_id is 'The submission that is its review; null while it waits, and in state 4.';
comment on column cix.quarantine.reviewed_at is 'When it was reviewed, or forgotten.';

create table cix.quarantine_waiver (
    member_id     int not null references cix.member,
    submission_id uuid not null,
    chunk         int not null,
    line          int not null,
    rule          text not null,
    recorded_at   timestamptz not null,
    primary key (member_id, submission_id, chunk, line, rule)
);

comment on table cix.quarantine_waiver is
    'Rules that keep no record of a review aside: who released it found it right. Append-only.';
comment on column cix.quarantine_waiver.member_id is 'Who released.';
comment on column cix.quarantine_waiver.submission_id is 'The review.';
comment on column cix.quarantine_waiver.chunk is 'Its chunk.';
comment on column cix.quarantine_waiver.line is 'Position of the released record in it, from 0.';
comment on column cix.quarantine_waiver.rule is 'Permanent id of the rule.';
comment on column cix.quarantine_waiver.recorded_at is 'When.';
