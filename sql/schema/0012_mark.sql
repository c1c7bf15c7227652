-- Marks that a subject puts on what is known: disputes and statements on records, fraud alerts and freezes.

create table cix.mark_key (
    member_id   int not null references cix.member,
    external_id uuid not null,
    subject_id  bigint not null,
    mark_id     bigint not null,
    content     bytea not null check (octet_length(content) = 32),
    recorded_at timestamptz not null,
    primary key (member_id, external_id)
);

create table cix.annotation (
    subject_id    bigint not null,
    annotation_id bigint not null,
    member_id     int not null references cix.member,
    external_id   uuid not null,
    kind          smallint not null check (kind in (1, 2)),
    code          smallint not null,
    target        smallint not null check (target between 1 and 6),
    target_id     bigint not null,
    period        int not null,
    holder_id     int references cix.member,
    sealed_text   bytea not null,
    filed_by      smallint not null,
    evidence_hash bytea not null check (octet_length(evidence_hash) = 32),
    due_on        date,
    recorded_at   timestamptz not null,
    ended_at      timestamptz,
    ended_by      int references cix.member,
    outcome       smallint not null default 0,
    sealed_answer bytea,
    answer_id     bigint,
    before_id     bigint,
    after_id      bigint,
    primary key (subject_id, annotation_id)
);
create index annotation_member on cix.annotation (member_id, annotation_id);
create index annotation_holder on cix.annotation (holder_id, annotation_id);
create index annotation_external on cix.annotation (holder_id, external_id);

create table cix.protection (
    subject_id    bigint not null,
    protection_id bigint not null,
    member_id     int references cix.member,
    external_id   uuid not null,
    kind          smallint not null check (kind in (1, 2, 3)),
    from_on       date not null,
    until_on      date,
    sealed_phones bytea,
    document_hash bytea not null check (octet_length(document_hash) = 32),
    recorded_at   timestamptz not null,
    ended_at      timestamptz,
    ended_by      int references cix.member,
    primary key (subject_id, protection_id)
);

comment on table cix.mark_key is
    'Finds a mark by its member''s own id, unique for ever.';
comment on column cix.mark_key.member_id is 'Who set it.';
comment on column cix.mark_key.external_id is 'UUID made by the member.';
comment on column cix.mark_key.subject_id is 'On whose behalf.';
comment on column cix.mark_key.mark_id is 'The annotation or protection.';
comment on column cix.mark_key.content is 'Keyed digest of what was asked for: tells a repetition from a conflict.';
comment on column cix.mark_key.recorded_at is 'When it was recorded.';

comment on table cix.annotation is
    'Disputes and statements on records. Ended ones stay; reports show the others.';
comment on column cix.annotation.subject_id is 'Whose record is annotated.';
comment on column cix.annotation.annotation_id is 'Id by the application, time-ordered, bound into the seals.';
comment on column cix.annotation.member_id is 'Who filed it for the subject.';
comment on column cix.annotation.external_id is 'UUID made by that member.';
comment on column cix.annotation.kind is '1 dispute 2 statement.';
comment on column cix.annotation.code is 'Code of the dispute, 101 to 199; 0 for a statement.';
comment on column cix.annotation.target is '1 identity 2 account 3 month 4 flag 5 inquiry 6 fact.';
comment on column cix.annotation.target_id is 'Account, flag, inquiry or fact; 0 for the identity.';
comment on column cix.annotation.period is 'Month of target 3, year * 12 + month - 1; 0 for others.';
comment on column cix.annotation.holder_id is 'Whose record it stands on, null for the identity.';
comment on column cix.annotation.sealed_text is 'The subject''s words, sealed.';
comment on column cix.annotation.filed_by is '1 the subject 2 a proxy 3 an institution.';
comment on column cix.annotation.evidence_hash is 'SHA-256 of the evidence.';
comment on column cix.annotation.due_on is 'Day by which a dispute has to be answered, null for a statement.';
comment on column cix.annotation.recorded_at is 'When it was filed.';
comment on column cix.annotation.ended_at is 'When it ended, null while it is open.';
comment on column cix.annotation.ended_by is 'Who ended it, null while it is open.';
comment on column cix.annotation.outcome is '0 open 1 withdrawn 2 corrected 3 confirmed 4 cannot be verified.';
comment on column cix.annotation.sealed_answer is 'Answer to the subject, sealed.';
comment on column cix.annotation.answer_id is 'Id of the act that ended it, bound into the answer''s seal.';
comment on column cix.annotation.before_id is 'Version of the record that was disputed, when a correction ended the dispute.';
comment on column cix.annotation.after_id is 'Version that took its place.';

comment on table cix.protection is
    'Fraud alerts and freezes that subjects asked for. Ended ones stay.';
comment on column cix.protection.subject_id is 'Who is protected.';
comment on column cix.protection.protection_id is 'Id by the application, time-ordered, bound into the seal.';
comment on column cix.protection.member_id is 'Who set it for the subject; null: the operator.';
comment on column cix.protection.external_id is 'UUID made by whoever set it.';
comment on column cix.protection.kind is '1 fraud alert 2 no inquiries 3 no new credit.';
comment on column cix.protection.from_on is 'First day.';
comment on column cix.protection.until_on is 'Last day; null: until it is lifted.';
comment on column cix.protection.sealed_phones is 'Numbers to call before credit is opened, sealed; of an alert.';
comment on column cix.protection.document_hash is 'SHA-256 of the subject''s signed request.';
comment on column cix.protection.recorded_at is 'When it was set.';
comment on column cix.protection.ended_at is 'When it was lifted or replaced, null while it stands.';
comment on column cix.protection.ended_by is 'Who lifted it; null also for the operator.';
comment on column cix.subject.freeze_level is
    '0 none, 1 no inquiry: kept from cix.protection, so that an inquiry need not look there.';
