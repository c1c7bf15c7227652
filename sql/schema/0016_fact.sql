-- Facts: what members contribute beside consents, subjects, accounts, months and flags. One spine, and one table a kind.
-- fact is append-only: every version of every fact; of one fact the highest record_id counts, and the table of its kind holds
-- that version's content. Facts of a member (fund_report, grade_map) stand under the member's id as subject_id: ids of members
-- are small, those of subjects are made from the time, so that the two never meet.

create table cix.fact_key (
    member_id   int not null references cix.member,
    kind        smallint not null,
    key_index   bytea not null check (octet_length(key_index) = 32),
    subject_id  bigint not null,
    fact_id     bigint not null,
    recorded_at timestamptz not null,
    primary key (member_id, kind, key_index)
);

create table cix.fact (
    subject_id    bigint not null,
    fact_id       bigint not null,
    record_id     bigint not null,
    member_id     int not null references cix.member,
    kind          smallint not null,
    account_id    bigint,
    origin        text not null,
    content_index bytea not null check (octet_length(content_index) = 32),
    sealed_text   bytea,
    is_deleted    boolean not null,
    supersedes    bigint,
    reason        smallint not null,
    sealed_note   bytea,
    submission_id uuid not null,
    chunk         int not null,
    line          int not null,
    recorded_at   timestamptz not null,
    primary key (subject_id, fact_id, record_id)
);

create table cix.liability (
    subject_id       bigint not null,
    fact_id          bigint not null,
    owner_subject_id bigint not null,
    recorded_at      timestamptz not null,
    primary key (subject_id, fact_id)
);

create table cix.account_event (
    subject_id      bigint not null,
    fact_id         bigint not null,
    record_id       bigint not null,
    type            smallint not null,
    happened_on     date not null,
    amount          bigint,
    months_extended int,
    primary key (subject_id, fact_id, record_id)
);

create table cix.party (
    subject_id       bigint not null,
    fact_id          bigint not null,
    record_id        bigint not null,
    party_subject_id bigint not null,
    role             smallint not null,
    liability_amount bigint,
    is_joint         boolean not null,
    from_on          date not null,
    until_on         date,
    primary key (subject_id, fact_id, record_id)
);

create table cix.public_record (
    subject_id   bigint not null,
    fact_id      bigint not null,
    record_id    bigint not null,
    type         smallint not null,
    authority    text not null,
    decided_on   date not null,
    effective_on date,
    ended_on     date,
    amount       bigint,
    currency     text not null,
    status       smallint not null,
    primary key (subject_id, fact_id, record_id)
);

create table cix.fraud_case (
    subject_id       bigint not null,
    fact_id          bigint not null,
    record_id        bigint not null,
    role             smallint not null,
    type             smallint not null,
    method           smallint not null,
    channel          smallint not null,
    dealer_code      text not null,
    region           text not null,
    business_type    text not null,
    currency         text not null,
    amount_at_risk   bigint,
    loss_amount      bigint,
    recovered_amount bigint,
    detected_on      date not null,
    filed_on         date not null,
    evidence_level   smallint not null,
    status           smallint not null,
    expires_on       date not null,
    primary key (subject_id, fact_id, record_id)
);

create table cix.behaviour (
    subject_id            bigint not null,
    fact_id               bigint not null,
    record_id             bigint not null,
    period                int not null,
    role                  smallint not null,
    consent_id            uuid not null,
    currency              text not null,
    transaction_count     bigint not null,
    transaction_amount    bigint not null,
    active_days           smallint not null,
    refund_amount         bigint,
    chargeback_count      bigint,
    counterparty_band     smallint not null,
    top1_counterparty_bps int,
    average_ticket        bigint,
    night_share_bps       int,
    cross_region_bps      int,
    continuous_months     int,
    income_band           smallint not null,
    volatility_bps        int,
    primary key (subject_id, fact_id, record_id)
);

