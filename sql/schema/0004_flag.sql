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

comment on table cix.flag_key is 'Finds a listing by the id that its court gave it.';
comment on column cix.flag_key.member_id is 'The court.';
comment on column cix.flag_key.external_id is 'UUID made by the court.';
comment on column cix.flag_key.subject_id is 'Who is listed.';
comment on column cix.flag_key.flag_id is 'The listing.';
comment on column cix.flag_key.recorded_at is 'When it was recorded.';
comment on table cix.flag is 'Dishonest-person listings with their present status.';
comment on column cix.flag.subject_id is 'Who is listed.';
comment on column cix.flag.flag_id is 'Id by the application.';
comment on column cix.flag.member_id is 'The court that listed.';
comment on column cix.flag.external_id is 'Id of the court.';
comment on column cix.flag.record_id is 'Bound into the seal.';
comment on column cix.flag.sealed_case_no is 'Case number, sealed.';
comment on column cix.flag.court is 'Name of the court.';
comment on column cix.flag.region is 'Region of the court.';
comment on column cix.flag.filed_on is 'Day the case was filed.';
comment on column cix.flag.published_on is 'First day of the listing.';
comment on column cix.flag.expires_on is 'Last day of the listing, when it has one.';
comment on column cix.flag.ground is 'Why: 1 able but refuses ... as published.';
comment on column cix.flag.performance is '0 not given, 1 none, 2 part, 3 full.';
comment on column cix.flag.grade is 'Grade of the listing, 0 not given.';
comment on column cix.flag.restrictions is 'Measures in force.';
comment on column cix.flag.status is '1 listed 2 grace 3 suspended 4 removed 5 corrected 6 expired.';
comment on column cix.flag.status_reason is 'Reason of the last change, 0 none.';
comment on column cix.flag.recorded_at is 'When the row was last changed.';
comment on table cix.flag_event is 'History of a listing''s status. Append-only.';
comment on column cix.flag_event.subject_id is 'Who is listed.';
comment on column cix.flag_event.flag_id is 'The listing.';
comment on column cix.flag_event.event_id is 'Id by the application, time-ordered.';
comment on column cix.flag_event.status is 'Status from then on.';
comment on column cix.flag_event.status_reason is 'Why, 0 none.';
comment on column cix.flag_event.member_id is 'Who changed it.';
comment on column cix.flag_event.recorded_at is 'When it was recorded.';
