-- Listings that are put right: what they said before, and with which submission each change came.

alter table cix.flag
    add column submission_id uuid;
alter table cix.flag_event
    add column submission_id uuid,
    add column restored_by uuid,
    add column version_id bigint;
create index flag_event_recorded on cix.flag_event using brin (recorded_at);

create table cix.flag_version (
    subject_id     bigint not null,
    flag_id        bigint not null,
    record_id      bigint not null,
    submission_id  uuid,
    sealed_case_no bytea not null,
    case_index     bytea check (octet_length(case_index) = 32),
    court          text not null,
    region         text not null,
    filed_on       date not null,
    published_on   date not null,
    expires_on     date,
    ground         smallint not null,
    performance    smallint not null,
    grade          smallint not null,
    restrictions   smallint[] not null,
    source         text,
    source_seq     bigint,
    recorded_at    timestamptz not null,
    primary key (subject_id, flag_id, record_id)
);

comment on column cix.flag.submission_id is 'With which submission the present content came; null: before this was kept.';
comment on column cix.flag_event.submission_id is 'With which submission; null: by another way, or before this was kept.';
comment on column cix.flag_event.restored_by is 'Submission whose back-out made the event; null: none.';
comment on column cix.flag_event.version_id is 'Content from then on: record_id in flag or flag_version; null: the first.';

comment on table cix.flag_version is 'What listings said before their courts put them right.';
comment on column cix.flag_version.subject_id is 'Who is listed.';
comment on column cix.flag_version.flag_id is 'The listing.';
comment on column cix.flag_version.record_id is 'The version, bound into the seal.';
comment on column cix.flag_version.submission_id is 'As in flag.';
comment on column cix.flag_version.sealed_case_no is 'Case number, sealed.';
comment on column cix.flag_version.case_index is 'As in flag.';
comment on column cix.flag_version.court is 'As in flag.';
comment on column cix.flag_version.region is 'As in flag.';
comment on column cix.flag_version.filed_on is 'As in flag.';
comment on column cix.flag_version.published_on is 'As in flag.';
comment on column cix.flag_version.expires_on is 'As in flag.';
comment on column cix.flag_version.ground is 'As in flag.';
comment on column cix.flag_version.performance is 'As in flag.';
comment on column cix.flag_version.grade is 'As in flag.';
comment on column cix.flag_version.restrictions is 'As in flag.';
comment on column cix.flag_version.source is 'As in flag.';
comment on column cix.flag_version.source_seq is 'As in flag.';
comment on column cix.flag_version.recorded_at is 'When another took its place.';