create table cix.statement (
    subject_id          bigint not null,
    fact_id             bigint not null,
    record_id           bigint not null,
    stated_on           date not null,
    type                smallint not null,
    source              smallint not null,
    is_consolidated     boolean not null,
    currency            text not null,
    consent_id          uuid,
    total_assets        bigint,
    current_assets      bigint,
    cash                bigint,
    receivables         bigint,
    inventory           bigint,
    fixed_assets        bigint,
    total_liabilities   bigint,
    current_liabilities bigint,
    equity              bigint,
    revenue             bigint,
    operating_profit    bigint,
    net_profit          bigint,
    operating_cash_flow bigint,
    annual_income       bigint,
    real_estate         bigint,
    deposits            bigint,
    securities          bigint,
    primary key (subject_id, fact_id, record_id)
);

create table cix.fund_report (
    subject_id             bigint not null,
    fact_id                bigint not null,
    record_id              bigint not null,
    platform_id            int not null references cix.member,
    period                 int not null,
    side                   smallint not null,
    currency               text not null,
    custodian_id           int not null references cix.member,
    custody_account        text not null,
    own_funds_account      text not null,
    segregation            smallint not null,
    client_liability       bigint,
    custody_balance        bigint,
    own_funds_balance      bigint,
    in_transit             bigint,
    guarantee_fund_balance bigint,
    guarantee_required_bps int,
    loans_outstanding      bigint,
    compensation_amount    bigint,
    compensation_count     bigint,
    top1_bps               int,
    top10_bps              int,
    related_party_balance  bigint,
    related_party_count    bigint,
    overdue_amount         bigint,
    overdue_count          bigint,
    overdue_90_amount      bigint,
    overdue_90_count       bigint,
    lenders_current        bigint,
    lenders_cumulative     bigint,
    borrowers_current      bigint,
    borrowers_cumulative   bigint,
    cumulative_amount      bigint,
    cumulative_count       bigint,
    primary key (subject_id, fact_id, record_id)
);

create table cix.collection (
    subject_id       bigint not null,
    fact_id          bigint not null,
    record_id        bigint not null,
    stage            smallint not null,
    started_on       date not null,
    ended_on         date,
    agency_code      text not null,
    demanded_amount  bigint,
    recovered_amount bigint,
    result           smallint not null,
    primary key (subject_id, fact_id, record_id)
);

create table cix.member_grade (
    subject_id  bigint not null,
    fact_id     bigint not null,
    record_id   bigint not null,
    graded_on   date not null,
    grade       text not null,
    default_ppm int,
    primary key (subject_id, fact_id, record_id)
);

create table cix.grade_map (
    subject_id   bigint not null,
    fact_id      bigint not null,
    record_id    bigint not null,
    grade        text not null,
    from_on      date not null,
    until_on     date,
    master_grade text not null,
    primary key (subject_id, fact_id, record_id)
);

-- A subject without facts costs a report nothing: the bits say which kinds there may be.
alter table cix.subject add column facts int not null default 0;
comment on column cix.subject.facts is 'Bits 1 << kind of the facts that there may be; bit 0: it may be liable for accounts of others.';

-- The rows of a chunk while cix.fact_put works on them.
create type cix.fact_item as (
    place int, turn int, line int, kind smallint, key_index bytea, content_index bytea,
    fact_id bigint, record_id bigint, subject_id bigint, account_id bigint, party_id bigint,
    lookup bytea, content jsonb, sealed_text bytea, origin text, action smallint, reason smallint,
    sealed_note bytea, rule text, old_subject_id bigint, supersedes bigint);
comment on type cix.fact_item is 'One fact of a chunk: as given, and what was found out.';
create type cix.fact_fault as (
    place int, rule text, severity smallint, field text, finding smallint, measured bigint,
    bound bigint);
comment on type cix.fact_fault is 'A rule that a fact breaks; severity 0: only a finding, finding 0: none.';

