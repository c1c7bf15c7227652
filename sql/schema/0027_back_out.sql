-- Taking back what is no account: facts and consents of a submission, and what it takes to find them.

alter table cix.fact
    add column restored_by uuid,
    add column text_id bigint;
alter table cix.consent
    add column submission_id uuid,
    add column restored_by uuid;
alter table cix.back_out_work
    add column kind smallint not null default 0,
    add column lookup bytea;

create index fact_version on cix.fact (fact_id, record_id);
create index fact_recorded on cix.fact using brin (recorded_at);
create index fact_key_fact on cix.fact_key (fact_id);
create index consent_recorded on cix.consent using brin (recorded_at);

comment on column cix.fact.restored_by is
    'Submission whose back-out made this row: what counted before it counts again, or nothing does.';
comment on column cix.fact.text_id is
    'Version that sealed_text is bound to, of a row that a back-out made; null: this one.';
comment on column cix.consent.submission_id is
    'With which submission; null: with an inquiry, or before this was kept.';
comment on column cix.consent.restored_by is 'Submission whose back-out revoked it; null: none.';
comment on column cix.back_out_work.kind is '0 an account or subject 1 a fact 2 a listing 3 a consent.';
comment on column cix.back_out_work.lookup is 'Of a consent, whose account_id is its record_id; else null.';
comment on column cix.back_out_work.account_id is
    'The account, the fact or the listing; the record of a consent; 0: the subject.';
