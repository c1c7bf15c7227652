-- The whole of what members tell of subjects, accounts and months. Everything new may be null and
-- then costs nothing; what a code of 0 or an empty text would say is null.

alter table cix.member
    add column profile int not null default 0;
comment on column cix.member.profile is
    'Bits: 1 the rules M016 to M018 are remarks for it, as they are for R2 and R3.';

alter table cix.subject
    add column founded_on date;
comment on column cix.subject.founded_on is 'Day an organisation was founded, as last given.';

alter table cix.subject_version
    add column status              smallint,
    add column nationality         text,
    add column marital_status      smallint,
    add column education           smallint,
    add column occupation          text,
    add column employer_industry   text,
    add column legal_form          text,
    add column registered_capital  bigint,
    add column capital_currency    text,
    add column size                smallint,
    add column representative_id   bigint,
    add column controller_id       bigint,
    add column parent_id           bigint,
    add column origin              text;
comment on column cix.subject_version.status is 'Status as given: 1 active 2 deceased 3 deregistered 4 revoked.';
comment on column cix.subject_version.nationality is 'ISO 3166-1 alpha-2.';
comment on column cix.subject_version.marital_status is '10 single 20 married 30 widowed 40 divorced 91 cohabiting 99 other. Never an input of a rating.';
comment on column cix.subject_version.education is '10 postgraduate ... 99 unknown. Never an input of a rating.';
comment on column cix.subject_version.occupation is 'Occupation of a person: 0 1 3 4 5 6 X Y Z.';
comment on column cix.subject_version.employer_industry is 'Section of GB/T 4754.';
comment on column cix.subject_version.legal_form is 'Legal form of an organisation, a code of its registration authority.';
comment on column cix.subject_version.registered_capital is 'Minor units of capital_currency.';
comment on column cix.subject_version.capital_currency is 'ISO 4217.';
comment on column cix.subject_version.size is '1 large 2 medium 3 small 4 micro.';
comment on column cix.subject_version.representative_id is 'Subject that represents the organisation by law.';
comment on column cix.subject_version.controller_id is 'Subject that controls the organisation.';
comment on column cix.subject_version.parent_id is 'Subject that is the organisation''s parent.';
comment on column cix.subject_version.origin is 'Code of the institution on whose behalf a credit bureau gave it.';

alter table cix.account
    add column repay_method                smallint,
    add column rate_type                   smallint,
    add column collateral_value            bigint,
    add column shared_limit                bigint,
    add column parent_account_id           bigint,
    add column transferred_from_id         int references cix.member,
    add column transferred_from_account_id bigint,
    add column state_at_transfer           smallint,
    add column creditor_id                 int references cix.member,
    add column original_creditor_index     bytea,
    add column remaining_terms             int,
    add column latest_amounts              bigint[];
comment on column cix.account.repay_method is '1 equal instalments 2 equal principal 3 interest then principal 4 at the end 5 irregular 6 revolving minimum.';
comment on column cix.account.rate_type is '1 fixed 2 floating.';
comment on column cix.account.collateral_value is 'Value of the collateral, minor units.';
comment on column cix.account.shared_limit is 'Limit shared with other accounts of the member, minor units.';
comment on column cix.account.parent_account_id is 'Account of the same subject and member whose limit this one draws on.';
comment on column cix.account.transferred_from_id is 'Member from which the account was taken over.';
comment on column cix.account.transferred_from_account_id is 'Its account of the same subject there; null while it is not known.';
comment on column cix.account.state_at_transfer is 'State of a C1 at its transfer: 0 before default, 1 to 7 months overdue, 9 unknown.';
comment on column cix.account.creditor_id is 'Member that lent, when another services the account.';
comment on column cix.account.original_creditor_index is 'Keyed digest of the original creditor; the name lies in account_creditor.';
comment on column cix.account.remaining_terms is 'Instalments left in the latest month.';
comment on column cix.account.latest_amounts is
    'What the latest month told beyond its ring, null when nothing: bill, unbilled instalments, overdue 31-60, 61-90, 91-180 and over 180 days, overdraft over 180, latest payment, pay ratio in basis points, provision, recovered, written off.';

alter table cix.account_version
    add column repay_method                smallint,
    add column rate_type                   smallint,
    add column collateral_value            bigint,
    add column shared_limit                bigint,
    add column parent_account_id           bigint,
    add column transferred_from_id         int,
    add column transferred_from_account_id bigint,
    add column state_at_transfer           smallint,
    add column creditor_id                 int,
    add column original_creditor_index     bytea,
    add column origin                      text;
comment on column cix.account_version.repay_method is 'As in account.';
comment on column cix.account_version.rate_type is 'As in account.';
comment on column cix.account_version.collateral_value is 'As in account.';
comment on column cix.account_version.shared_limit is 'As in account.';
comment on column cix.account_version.parent_account_id is 'As in account.';
comment on column cix.account_version.transferred_from_id is 'As in account.';
comment on column cix.account_version.transferred_from_account_id is 'As in account.';
comment on column cix.account_version.state_at_transfer is 'As in account.';
comment on column cix.account_version.creditor_id is 'As in account.';
comment on column cix.account_version.original_creditor_index is 'As in account.';
comment on column cix.account_version.origin is 'Code of the institution on whose behalf a credit bureau gave it.';