comment on table cix.fact_key is 'Finds a fact by its key: a keyed digest of the fields that make it, unique in member and kind.';
comment on column cix.fact_key.member_id is 'Who contributes.';
comment on column cix.fact_key.kind is 'Kind of record, 6 account_event ... 15 grade_map.';
comment on column cix.fact_key.key_index is 'HMAC of member, kind, origin and key fields under the account key.';
comment on column cix.fact_key.subject_id is 'Under whom the latest version stands.';
comment on column cix.fact_key.fact_id is 'The fact.';
comment on column cix.fact_key.recorded_at is 'When it was recorded first.';

comment on table cix.fact is 'Every version of every fact. Append-only; the highest record_id counts.';
comment on column cix.fact.subject_id is 'Whom it is about; of a fact about a member, the member''s id.';
comment on column cix.fact.fact_id is 'The fact.';
comment on column cix.fact.record_id is 'The version, time-ordered, bound into the seals.';
comment on column cix.fact.member_id is 'Who contributed.';
comment on column cix.fact.kind is 'Kind of record, as in fact_key.';
comment on column cix.fact.account_id is 'The account that it is about, if any.';
comment on column cix.fact.origin is 'Institution on whose behalf a credit bureau contributed, or empty.';
comment on column cix.fact.content_index is 'HMAC of the whole content: tells the same from another, sealed texts included.';
comment on column cix.fact.sealed_text is 'The texts that must not lie in plain, packed and sealed.';
comment on column cix.fact.is_deleted is 'True: from this version on it is no longer shown; the kind''s table has no row of it.';
comment on column cix.fact.supersedes is 'The version that this one puts right.';
comment on column cix.fact.reason is 'Why, as in Correction.reason; 0 for a first version.';
comment on column cix.fact.sealed_note is 'The note of the correction, sealed.';
comment on column cix.fact.submission_id is 'With which submission.';
comment on column cix.fact.chunk is 'In which chunk.';
comment on column cix.fact.line is 'Position in the chunk, from 0.';
comment on column cix.fact.recorded_at is 'When it was recorded.';

comment on table cix.liability is 'Finds the accounts of others that a subject is a party of. Append-only.';
comment on column cix.liability.subject_id is 'The party.';
comment on column cix.liability.fact_id is 'The fact, of kind party.';
comment on column cix.liability.owner_subject_id is 'Whose account it is: under whom the fact stands.';
comment on column cix.liability.recorded_at is 'When it was recorded.';

comment on table cix.account_event is 'A special transaction or event of an account. Append-only, one row a version in fact.';
comment on column cix.account_event.subject_id is 'As in fact.';
comment on column cix.account_event.fact_id is 'As in fact.';
comment on column cix.account_event.record_id is 'Version, as in fact.';
comment on column cix.account_event.type is 'Code of the event, 1 to 17.';
comment on column cix.account_event.happened_on is 'Day it happened.';
comment on column cix.account_event.amount is 'Minor units of the account''s currency.';
comment on column cix.account_event.months_extended is 'Months by which the term grew (type 1 and 16), 1 to 600.';

comment on table cix.party is 'Who else answers for, uses or funds an account. Append-only, one row a version in fact.';
comment on column cix.party.subject_id is 'As in fact.';
comment on column cix.party.fact_id is 'As in fact.';
comment on column cix.party.record_id is 'Version, as in fact.';
comment on column cix.party.party_subject_id is 'Who the party is.';
comment on column cix.party.role is '2 co-borrower 3 guarantor 4 counter-guarantor 5 pledgor 6 authorised user 7 investor.';
comment on column cix.party.liability_amount is 'Minor units of the account''s currency.';
comment on column cix.party.is_joint is 'True: jointly liable for all of it.';
comment on column cix.party.from_on is 'First day.';
comment on column cix.party.until_on is 'Last day, when it has ended.';

