-- Accounts and their monthly performance. performance_delta is the source of truth; account and the
-- roll-ups are kept from it and can be rebuilt from it exactly.

create table cix.account_key (
    member_id     int not null references cix.member,
    account_index bytea not null check (octet_length(account_index) = 32),
    subject_id    bigint not null,
    account_id    bigint not null,
    recorded_at   timestamptz not null,
    primary key (member_id, account_index)
);

create table cix.account (
    subject_id        bigint not null,
    account_id        bigint not null,
    member_id         int not null references cix.member,
    type              smallint not null,
    business_type     text not null,
    currency          text not null,
    original_amount   bigint,
    credit_limit      bigint,
    opened_on         date not null,
    matures_on        date,
    closed_on         date,
    term_months       smallint,
    annual_rate_bps   int,
    repay_frequency   smallint not null,
    security          smallint not null,
    region            text not null,
    industry          text not null,
    channel           smallint not null,
    dealer_code       text not null,
    platform_id       int references cix.member,
    record_id         bigint not null,
    sealed_account_no bytea not null,
    attributes_at     timestamptz not null,
    last_period       int,
    recorded_at       timestamptz,
    account_status    smallint,
    five_category     smallint,
    days_overdue      int,
    balance           bigint,
    overdue_amount    bigint,
    status_ring       bytea not null check (octet_length(status_ring) = 60),
    month_ring        bytea not null check (octet_length(month_ring) = 960),
    primary key (subject_id, account_id)
) with (fillfactor = 85);
alter table cix.account alter column status_ring set storage plain, alter column month_ring set storage plain;

create table cix.account_version (
    subject_id      bigint not null,
    account_id      bigint not null,
    record_id       bigint not null,
    member_id       int not null references cix.member,
    submission_id   uuid not null,
    type            smallint not null,
    business_type   text not null,
    currency        text not null,
    original_amount bigint,
    credit_limit    bigint,
    opened_on       date not null,
    matures_on      date,
    closed_on       date,
    term_months     smallint,
    annual_rate_bps int,
    repay_frequency smallint not null,
    security        smallint not null,
    region          text not null,
    industry        text not null,
    channel         smallint not null,
    dealer_code     text not null,
    platform_id     int references cix.member,
    recorded_at     timestamptz not null,
    primary key (subject_id, account_id, record_id)
);

create table cix.performance_delta (
    subject_id        bigint not null,
    account_id        bigint not null,
    period            int not null,
    delta_id          bigint not null,
    member_id         int not null, -- the account's; no reference, it would be checked row by row
    submission_id     uuid not null,
    chunk             int not null,
    line              int not null,
    account_status    smallint not null,
    repay_status      "char" not null,
    balance           bigint,
    due_amount        bigint,
    paid_amount       bigint,
    overdue_amount    bigint,
    overdue_principal bigint,
    days_overdue      int,
    overdue_terms     int,
    five_category     smallint not null,
    classified_on     date,
    remaining_terms   int,
    used_limit        bigint,
    paid_on           date,
    collection_stage  smallint not null,
    reported_on       date,
    cell_id           bigint not null,
    recorded_at       timestamptz not null,
    primary key (subject_id, account_id, period, delta_id)
);

comment on table cix.account_key is
    'Finds an account by its member''s own number: a keyed digest, unique for ever.';
comment on column cix.account_key.member_id is 'Whose account it is.';
comment on column cix.account_key.account_index is 'HMAC of member and account number under the account key.';
comment on column cix.account_key.subject_id is 'Who owes.';
comment on column cix.account_key.account_id is 'The account.';
comment on column cix.account_key.recorded_at is 'When it was recorded.';

comment on table cix.account is
    'Current state of an account, kept from account_version and performance_delta and rebuilt from them exactly.';
comment on column cix.account.subject_id is 'Who owes.';
comment on column cix.account.account_id is 'Id of the exchange.';
comment on column cix.account.member_id is 'Whose account it is.';
comment on column cix.account.type is '1 D1, 2 R1, 3 R2, 4 R3, 5 R4, 6 C1.';
comment on column cix.account.business_type is 'Product code, two characters.';
comment on column cix.account.currency is 'ISO 4217.';
comment on column cix.account.original_amount is 'Amount lent, minor units.';
comment on column cix.account.credit_limit is 'Limit, minor units.';
comment on column cix.account.opened_on is 'Day opened.';
comment on column cix.account.matures_on is 'Day due.';
comment on column cix.account.closed_on is 'Day closed.';
comment on column cix.account.term_months is 'Months of term.';
comment on column cix.account.annual_rate_bps is 'Yearly rate, basis points.';
comment on column cix.account.repay_frequency is 'Repayment frequency code, 0 not given.';
comment on column cix.account.security is '1 mortgage 2 pledge 3 guarantee 4 credit 5 combined 9 other, 0 not given.';
comment on column cix.account.region is 'Where the money is used; empty when not given.';
comment on column cix.account.industry is 'Industry the money is used in; empty when not given.';
comment on column cix.account.channel is 'Channel code, 0 not given.';
comment on column cix.account.dealer_code is 'The dealer''s code, or empty.';
comment on column cix.account.platform_id is 'Platform member, when the creditor is another.';
comment on column cix.account.record_id is 'Record that sealed_account_no is bound to.';
comment on column cix.account.sealed_account_no is 'The member''s own number, sealed.';
comment on column cix.account.attributes_at is 'When the attributes above were recorded.';
comment on column cix.account.last_period is 'Latest month reported, year * 12 + month - 1.';
comment on column cix.account.recorded_at is 'When the latest month was recorded.';
comment on column cix.account.account_status is 'Status of the latest month.';
comment on column cix.account.five_category is 'Class of the latest month, 0 not given.';
comment on column cix.account.days_overdue is 'Days overdue in the latest month.';
comment on column cix.account.balance is 'Balance of the latest month, minor units, signed.';
comment on column cix.account.overdue_amount is 'Overdue amount of the latest month, minor units.';
comment on column cix.account.status_ring is '60 repay statuses; place of a month: period mod 60; 0 for none.';
comment on column cix.account.month_ring is '24 slots of 40 bytes; place: period mod 24. Layout: core/domain/ring.h.';

