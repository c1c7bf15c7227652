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

comment on table cix.inquiry is 'Who asked about whom, and why. Written and committed before anything is read. Append-only.';
comment on column cix.inquiry.subject_id is 'Who was asked about; below zero, and from the lookup, when nobody was found.';
comment on column cix.inquiry.inquiry_id is 'Id by the application, time-ordered.';
comment on column cix.inquiry.member_id is 'Who asked.';
comment on column cix.inquiry.purpose is 'Inquiry reason.';
comment on column cix.inquiry.product is '1 report, 2 flag check.';
comment on column cix.inquiry.operator is 'Keyed digest of the operator inside the member.';
comment on column cix.inquiry.consent_id is 'Consent that the decision rests on, null when none is needed.';
comment on column cix.inquiry.xid is 'Transaction that wrote it: only another one may serve it.';
comment on column cix.inquiry.at is 'When.';
comment on table cix.audit is 'Every act, one row, written in the transaction of the act. Append-only; layout in sql/api/audit.sql.';
comment on column cix.audit.audit_id is 'Id by the application; of an inquiry, the inquiry''s.';
comment on column cix.audit.layout is 'Version of the layout of the leaf.';
comment on column cix.audit.at is 'When.';
comment on column cix.audit.member_id is 'Who acted.';
comment on column cix.audit.method is 'Audit code of the method.';
comment on column cix.audit.certificate is 'SHA-256 of the certificate in use.';
comment on column cix.audit.salt is 'Random bytes of the commitment.';
comment on column cix.audit.subject_commitment is 'SHA-256 of salt and lookup.';
comment on column cix.audit.purpose is 'Inquiry reason, 0 none.';
comment on column cix.audit.consent_id is 'Consent used or named, if any.';
comment on column cix.audit.outcome is '0 done, others as the method names them.';
comment on column cix.audit.records_hash is 'Keyed digest of the records written, zeros when none.';
comment on column cix.audit.leaf is 'Leaf hash (RFC 6962) over layout 1.';