comment on table cix.public_record is 'A judgment, penalty, arrears or honour of public record. Append-only, one row a version in fact.';
comment on column cix.public_record.subject_id is 'As in fact.';
comment on column cix.public_record.fact_id is 'As in fact.';
comment on column cix.public_record.record_id is 'Version, as in fact.';
comment on column cix.public_record.type is '1 civil judgment 2 enforcement 3 administrative penalty 4 tax arrears 5 housing-fund arrears 6 post-paid arrears 7 bankruptcy 8 qualification 9 award.';
comment on column cix.public_record.authority is 'Authority, 1 to 80 characters.';
comment on column cix.public_record.decided_on is 'Day decided.';
comment on column cix.public_record.effective_on is 'First day in force.';
comment on column cix.public_record.ended_on is 'Day it ended: performed, revoked or expired.';
comment on column cix.public_record.amount is 'Minor units.';
comment on column cix.public_record.currency is 'ISO 4217, or empty.';
comment on column cix.public_record.status is '1 open 2 partly performed 3 performed 4 revoked 5 expired.';

comment on table cix.fraud_case is 'A fraud case; victims are filed to protect them. Append-only, one row a version in fact.';
comment on column cix.fraud_case.subject_id is 'As in fact.';
comment on column cix.fraud_case.fact_id is 'As in fact.';
comment on column cix.fraud_case.record_id is 'Version, as in fact.';
comment on column cix.fraud_case.role is '1 perpetrator 2 suspect 3 victim 4 innocent third party.';
comment on column cix.fraud_case.type is '1 identity fraud 2 false application 3 facility takeover 4 misuse or mule 5 asset conversion 6 first-party bust-out 7 fictitious trade of a merchant 8 dealer collusion 9 insider 10 money laundering 11 protective registration.';
comment on column cix.fraud_case.method is 'How: 1 forged document 2 stolen credential 3 social engineering 4 malware or remote control 5 counterfeit card 6 collusion 7 shell transactions 9 other, 0 not given.';
comment on column cix.fraud_case.channel is 'Channel code as in account, 0 not given.';
comment on column cix.fraud_case.dealer_code is 'Dealer, or empty.';
comment on column cix.fraud_case.region is 'GB/T 2260 or ISO 3166-2, or empty.';
comment on column cix.fraud_case.business_type is 'Product code as in account, or empty.';
comment on column cix.fraud_case.currency is 'ISO 4217, or empty.';
comment on column cix.fraud_case.amount_at_risk is 'Minor units.';
comment on column cix.fraud_case.loss_amount is 'Minor units.';
comment on column cix.fraud_case.recovered_amount is 'Minor units.';
comment on column cix.fraud_case.detected_on is 'Day detected.';
comment on column cix.fraud_case.filed_on is 'Day filed.';
comment on column cix.fraud_case.evidence_level is '1 suspicion 2 reasonable grounds 3 rigorous evidence 4 evidence and product refused or withdrawn.';
comment on column cix.fraud_case.status is '1 open 2 confirmed 3 unfounded 4 closed.';
comment on column cix.fraud_case.expires_on is 'Last day shown.';