comment on table cix.account_version is
    'Attributes of an account as they were reported, append-only; the highest record_id counts.';
comment on column cix.account_version.subject_id is 'Who owes.';
comment on column cix.account_version.account_id is 'The account.';
comment on column cix.account_version.record_id is 'Id of the version.';
comment on column cix.account_version.member_id is 'Who reported.';
comment on column cix.account_version.submission_id is 'In which submission.';
comment on column cix.account_version.type is '1 D1, 2 R1, 3 R2, 4 R3, 5 R4, 6 C1.';
comment on column cix.account_version.business_type is 'Product code, two characters.';
comment on column cix.account_version.currency is 'ISO 4217.';
comment on column cix.account_version.original_amount is 'Amount lent, minor units.';
comment on column cix.account_version.credit_limit is 'Limit, minor units.';
comment on column cix.account_version.opened_on is 'Day opened.';
comment on column cix.account_version.matures_on is 'Day due.';
comment on column cix.account_version.closed_on is 'Day closed.';
comment on column cix.account_version.term_months is 'Months of term.';
comment on column cix.account_version.annual_rate_bps is 'Yearly rate, basis points.';
comment on column cix.account_version.repay_frequency is 'Repayment frequency code, 0 not given.';
comment on column cix.account_version.security is '1 mortgage 2 pledge 3 guarantee 4 credit 5 combined 9 other, 0 not given.';
comment on column cix.account_version.region is 'Where the money is used; empty when not given.';
comment on column cix.account_version.industry is 'Industry the money is used in; empty when not given.';
comment on column cix.account_version.channel is 'Channel code, 0 not given.';
comment on column cix.account_version.dealer_code is 'The dealer''s code, or empty.';
comment on column cix.account_version.platform_id is 'Platform member, when the creditor is another.';
comment on column cix.account_version.recorded_at is 'When it was recorded.';

comment on table cix.performance_delta is
    'Every reported month and correction, append-only: the source of truth. Of one month the highest delta_id counts.';
comment on column cix.performance_delta.subject_id is 'Who owes.';
comment on column cix.performance_delta.account_id is 'The account.';
comment on column cix.performance_delta.period is 'Month, year * 12 + month - 1.';
comment on column cix.performance_delta.delta_id is 'Id of the report.';
comment on column cix.performance_delta.member_id is 'Who reported.';
comment on column cix.performance_delta.submission_id is 'In which submission.';
comment on column cix.performance_delta.chunk is 'In which chunk.';
comment on column cix.performance_delta.line is 'Position in the chunk, from 0.';
comment on column cix.performance_delta.account_status is 'Account status code, 0 not given.';
comment on column cix.performance_delta.repay_status is 'Repayment status character.';
comment on column cix.performance_delta.balance is 'Minor units, signed.';
comment on column cix.performance_delta.due_amount is 'Minor units.';
comment on column cix.performance_delta.paid_amount is 'Minor units.';
comment on column cix.performance_delta.overdue_amount is 'Minor units.';
comment on column cix.performance_delta.overdue_principal is 'Minor units.';
comment on column cix.performance_delta.days_overdue is 'Days overdue.';
comment on column cix.performance_delta.overdue_terms is 'Instalments overdue.';
comment on column cix.performance_delta.five_category is 'Class, 0 not given.';
comment on column cix.performance_delta.classified_on is 'Day the class was set.';
comment on column cix.performance_delta.remaining_terms is 'Instalments left.';
comment on column cix.performance_delta.used_limit is 'Minor units.';
comment on column cix.performance_delta.paid_on is 'Day of the latest payment.';
comment on column cix.performance_delta.collection_stage is 'Collection stage code.';
comment on column cix.performance_delta.reported_on is 'Day the member reported.';
comment on column cix.performance_delta.cell_id is 'Roll-up cell that the report was counted in.';
comment on column cix.performance_delta.recorded_at is 'When it was recorded.';
