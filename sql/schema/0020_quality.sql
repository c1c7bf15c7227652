-- Data quality: what each chunk tells of it, and the closed months of every member.

alter table cix.submission_chunk
    add column months       int not null default 0,
    add column late         int not null default 0,
    add column fields_due   int not null default 0,
    add column fields_given int not null default 0,
    add column unmatched    int not null default 0;

create index submission_chunk_received on cix.submission_chunk (member_id, recorded_at);
create index annotation_ended on cix.annotation (holder_id, ended_at) where ended_at is not null;

comment on column cix.submission_chunk.months is 'Months of accounts in it.';
comment on column cix.submission_chunk.late is 'Of these, reported too late (M030).';
comment on column cix.submission_chunk.fields_due is 'Optional fields of its records that reports and statistics use.';
comment on column cix.submission_chunk.fields_given is 'Of these, given.';
comment on column cix.submission_chunk.unmatched is 'Records with a conflict of identity.';

create table cix.quality_month (
    member_id      int not null references cix.member,
    period         int not null,
    accepted       bigint not null,
    rejected       bigint not null,
    quarantined    bigint not null,
    warned         bigint not null,
    months         bigint not null,
    late           bigint not null,
    fields_due     bigint not null,
    fields_given   bigint not null,
    unmatched      bigint not null,
    disputes       bigint not null,
    disputes_lost  bigint not null,
    active         bigint not null,
    reported       bigint not null,
    records_before bigint not null,
    closed_at      timestamptz not null,
    primary key (member_id, period)
);

comment on table cix.quality_month is 'What was counted of a member in a month that has ended. Append-only.';
comment on column cix.quality_month.member_id is 'Whose records.';
comment on column cix.quality_month.period is 'Month of receipt, months since year 0.';
comment on column cix.quality_month.accepted is 'Records taken, warnings included.';
comment on column cix.quality_month.rejected is 'Records refused.';
comment on column cix.quality_month.quarantined is 'Records kept aside.';
comment on column cix.quality_month.warned is 'Records taken with a remark.';
comment on column cix.quality_month.months is 'Months of accounts received.';
comment on column cix.quality_month.late is 'Of these, too late.';
comment on column cix.quality_month.fields_due is 'Optional fields of the records.';
comment on column cix.quality_month.fields_given is 'Of these, given.';
comment on column cix.quality_month.unmatched is 'Records with a conflict of identity.';
comment on column cix.quality_month.disputes is 'Disputes on its records that ended with an answer.';
comment on column cix.quality_month.disputes_lost is 'Of these, with a correction, or since nothing could be shown.';
comment on column cix.quality_month.active is 'Accounts that were open two months before.';
comment on column cix.quality_month.reported is 'Accounts that were reported for the month before.';
comment on column cix.quality_month.records_before is 'Records received in the month before.';
comment on column cix.quality_month.closed_at is 'When it was counted.';