comment on table cix.behaviour is 'A month of transactions, summed. Append-only, one row a version in fact.';
comment on column cix.behaviour.subject_id is 'As in fact.';
comment on column cix.behaviour.fact_id is 'As in fact.';
comment on column cix.behaviour.record_id is 'Version, as in fact.';
comment on column cix.behaviour.period is 'Month, year * 12 + month - 1.';
comment on column cix.behaviour.role is '1 merchant 2 payer.';
comment on column cix.behaviour.consent_id is 'Consent that it rests on.';
comment on column cix.behaviour.currency is 'ISO 4217.';
comment on column cix.behaviour.transaction_count is 'Transactions.';
comment on column cix.behaviour.transaction_amount is 'Minor units.';
comment on column cix.behaviour.active_days is 'Days with a transaction.';
comment on column cix.behaviour.refund_amount is 'Minor units.';
comment on column cix.behaviour.chargeback_count is 'Transactions charged back.';
comment on column cix.behaviour.counterparty_band is 'Different counterparties: 1 one 2 two to five 3 six to twenty 4 21 to 100 5 more, 0 not given.';
comment on column cix.behaviour.top1_counterparty_bps is 'Share of the largest counterparty, 0 to 10000.';
comment on column cix.behaviour.average_ticket is 'Minor units.';
comment on column cix.behaviour.night_share_bps is 'Share between 23:00 and 05:00, 0 to 10000.';
comment on column cix.behaviour.cross_region_bps is 'Share across provinces, 0 to 10000.';
comment on column cix.behaviour.continuous_months is 'Months without a gap, this one included, 0 to 1200.';
comment on column cix.behaviour.income_band is 'Income band estimated by the member, 1 lowest to 9, 0 not given.';
comment on column cix.behaviour.volatility_bps is 'Standard deviation over mean of the daily amounts, basis points, 0 to 1000000.';

comment on table cix.statement is 'An asset or financial statement. Append-only, one row a version in fact.';
comment on column cix.statement.subject_id is 'As in fact.';
comment on column cix.statement.fact_id is 'As in fact.';
comment on column cix.statement.record_id is 'Version, as in fact.';
comment on column cix.statement.stated_on is 'Day of the statement.';
comment on column cix.statement.type is '1 annual accounts 2 interim accounts 3 asset statement 4 income statement of a person.';
comment on column cix.statement.source is '1 audited 2 unaudited 3 tax return 4 declared by the subject 5 verified by the member.';
comment on column cix.statement.is_consolidated is 'True: of the group.';
comment on column cix.statement.currency is 'ISO 4217.';
comment on column cix.statement.consent_id is 'Consent that it rests on, when it is of a person.';
comment on column cix.statement.total_assets is 'Minor units.';
comment on column cix.statement.current_assets is 'Minor units.';
comment on column cix.statement.cash is 'Minor units.';
comment on column cix.statement.receivables is 'Minor units.';
comment on column cix.statement.inventory is 'Minor units.';
comment on column cix.statement.fixed_assets is 'Minor units.';
comment on column cix.statement.total_liabilities is 'Minor units.';
comment on column cix.statement.current_liabilities is 'Minor units.';
comment on column cix.statement.equity is 'Minor units.';
comment on column cix.statement.revenue is 'Minor units.';
comment on column cix.statement.operating_profit is 'Minor units.';
comment on column cix.statement.net_profit is 'Minor units.';
comment on column cix.statement.operating_cash_flow is 'Minor units.';
comment on column cix.statement.annual_income is 'Minor units.';
comment on column cix.statement.real_estate is 'Minor units.';
comment on column cix.statement.deposits is 'Minor units.';
comment on column cix.statement.securities is 'Minor units.';

