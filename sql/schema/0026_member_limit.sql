-- Limits of risk that members set themselves, held against what they report.

create table cix.limit_check (
    member_id  int not null references cix.member,
    kind       smallint not null check (kind between 20 and 99),
    period     int not null,
    limit_at   timestamptz not null,
    value      text not null,
    measured   bigint,
    bound      bigint not null,
    checked_at timestamptz not null,
    primary key (member_id, kind, period)
);

comment on table cix.limit_check is 'What was measured of a member''s limit in a month; once, and again when the limit changed.';
comment on column cix.limit_check.member_id is 'Whose limit.';
comment on column cix.limit_check.kind is 'Code list member_attribute, from 20.';
comment on column cix.limit_check.period is 'Month, year * 12 + month - 1.';
comment on column cix.limit_check.limit_at is 'When the limit that it was held against was recorded.';
comment on column cix.limit_check.value is 'The largest region, industry or dealer; empty for other kinds.';
comment on column cix.limit_check.measured is 'Basis points, or minor units of CNY for LIMIT_OUTSTANDING; null: nothing was outstanding.';
comment on column cix.limit_check.bound is 'The limit, in the same unit.';
comment on column cix.limit_check.checked_at is 'When.';

alter table cix.finding
    alter column submission_id drop not null,
    add column value text;
create index finding_limit on cix.finding (subject_id, kind) where kind between 21 and 28;

comment on column cix.finding.kind is '1 fund shortfall 2 client money not kept apart 3 guarantee fund short 4 platform and custodian differ 5 limit on one platform passed 6 limit over all platforms passed 7 new credit of a restricted subject 8 representative listed for the case of the organisation; 21 to 28 a limit that the member set itself is passed, numbers as in code list member_attribute.';
comment on column cix.finding.submission_id is 'The submission that it came with; null of kinds 21 to 28.';
comment on column cix.finding.measured is 'What was found: minor units, of shares (kinds 21 to 27) basis points; null when it is no amount.';
comment on column cix.finding.bound is 'What it should be at least, or at most: in the same unit.';
comment on column cix.finding.value is 'Of kinds 24 to 26 the industry, region or dealer.';
