-- Whose data changed, for the job that rates again: noted by whoever writes them, in the same transaction, and not
-- found by times afterwards. A file is recorded when it comes and seen when it is committed, days later.

create table cix.rating_change (
    noted_at timestamptz not null default clock_timestamp(),
    subjects bigint[] not null
);

create table cix.rating_due (
    subject_id bigint primary key,
    turn       bigint not null,
    since      timestamptz not null
);

comment on table cix.rating_change is 'Changes of what ratings read, until the job takes them. Rows are added and taken, never looked for.';
comment on column cix.rating_change.noted_at is 'When it was written.';
comment on column cix.rating_change.subjects is 'Whose data changed.';
comment on table cix.rating_due is 'Who is to be rated again. Of one writer, the server that rates.';
comment on column cix.rating_due.subject_id is 'Who.';
comment on column cix.rating_due.turn is 'The turn in which the latest change was taken: a rating read in an earlier one does not know of it.';
comment on column cix.rating_due.since is 'When the first change was written.';

drop index cix.flag_recorded, cix.protection_recorded, cix.conflict_recorded;

-- What changed before there were notes is rated with everybody.
delete from cix.rating_pass;
comment on column cix.rating_pass.revision is 'Kind 1: of the standards in force, when it began.';
comment on column cix.rating_pass.from_at is 'Kind 1: when it began.';
comment on column cix.rating_pass.to_at is 'Kind 1: when it came through.';
comment on column cix.rating_pass.through is 'Kind 1: subjects up to this id are done; kind 2: the latest turn in which changes were taken.';

-- A foreign key, a pattern that counts and one that looks back cost twenty times as much as the rest of a row. Who
-- writes looks the standard up himself; the same is asked of the reasons in patterns that go through them once, and
-- no code stands there twice if leaving it out everywhere shortens the text by no more than one of it.
alter table cix.rating
    drop constraint rating_standard_no_fkey,
    drop constraint rating_reasons_check,
    drop constraint rating_reasons_differ;
alter table cix.rating
    add constraint rating_reasons_check check (
        reasons ~ '^(([^:;]+:[0-9]+;)*[^:;]+:[0-9]+)?$' and reasons !~ '[^:;]{8}|:[0-9]{6}'
        and length(reasons) - length(replace(reasons, ';', '')) <= 4),
    add constraint rating_reasons_differ check (
        length(replace(';' || reasons, ';' || split_part(reasons, ':', 1) || ':', ''))
            >= length(reasons) - length(split_part(reasons, ':', 1)) - 1
        and length(replace(';' || reasons, ';' || split_part(split_part(reasons, ';', 2), ':', 1) || ':', ''))
            >= length(reasons) - length(split_part(split_part(reasons, ';', 2), ':', 1)) - 1
        and length(replace(';' || reasons, ';' || split_part(split_part(reasons, ';', 3), ':', 1) || ':', ''))
            >= length(reasons) - length(split_part(split_part(reasons, ';', 3), ':', 1)) - 1
        and length(replace(';' || reasons, ';' || split_part(split_part(reasons, ';', 4), ':', 1) || ':', ''))
            >= length(reasons) - length(split_part(split_part(reasons, ';', 4), ':', 1)) - 1);
