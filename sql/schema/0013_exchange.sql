-- Whether this is a test exchange, and what members in state TESTING have shown on one.

alter table cix.registry add column is_test boolean not null default false;
comment on column cix.registry.is_test is
    'A test exchange: TESTING members may do what ACTIVE ones may. Declared before the first submission, for good.';

create table cix.conformance (
    member_id        int not null references cix.member,
    file_hash        bytea not null check (octet_length(file_hash) = 32),
    fingerprint      bytea not null references cix.member_certificate,
    made_at          timestamptz not null,
    exchange_version text not null check (length(exchange_version) between 1 and 32),
    client_version   text not null check (length(client_version) between 1 and 32),
    case_count       int not null check (case_count > 0),
    recorded_at      timestamptz not null,
    primary key (member_id, file_hash)
);

comment on table cix.conformance is
    'Results of cix conformance that members were activated by, append-only.';
comment on column cix.conformance.member_id is 'Who showed it.';
comment on column cix.conformance.file_hash is 'SHA-256 of the result file, which the operator keeps.';
comment on column cix.conformance.fingerprint is 'Certificate of the member whose key signed it.';
comment on column cix.conformance.made_at is 'When the cases ran, as the result says.';
comment on column cix.conformance.exchange_version is 'Software of the test exchange.';
comment on column cix.conformance.client_version is 'Software that ran the cases.';
comment on column cix.conformance.case_count is 'Cases that ran; all of them passed.';
comment on column cix.conformance.recorded_at is 'When the operator activated the member by it.';
