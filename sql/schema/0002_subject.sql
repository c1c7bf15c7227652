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
