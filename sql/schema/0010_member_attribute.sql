-- What a member attests about its governance, and the limits of risk that it set itself: attributes of
-- the registry. Append-only: of one kind the latest counts, an ended one has its last day.

create table cix.member_attribute (
    member_id     int not null references cix.member,
    kind          smallint not null check (kind between 1 and 99),
    recorded_at   timestamptz not null,
    from_on       date not null,
    until_on      date check (until_on >= from_on),
    value         bigint check (value >= 0),
    document_hash bytea check (octet_length(document_hash) = 32),
    primary key (member_id, kind, recorded_at),
    check (case when kind < 20 then document_hash is not null and value is null else value is not null end)
);

comment on table cix.member_attribute is
    'Governance attestations and risk limits of members, append-only; of one member and kind the latest counts.';
comment on column cix.member_attribute.member_id is 'Whose.';
comment on column cix.member_attribute.kind is
    'Code list member_attribute: below 20 an attestation, from 20 a limit.';
comment on column cix.member_attribute.recorded_at is 'When it was recorded.';
comment on column cix.member_attribute.from_on is 'First day.';
comment on column cix.member_attribute.until_on is 'Last day, or null: until further notice.';
comment on column cix.member_attribute.value is 'Of a limit: basis points, or minor units of CNY for LIMIT_OUTSTANDING.';
comment on column cix.member_attribute.document_hash is 'Of an attestation: SHA-256 of the document.';
