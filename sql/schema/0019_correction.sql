-- Putting right: versions that take one back, why, and whole submissions that are taken back. All of it
-- may be null and then costs nothing.

alter table cix.performance_delta
    add column is_deleted boolean,
    add column restored_by uuid;
alter table cix.account
    add column deleted_until int;
alter table cix.account_version
    add column is_deleted boolean,
    add column restored_by uuid;
alter table cix.subject_version
    add column is_deleted boolean;
alter table cix.subject_name
    add column identifier_head bigint;

-- What a submission brought is found by the time at which it was recorded: versions lie in that order.
create index performance_delta_recorded on cix.performance_delta using brin (recorded_at);
create index account_version_recorded on cix.account_version using brin (recorded_at);

create table cix.account_removed (
    subject_id        bigint not null,
    account_id        bigint not null,
    record_id         bigint not null,
    sealed_account_no bytea not null,
    recorded_at       timestamptz not null,
    primary key (subject_id, account_id)
);

create table cix.correction (
    member_id     int not null references cix.member,
    submission_id uuid not null,
    record_id     bigint not null,
    kind          smallint not null,
    action        smallint not null,
    reason        smallint not null,
    sealed_note   bytea,
    chunk         int not null,
    line          int not null,
    recorded_at   timestamptz not null,
    primary key (member_id, submission_id, record_id)
);

create table cix.back_out (
    member_id     int not null references cix.member,
    submission_id uuid not null,
    back_out_id   bigint not null,
    phase         smallint not null,
    accounts      bigint not null default 0,
    asked_at      timestamptz not null,
    done_at       timestamptz,
    primary key (member_id, submission_id)
);

create table cix.back_out_work (
    subject_id    bigint not null,
    account_id    bigint not null,
    member_id     int not null,
    submission_id uuid not null,
    phase         smallint not null,
    primary key (subject_id, account_id, submission_id)
);
create index back_out_work_next
    on cix.back_out_work (member_id, submission_id, phase, subject_id, account_id);

comment on column cix.performance_delta.is_deleted is 'True: the month is taken back; null: it is not.';
comment on column cix.performance_delta.restored_by is 'Submission whose back-out made this row: what counted before it counts again, or nothing does.';
comment on column cix.account.deleted_until is 'Latest month that was ever taken back; null: none.';
comment on column cix.account_version.is_deleted is 'True: the account is taken back; null: it is not.';
comment on column cix.account_version.restored_by is 'Submission whose back-out made this row.';
comment on column cix.subject_version.is_deleted is 'True: the member takes its record of the subject back.';
comment on column cix.subject_name.identifier_head is
    'First eight bytes of the lookup that the name was given with; null in rows older than this column.';

comment on table cix.account_removed is
    'Accounts that were taken back: their row is gone from account, their sealed number waits here.';
comment on column cix.account_removed.subject_id is 'Who owed.';
comment on column cix.account_removed.account_id is 'The account.';
comment on column cix.account_removed.record_id is 'Record that sealed_account_no is bound to.';
comment on column cix.account_removed.sealed_account_no is 'The member''s own number, sealed.';
comment on column cix.account_removed.recorded_at is 'When it was taken back.';

comment on table cix.correction is
    'Why a record was put right, one row a record that carried a correction. Append-only.';
comment on column cix.correction.member_id is 'Who put it right.';
comment on column cix.correction.submission_id is 'In which submission.';
comment on column cix.correction.record_id is 'Version that it made; the note is bound to it.';
comment on column cix.correction.kind is 'Kind of record, as on the wire; 0: a whole submission was taken back.';
comment on column cix.correction.action is '1 replace 2 delete.';
comment on column cix.correction.reason is '1 own error 2 dispute 3 order 4 identity fraud 5 wrong subject 6 duplicate 9 other.';
comment on column cix.correction.sealed_note is 'Note of the member, sealed; null for none.';
comment on column cix.correction.chunk is 'In which chunk.';
comment on column cix.correction.line is 'Position in the chunk, from 0.';
comment on column cix.correction.recorded_at is 'When it was recorded.';

comment on table cix.back_out is
    'Submissions that are taken back as a whole.';
comment on column cix.back_out.member_id is 'Whose submission.';
comment on column cix.back_out.submission_id is 'Which.';
comment on column cix.back_out.back_out_id is 'Id by the application; why is in correction under it.';
comment on column cix.back_out.phase is '1 looking whether it can be separated, 2 taking back, 3 done.';
comment on column cix.back_out.accounts is 'Accounts that were taken back to what they were before.';
comment on column cix.back_out.asked_at is 'When it was asked for.';
comment on column cix.back_out.done_at is 'When it was done.';

comment on table cix.back_out_work is
    'Accounts that a back-out has still to look at (phase 1) or to take back (phase 2). Emptied by it.';
comment on column cix.back_out_work.subject_id is 'Who owes.';
comment on column cix.back_out_work.account_id is 'The account.';
comment on column cix.back_out_work.member_id is 'Whose submission.';
comment on column cix.back_out_work.submission_id is 'Which.';
comment on column cix.back_out_work.phase is 'As in back_out.';
