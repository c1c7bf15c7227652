-- Findings: what the exchange noticed about members' business and shows to the regulators.

create table cix.finding (
    subject_id    bigint not null,
    finding_id    bigint not null,
    kind          smallint not null,
    rule          text not null,
    member_id     int not null references cix.member,
    fact_id       bigint,
    submission_id uuid not null,
    period        int,
    currency      text not null,
    measured      bigint,
    bound         bigint,
    state         smallint not null check (state in (1, 2)),
    recorded_at   timestamptz not null,
    primary key (subject_id, finding_id, kind)
);
create index finding_recorded on cix.finding (finding_id);

comment on table cix.finding is 'What the exchange noticed while it took records. Listed for regulators.';
comment on column cix.finding.subject_id is 'About whom; of a finding about a member, the member''s id.';
comment on column cix.finding.finding_id is 'Id of the record that it came from, time-ordered.';
comment on column cix.finding.kind is '1 fund shortfall 2 client money not kept apart 3 guarantee fund short 4 platform and custodian differ 5 limit on one platform passed 6 limit over all platforms passed 7 new credit of a restricted subject.';
comment on column cix.finding.rule is 'The rule that was broken.';
comment on column cix.finding.member_id is 'The member whose business it is.';
comment on column cix.finding.fact_id is 'The fact that it came from, if it was one and was taken.';
comment on column cix.finding.submission_id is 'The submission that it came with.';
comment on column cix.finding.period is 'Month, year * 12 + month - 1; null when it has none.';
comment on column cix.finding.currency is 'ISO 4217, empty when there is no amount.';
comment on column cix.finding.measured is 'What was found: minor units; null when it is no amount.';
comment on column cix.finding.bound is 'What it should be at least, or at most: minor units.';
comment on column cix.finding.state is '1 open, 2 put right by a later record.';
comment on column cix.finding.recorded_at is 'When it was recorded.';
