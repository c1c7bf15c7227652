-- Subjects and how they are found. No identity in plain text: keyed digests find, sealed fields hold.

create table cix.identifier (
    lookup      bytea primary key check (octet_length(lookup) = 32),
    kind        smallint not null,
    subject_id  bigint not null,
    recorded_at timestamptz not null
);

create table cix.subject (
    subject_id   bigint primary key,
    kind         smallint not null,
    status       smallint not null default 1,
    segment      smallint not null default 0,
    birth_year   smallint,
    region       text not null default '',
    industry     text not null default '',
    alias_of     bigint,
    freeze_level smallint not null default 0,
    freeze_from  date,
    freeze_to    date,
    recorded_at  timestamptz not null
) with (fillfactor = 90);

create table cix.subject_name (
    subject_id  bigint not null,
    name_index  bytea not null check (octet_length(name_index) = 32),
    member_id   int not null references cix.member,
    record_id   bigint not null,
    sealed_name bytea not null,
    recorded_at timestamptz not null,
    primary key (subject_id, name_index, member_id)
);

create table cix.subject_identifier (
    subject_id   bigint not null,
    lookup       bytea not null,
    member_id    int not null references cix.member,
    record_id    bigint not null,
    type         smallint not null,
    sealed_value bytea not null,
    recorded_at  timestamptz not null,
    primary key (subject_id, lookup)
);

create table cix.subject_version (
    subject_id     bigint not null,
    record_id      bigint not null,
    member_id      int not null references cix.member,
    submission_id  uuid not null,
    kind           smallint not null,
    segment        smallint not null,
    sex            smallint not null,
    birth_year     smallint,
    sealed_birth   bytea,
    sealed_mobiles bytea,
    sealed_address bytea,
    region         text not null,
    industry       text not null,
    founded_on     date,
    recorded_at    timestamptz not null,
    primary key (subject_id, record_id)
);

create table cix.consent (
    lookup        bytea not null check (octet_length(lookup) = 32),
    member_id     int not null references cix.member,
    consent_id    uuid not null,
    record_id     bigint not null,
    purposes      smallint[] not null,
    data_classes  int not null,
    form          smallint not null,
    signed_on     date not null,
    effective_on  date not null,
    expires_on    date not null,
    document_hash bytea not null check (octet_length(document_hash) = 32),
    is_revoked    boolean not null,
    recorded_at   timestamptz not null,
    primary key (lookup, member_id, consent_id, record_id)
);

comment on table cix.identifier is 'Finds a subject by the keyed digest of an identifier. A row without a subject is harmless.';
comment on column cix.identifier.lookup is 'HMAC-SHA-256 of the kind and the normalised value.';
comment on column cix.identifier.kind is 'Identifier type: 10 resident number ... 25 business registration number.';
comment on column cix.identifier.subject_id is 'Whose it is.';
comment on column cix.identifier.recorded_at is 'When it was first given.';
comment on table cix.subject is 'Persons and organisations: what is known of them in plain codes, as last given.';
comment on column cix.subject.subject_id is 'Id by the application, above zero; never changes.';
comment on column cix.subject.kind is '1 person 2 enterprise 3 individual business 4 public body 5 other.';
comment on column cix.subject.status is '1 active 2 deceased 3 deregistered 4 revoked 5 merged 6 held for a conflict.';
comment on column cix.subject.segment is '1 micro or small 2 farmer 3 student 4 other, 0 not given.';
comment on column cix.subject.birth_year is 'Year of birth of a person; the day is sealed in subject_version.';
comment on column cix.subject.region is 'GB/T 2260 or ISO 3166-2, empty when not given.';
comment on column cix.subject.industry is 'GB/T 4754, empty when not given.';
comment on column cix.subject.alias_of is 'Another subject that this one was found to be; followed one step.';
comment on column cix.subject.freeze_level is '0 none, 1 no inquiry, 2 no new credit.';
comment on column cix.subject.freeze_from is 'First day of the freeze; null: at once.';
comment on column cix.subject.freeze_to is 'Last day of the freeze; null: until lifted.';
comment on column cix.subject.recorded_at is 'When the row was last changed.';
comment on table cix.subject_name is 'Names, one row a spelling and member. Whoever asks must know one of them.';
comment on column cix.subject_name.subject_id is 'Whose name.';
comment on column cix.subject_name.name_index is 'HMAC-SHA-256 of the lookup and the normalised name.';
comment on column cix.subject_name.member_id is 'Who gave it.';
comment on column cix.subject_name.record_id is 'Id of the row, bound into the seal.';
comment on column cix.subject_name.sealed_name is 'The name, sealed.';
comment on column cix.subject_name.recorded_at is 'When it was given first.';
comment on table cix.subject_identifier is 'Identifiers of a subject, for showing them masked.';
comment on column cix.subject_identifier.subject_id is 'Whose identifier.';
comment on column cix.subject_identifier.lookup is 'As in identifier.';
comment on column cix.subject_identifier.member_id is 'Who gave it first.';
comment on column cix.subject_identifier.record_id is 'Id of the row, bound into the seal.';
comment on column cix.subject_identifier.type is 'Identifier type.';
comment on column cix.subject_identifier.sealed_value is 'The normalised value, sealed.';
comment on column cix.subject_identifier.recorded_at is 'When it was given first.';
comment on table cix.subject_version is 'Every subject record as a member gave it. Append-only.';
comment on column cix.subject_version.subject_id is 'Whom it describes.';
comment on column cix.subject_version.record_id is 'Id of the row, time-ordered, bound into the seals.';
comment on column cix.subject_version.member_id is 'Who gave it.';
comment on column cix.subject_version.submission_id is 'With which submission.';
comment on column cix.subject_version.kind is 'As in subject.';
comment on column cix.subject_version.segment is 'As in subject.';
comment on column cix.subject_version.sex is '1 male, 2 female, 9 not stated. Never an input of a rating.';
comment on column cix.subject_version.birth_year is 'Year of birth.';
comment on column cix.subject_version.sealed_birth is 'Birth date, sealed.';
comment on column cix.subject_version.sealed_mobiles is 'Mobile numbers, sealed. Never shown to another member.';
comment on column cix.subject_version.sealed_address is 'Address, sealed. Never shown to another member.';
comment on column cix.subject_version.region is 'As in subject.';
comment on column cix.subject_version.industry is 'As in subject.';
comment on column cix.subject_version.founded_on is 'Day an organisation was founded.';
comment on column cix.subject_version.recorded_at is 'When it was recorded.';
comment on table cix.consent is 'Consents of subjects to members, every version. Append-only; the latest version of an id counts.';
comment on column cix.consent.lookup is 'Keyed digest of the identifier under which it was given; the subject may come later.';
comment on column cix.consent.member_id is 'To whom it was given.';
comment on column cix.consent.consent_id is 'UUID made by the member.';
comment on column cix.consent.record_id is 'Id of the version, time-ordered.';
comment on column cix.consent.purposes is 'What for.';
comment on column cix.consent.data_classes is 'Bits: 1 << (data class - 1).';
comment on column cix.consent.form is '1 written, 2 electronic signature, 3 contract clause.';
comment on column cix.consent.signed_on is 'Day signed.';
comment on column cix.consent.effective_on is 'First day in force.';
comment on column cix.consent.expires_on is 'Last day in force.';
comment on column cix.consent.document_hash is 'SHA-256 of the signed document.';
comment on column cix.consent.is_revoked is 'True: the subject has withdrawn it.';
comment on column cix.consent.recorded_at is 'When the version was recorded.';
