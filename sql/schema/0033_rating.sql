-- The history of ratings, and how far the job that rates everybody has come. Plain codes, nothing sealed.

create table cix.rating (
    subject_id   bigint not null,
    rating_id    bigint not null,
    standard_no  int not null references cix.standard,
    as_of        date not null,
    score        smallint check (score between 300 and 900),
    exclusion    text check (length(exclusion) between 1 and 7),
    grade        text not null,
    scored_grade text not null,
    pd_ppm       int,
    reasons      text not null check (reasons ~ '^([^:;]{1,7}:[0-9]{1,5}(;|$)){0,5}$'),
    inputs       text not null,
    recorded_at  timestamptz not null,
    primary key (subject_id, rating_id),
    check ((score is null) = (exclusion is not null)),
    check ((score is null) = (pd_ppm is null)),
    check ((score is null) = (scored_grade = ''))
);

create table cix.rating_pass (
    kind     smallint primary key check (kind between 1 and 2),
    is_open  boolean not null,
    revision bigint not null,
    from_at  timestamptz not null,
    to_at    timestamptz not null,
    through  bigint not null
);

create index flag_recorded on cix.flag using brin (recorded_at);
create index protection_recorded on cix.protection using brin (recorded_at);
create index conflict_recorded on cix.conflict using brin (recorded_at);
create index subject_version_recorded on cix.subject_version using brin (recorded_at);

comment on table cix.rating is
    'Ratings of subjects by the standards that were in force, one row whenever the answer changed. Append-only.';
comment on column cix.rating.subject_id is 'Who was rated.';
comment on column cix.rating.rating_id is 'Id by the application, time-ordered.';
comment on column cix.rating.standard_no is 'By which version of which standard.';
comment on column cix.rating.as_of is 'Day of the rating.';
comment on column cix.rating.score is '300 to 900; null: excluded (G001).';
comment on column cix.rating.exclusion is 'Code of the reason why there is no score; else null.';
comment on column cix.rating.grade is 'After overrides (G002); NR when excluded.';
comment on column cix.rating.scored_grade is 'That of the score alone; empty when excluded.';
comment on column cix.rating.pd_ppm is 'Probability of the outcome, parts in a million; null when excluded.';
comment on column cix.rating.reasons is 'At most five, different, CODE:POINTS with ; between (G004).';
comment on column cix.rating.inputs is
    'Values of all attributes of the standard, in its order, with commas between, empty for a missing one: the score follows from them (G003).';
comment on column cix.rating.recorded_at is 'When it was written.';
comment on table cix.rating_pass is 'How far the rating of everybody has come: one row a kind, of one writer.';
comment on column cix.rating_pass.kind is '1 all subjects 2 those whose data changed.';
comment on column cix.rating_pass.is_open is 'It has not come through yet.';
comment on column cix.rating_pass.revision is 'Of the standards in force, when it began.';
comment on column cix.rating_pass.from_at is 'Kind 2: changes from then on; kind 1: when it began.';
comment on column cix.rating_pass.to_at is 'Kind 2: changes until then; kind 1: when it came through.';
comment on column cix.rating_pass.through is 'Subjects up to this id are done.';
