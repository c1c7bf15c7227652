-- Whole files: what a member declared of a submission, what was found, and what holds it back; and every
-- finding of a record, not one a rule.

alter table cix.submission
    add column file_hash           bytea check (octet_length(file_hash) = 32),
    add column declared_records    bigint,
    add column declared_currencies text[],
    add column declared_amounts    bigint[],
    add column kind                smallint not null default 0,
    add column held_rule           text,
    add column earlier_id          uuid,
    add column record_id           bigint,
    add column sealed_explanation  bytea,
    add column touched_at          timestamptz;

create index submission_by_file on cix.submission (member_id, file_hash) where file_hash is not null;
create index submission_unfinished on cix.submission (member_id, mode, state) where state in (1, 3);

comment on column cix.submission.state is '1 open, 2 committed, 3 held, 4 expired.';
comment on column cix.submission.file_hash is 'Keyed digest of the SHA-256 of the file that the member declared; null: none.';
comment on column cix.submission.declared_records is 'Records that the member declared; null: nothing was declared.';
comment on column cix.submission.declared_currencies is 'Currencies of the control totals that the member declared.';
comment on column cix.submission.declared_amounts is 'Those totals, minor units modulo 2^64.';
comment on column cix.submission.kind is 'The only kind of its records, as in Record; 0: several, or not told.';
comment on column cix.submission.held_rule is 'Rule that holds it, or held it until it was accepted.';
comment on column cix.submission.earlier_id is 'State 4: the submission that holds the same file.';
comment on column cix.submission.record_id is 'Record that sealed_explanation is bound to; null with it.';
comment on column cix.submission.sealed_explanation is 'Why its member had it committed in spite of a rule, sealed.';
comment on column cix.submission.touched_at is 'When it last took a chunk or was held; null: when it was opened.';

alter table cix.submission_chunk
    add column total_currencies text[] not null default '{}',
    add column total_amounts    bigint[] not null default '{}';

comment on column cix.submission_chunk.total_currencies is 'Currencies of the amounts in its records.';
comment on column cix.submission_chunk.total_amounts is 'Their sums, minor units modulo 2^64.';

alter table cix.submission_verdict
    drop constraint submission_verdict_pkey,
    add primary key (member_id, submission_id, chunk, line, rule, field);

-- Of files that are held: nothing of the attempt stays but what it was held for.
create table cix.submission_held (
    member_id     int not null references cix.member,
    submission_id uuid not null,
    chunk         int not null,
    line          int not null,
    rule          text not null,
    severity      smallint not null,
    field         text not null,
    reason        text not null,
    primary key (member_id, submission_id, chunk, line, rule, field)
);

comment on table cix.submission_held is
    'Findings of an attempt to apply a file that was held for them (F006). Append-only.';
comment on column cix.submission_held.member_id is 'Who sent.';
comment on column cix.submission_held.submission_id is 'In which submission.';
comment on column cix.submission_held.chunk is 'In which chunk.';
comment on column cix.submission_held.line is 'Position in the chunk, from 0.';
comment on column cix.submission_held.rule is 'Permanent id of the rule.';
comment on column cix.submission_held.severity is '1 file 2 reject 3 quarantine 4 warning.';
comment on column cix.submission_held.field is 'Field path.';
comment on column cix.submission_held.reason is 'What was expected; empty: the rule''s own sentence.';
