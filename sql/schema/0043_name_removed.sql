-- Names and identifiers that a submission took away, so that its back-out gives them again.

create table cix.subject_name_removed (
    subject_id      bigint not null,
    name_index      bytea not null check (octet_length(name_index) = 32),
    member_id       int not null references cix.member,
    submission_id   uuid not null,
    record_id       bigint not null,
    sealed_name     bytea not null,
    identifier_head bigint,
    recorded_at     timestamptz not null,
    removed_at      timestamptz not null,
    primary key (subject_id, name_index, member_id, submission_id)
);

create table cix.subject_identifier_removed (
    subject_id    bigint not null,
    lookup        bytea not null check (octet_length(lookup) = 32),
    member_id     int not null references cix.member,
    submission_id uuid not null,
    record_id     bigint not null,
    type          smallint not null,
    sealed_value  bytea not null,
    recorded_at   timestamptz not null,
    removed_at    timestamptz not null,
    primary key (subject_id, lookup, member_id, submission_id)
);

comment on table cix.subject_name_removed is
    'Names that a member took away again: nobody is found by them. One row a submission that did.';
comment on column cix.subject_name_removed.subject_id is 'Whose name.';
comment on column cix.subject_name_removed.name_index is 'As in subject_name.';
comment on column cix.subject_name_removed.member_id is 'Who gave it, and took it away.';
comment on column cix.subject_name_removed.submission_id is 'What took it away, or was taken back itself.';
comment on column cix.subject_name_removed.record_id is 'Id of the row in subject_name, bound into the seal.';
comment on column cix.subject_name_removed.sealed_name is 'The name, sealed.';
comment on column cix.subject_name_removed.identifier_head is 'As in subject_name.';
comment on column cix.subject_name_removed.recorded_at is 'When it was given first.';
comment on column cix.subject_name_removed.removed_at is 'When it was taken away.';
comment on table cix.subject_identifier_removed is
    'Identifiers that went with the last name given with them: nobody is found by them.';
comment on column cix.subject_identifier_removed.subject_id is 'Whose identifier.';
comment on column cix.subject_identifier_removed.lookup is 'As in identifier.';
comment on column cix.subject_identifier_removed.member_id is 'Who took it away.';
comment on column cix.subject_identifier_removed.submission_id is 'As in subject_name_removed.';
comment on column cix.subject_identifier_removed.record_id is
    'Id of the row in subject_identifier, bound into the seal.';
comment on column cix.subject_identifier_removed.type is 'Identifier type.';
comment on column cix.subject_identifier_removed.sealed_value is 'The normalised value, sealed.';
comment on column cix.subject_identifier_removed.recorded_at is 'When it was given first.';
comment on column cix.subject_identifier_removed.removed_at is 'When it was taken away.';