-- Few accounts have an original creditor outside the exchange, and its name may be a person's.
create table cix.account_creditor (
    subject_id                bigint not null,
    account_id                bigint not null,
    record_id                 bigint not null,
    member_id                 int not null references cix.member,
    sealed_original_creditor  bytea not null,
    recorded_at               timestamptz not null,
    primary key (subject_id, record_id)
);
comment on table cix.account_creditor is 'Original creditors that are no members, one row a version of an account that names one.';
comment on column cix.account_creditor.subject_id is 'Who owes.';
comment on column cix.account_creditor.account_id is 'The account.';
comment on column cix.account_creditor.record_id is 'The version of the account, bound into the seal.';
comment on column cix.account_creditor.member_id is 'Who gave it.';
comment on column cix.account_creditor.sealed_original_creditor is 'The name, sealed.';
comment on column cix.account_creditor.recorded_at is 'When it was recorded.';

-- Rule M036 asks which debtors of a member have a bad account there: few, so the index is small.
create index account_bad on cix.account (member_id, subject_id) where five_category between 3 and 5;

alter table cix.performance_delta
    add column bill_amount           bigint,
    add column unbilled_instalments  bigint,
    add column overdue_31_60         bigint,
    add column overdue_61_90         bigint,
    add column overdue_91_180        bigint,
    add column overdue_over_180      bigint,
    add column overdraft_over_180    bigint,
    add column last_paid_amount      bigint,
    add column pay_ratio_bps         int,
    add column settled_on            date,
    add column provision_amount      bigint,
    add column recovered_amount      bigint,
    add column written_off_amount    bigint,
    add column is_quarantined        boolean;
comment on column cix.performance_delta.bill_amount is 'Amount of the month''s bill, minor units.';
comment on column cix.performance_delta.unbilled_instalments is 'Large instalments not billed yet, minor units.';
comment on column cix.performance_delta.overdue_31_60 is 'Overdue principal, 31 to 60 days, minor units.';
comment on column cix.performance_delta.overdue_61_90 is 'Overdue principal, 61 to 90 days, minor units.';
comment on column cix.performance_delta.overdue_91_180 is 'Overdue principal, 91 to 180 days, minor units.';
comment on column cix.performance_delta.overdue_over_180 is 'Overdue principal, more than 180 days, minor units.';
comment on column cix.performance_delta.overdraft_over_180 is 'Card overdraft without payment for more than 180 days, minor units.';
comment on column cix.performance_delta.last_paid_amount is 'Amount of the latest payment, minor units.';
comment on column cix.performance_delta.pay_ratio_bps is 'Paid over due, basis points.';
comment on column cix.performance_delta.settled_on is 'Day on which the account is settled in the month.';
comment on column cix.performance_delta.provision_amount is 'Provision made, minor units.';
comment on column cix.performance_delta.recovered_amount is 'Recovered after write-off, in all, minor units.';
comment on column cix.performance_delta.written_off_amount is 'Written off, in all, minor units.';
comment on column cix.performance_delta.is_quarantined is 'True: a rule keeps the month for review; it counts and is shown with a mark. Null: not.';

-- Two identities that may be one, or one that may be two: for the operator to decide, never for a
-- program.
create table cix.conflict (
    subject_id       bigint not null,
    record_id        bigint not null,
    kind             smallint not null,
    member_id        int not null references cix.member,
    lookup           bytea not null check (octet_length(lookup) = 32),
    other_subject_id bigint,
    distance         smallint not null,
    submission_id    uuid not null,
    chunk            int not null,
    line             int not null,
    state            smallint not null default 1,
    recorded_at      timestamptz not null,
    primary key (subject_id, record_id)
);
create index conflict_state on cix.conflict (state, recorded_at);
comment on table cix.conflict is 'Identities in doubt, held for the operator.';
comment on column cix.conflict.subject_id is 'Whom the identifier finds.';
comment on column cix.conflict.record_id is 'Id of the record that gave rise to it; that of its quarantine for kind 1.';
comment on column cix.conflict.kind is '1 an identifier came with a name far from the known ones (S016); 2 one name and birth date under two primary identifiers (S017).';
comment on column cix.conflict.member_id is 'Who gave the record.';
comment on column cix.conflict.lookup is 'Keyed digest of the identifier.';
comment on column cix.conflict.other_subject_id is 'Kind 2: the other subject.';
comment on column cix.conflict.distance is 'Distance of the names, 0 the same letters to 1000 nothing in common.';
comment on column cix.conflict.submission_id is 'In which submission the record came.';
comment on column cix.conflict.chunk is 'In which chunk.';
comment on column cix.conflict.line is 'Position in the chunk, from 0.';
comment on column cix.conflict.state is '1 open, 2 one subject, 3 two subjects, 4 dismissed.';
comment on column cix.conflict.recorded_at is 'When it was recorded.';

create table cix.subject_likeness (
    likeness    bytea not null check (octet_length(likeness) = 32),
    subject_id  bigint not null,
    member_id   int not null references cix.member,
    recorded_at timestamptz not null,
    primary key (likeness, subject_id)
);
comment on table cix.subject_likeness is 'Finds persons of one name and birth date (rule S017).';
comment on column cix.subject_likeness.likeness is 'Keyed digest of the normalised name and the birth date.';
comment on column cix.subject_likeness.subject_id is 'Who has them.';
comment on column cix.subject_likeness.member_id is 'Who gave them first.';
comment on column cix.subject_likeness.recorded_at is 'When they were first given.';
