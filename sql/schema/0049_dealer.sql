-- The dealers through whom members lend (rule A016): facts of a member, as grade_map. Accounts stored before there was a
-- register stand.

create table cix.dealer (
    subject_id  bigint not null,
    fact_id     bigint not null,
    record_id   bigint not null,
    dealer_code text not null,
    region      text not null,
    from_on     date not null,
    until_on    date,
    primary key (subject_id, fact_id, record_id)
);

create index dealer_code on cix.dealer (subject_id, dealer_code);

comment on table cix.dealer is 'Dealers of members; name and identifier are in the fact''s sealed text. Append-only, one row a version in fact.';
comment on column cix.dealer.subject_id is 'As in fact: the member''s id.';
comment on column cix.dealer.fact_id is 'As in fact.';
comment on column cix.dealer.record_id is 'Version, as in fact.';
comment on column cix.dealer.dealer_code is 'The member''s code of the dealer, as in account; letters, digits and a few signs, so no name.';
comment on column cix.dealer.region is 'GB/T 2260 or ISO 3166-2, or empty.';
comment on column cix.dealer.from_on is 'First day.';
comment on column cix.dealer.until_on is 'Last day; absent: until further notice.';
comment on column cix.fact_key.kind is 'Kind of record, 6 account_event ... 16 dealer.';
