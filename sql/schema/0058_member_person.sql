-- Whom a member is led by: the person who has to answer for it. Known by a keyed digest alone, for the exchange asks no more
-- than whether a court lists this person.

create table cix.member_person (
    member_id   int primary key references cix.member,
    lookup      bytea not null check (octet_length(lookup) = 32),
    recorded_at timestamptz not null
);
create index member_person_lookup on cix.member_person (lookup);

comment on table cix.member_person is 'The responsible person of a member.';
comment on column cix.member_person.member_id is 'Whose.';
comment on column cix.member_person.lookup is 'Keyed digest of the identifier, as in identifier.';
comment on column cix.member_person.recorded_at is 'When it was recorded.';
comment on column cix.finding.kind is
    '1 fund shortfall 2 client money not kept apart 3 guarantee fund short 4 platform and custodian differ 5 limit on one platform passed 6 limit over all platforms passed 7 new credit of a restricted subject 8 representative listed 9 inquiries unused 10 responsible person listed 21 to 28 own limits.';
comment on column cix.finding.finding_id is 'Time-ordered. Id of the record that it came from; of kinds 8 to 10 and 21 to 28 its own.';
comment on column cix.finding.reporter_id is 'The member that sent the record that it came from; null of kinds 8 to 10 and 21 to 28.';
