-- What the document behind a listing says. Beside the listing, so that a check of flags reads no longer rows; one row a
-- version, whether it counts or was replaced, found by the version's id.

alter table cix.flag
    add column detail_index bytea check (octet_length(detail_index) = 32);
alter table cix.flag_version
    add column detail_index bytea check (octet_length(detail_index) = 32);

create table cix.flag_detail (
    subject_id  bigint not null,
    flag_id     bigint not null,
    record_id   bigint not null,
    basis_unit  text,
    term_months smallint,
    sealed_text bytea,
    recorded_at timestamptz not null,
    primary key (subject_id, flag_id, record_id)
);
alter table cix.flag_detail alter column sealed_text set storage external; -- sealed bytes do not compress

comment on column cix.flag.detail_index is 'Keyed digest of what flag_detail holds of the present content; null: nothing.';
comment on column cix.flag_version.detail_index is 'As in flag.';

comment on table cix.flag_detail is 'What the document behind a listing says, by version; nothing where the court gave nothing.';
comment on column cix.flag_detail.subject_id is 'Who is listed.';
comment on column cix.flag_detail.flag_id is 'The listing.';
comment on column cix.flag_detail.record_id is 'The version: record_id in flag or flag_version; bound into the seal.';
comment on column cix.flag_detail.basis_unit is 'The authority that made the document; null: not given.';
comment on column cix.flag_detail.term_months is 'Length of the listing in months; null: not given.';
comment on column cix.flag_detail.sealed_text is 'Number of the document, duty, what was performed and what was not, sealed as one text; null: none given.';
comment on column cix.flag_detail.recorded_at is 'When it was recorded.';
