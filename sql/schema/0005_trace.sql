-- Traces: who looked, and what was done. Append-only.

create table cix.inquiry (
    subject_id bigint not null,
    inquiry_id bigint not null,
    member_id  int not null references cix.member,
    purpose    smallint not null,
    product    smallint not null,
    operator   bytea not null,
    consent_id uuid,
    xid        xid8 not null,
    at         timestamptz not null,
    primary key (subject_id, inquiry_id)
);

create table cix.audit (
    audit_id           bigint primary key,
    layout             smallint not null,
    at                 timestamptz not null,
    member_id          int not null,
    method             smallint not null,
    certificate        bytea not null,
    salt               bytea not null,
    subject_commitment bytea not null,
    purpose            smallint not null,
    consent_id         uuid,
    outcome            smallint not null,
    records_hash       bytea not null,
    leaf               bytea not null check (octet_length(leaf) = 32)
);