comment on table cix.fund_report is 'A platform''s client funds in one month. Append-only, one row a version in fact.';
comment on column cix.fund_report.subject_id is 'As in fact.';
comment on column cix.fund_report.fact_id is 'As in fact.';
comment on column cix.fund_report.record_id is 'Version, as in fact.';
comment on column cix.fund_report.platform_id is 'The platform.';
comment on column cix.fund_report.period is 'Month, year * 12 + month - 1.';
comment on column cix.fund_report.side is '1 the platform reports 2 the custodian reports.';
comment on column cix.fund_report.currency is 'ISO 4217.';
comment on column cix.fund_report.custodian_id is 'The custodian.';
comment on column cix.fund_report.custody_account is 'Last 4 characters of the custody account.';
comment on column cix.fund_report.own_funds_account is 'Last 4 characters of the account of the platform''s own funds.';
comment on column cix.fund_report.segregation is 'Client money is kept apart: 1 yes 2 no, 0 not given.';
comment on column cix.fund_report.client_liability is 'Minor units.';
comment on column cix.fund_report.custody_balance is 'Minor units.';
comment on column cix.fund_report.own_funds_balance is 'Minor units.';
comment on column cix.fund_report.in_transit is 'Minor units.';
comment on column cix.fund_report.guarantee_fund_balance is 'Minor units.';
comment on column cix.fund_report.guarantee_required_bps is 'Basis points of loans_outstanding.';
comment on column cix.fund_report.loans_outstanding is 'Minor units.';
comment on column cix.fund_report.compensation_amount is 'Minor units.';
comment on column cix.fund_report.compensation_count is 'Number, counted.';
comment on column cix.fund_report.top1_bps is 'Share of the largest borrower, basis points.';
comment on column cix.fund_report.top10_bps is 'Share of the ten largest borrowers, basis points.';
comment on column cix.fund_report.related_party_balance is 'Minor units.';
comment on column cix.fund_report.related_party_count is 'Number, counted.';
comment on column cix.fund_report.overdue_amount is 'Minor units.';
comment on column cix.fund_report.overdue_count is 'Number, counted.';
comment on column cix.fund_report.overdue_90_amount is 'Minor units.';
comment on column cix.fund_report.overdue_90_count is 'Number, counted.';
comment on column cix.fund_report.lenders_current is 'Number, counted.';
comment on column cix.fund_report.lenders_cumulative is 'Number, counted.';
comment on column cix.fund_report.borrowers_current is 'Number, counted.';
comment on column cix.fund_report.borrowers_cumulative is 'Number, counted.';
comment on column cix.fund_report.cumulative_amount is 'Minor units.';
comment on column cix.fund_report.cumulative_count is 'Number, counted.';

comment on table cix.collection is 'An act of collection or recovery. Append-only, one row a version in fact.';
comment on column cix.collection.subject_id is 'As in fact.';
comment on column cix.collection.fact_id is 'As in fact.';
comment on column cix.collection.record_id is 'Version, as in fact.';
comment on column cix.collection.stage is '1 message or call 2 visit 3 legal action 4 outsourced 5 recovery after write-off.';
comment on column cix.collection.started_on is 'First day.';
comment on column cix.collection.ended_on is 'Last day, when it has ended.';
comment on column cix.collection.agency_code is 'Code of the agency, or empty.';
comment on column cix.collection.demanded_amount is 'Minor units of the account''s currency.';
comment on column cix.collection.recovered_amount is 'Minor units of the account''s currency.';
comment on column cix.collection.result is '1 paid in full 2 paid in part 3 promise to pay 4 not reached 5 refused 6 disputed 7 given up, 0 not ended.';

comment on table cix.member_grade is 'A member''s own grade of a subject. Append-only, one row a version in fact.';
comment on column cix.member_grade.subject_id is 'As in fact.';
comment on column cix.member_grade.fact_id is 'As in fact.';
comment on column cix.member_grade.record_id is 'Version, as in fact.';
comment on column cix.member_grade.graded_on is 'Day graded.';
comment on column cix.member_grade.grade is 'The member''s grade, 1 to 16 printable characters; shown to others only through the member''s map.';
comment on column cix.member_grade.default_ppm is 'The member''s estimate of default within twelve months, parts of a million.';

comment on table cix.grade_map is 'What a member''s grade means on the master scale. Append-only, one row a version in fact.';
comment on column cix.grade_map.subject_id is 'As in fact.';
comment on column cix.grade_map.fact_id is 'As in fact.';
comment on column cix.grade_map.record_id is 'Version, as in fact.';
comment on column cix.grade_map.grade is 'The member''s grade.';
comment on column cix.grade_map.from_on is 'First day.';
comment on column cix.grade_map.until_on is 'Last day; absent: until further notice.';
comment on column cix.grade_map.master_grade is 'AAA AA A BBB BB B CCC CC C D.';
