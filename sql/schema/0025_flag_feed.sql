-- Listings: their case as a digest (D006), what came with a masked identifier alone (D008), and the
-- sequence of each court's feeds (D009).

alter table cix.flag
    add column case_index bytea check (octet_length(case_index) = 32),
    add column source     text,
    add column source_seq bigint;
create index flag_case on cix.flag (case_index) where case_index is not null;

comment on column cix.flag.case_index is 'Keyed digest of case number and court: tells listings for one case. Null of those that came before it was kept.';
comment on column cix.flag.source is 'Feed of the court that it came by, if it said so.';
comment on column cix.flag.source_seq is 'Its number in that feed.';

create table cix.flag_masked (
    member_id     int not null references cix.member,
    external_id   uuid not null,
    submission_id uuid not null,
    chunk         int not null,
    line          int not null,
    recorded_at   timestamptz not null,
    primary key (member_id, external_id, submission_id, chunk, line)
);

comment on table cix.flag_masked is 'Listings that were kept aside since their identifier is masked (D008); the whole one ends them.';
comment on column cix.flag_masked.member_id is 'The court.';
comment on column cix.flag_masked.external_id is 'UUID made by the court.';
comment on column cix.flag_masked.submission_id is 'Where it was sent, and where it is quarantined.';
comment on column cix.flag_masked.chunk is 'Chunk of it.';
comment on column cix.flag_masked.line is 'Position in the chunk, from 0.';
comment on column cix.flag_masked.recorded_at is 'When it was kept aside.';

create table cix.flag_feed (
    member_id   int not null references cix.member,
    source      text not null,
    highest     bigint not null,
    missing     bigint not null default 0,
    gap_since   timestamptz,
    recorded_at timestamptz not null,
    primary key (member_id, source)
);
create index flag_feed_stale on cix.flag_feed (gap_since) where gap_since is not null;

comment on table cix.flag_feed is 'Feeds of courts that number their listings.';
comment on column cix.flag_feed.member_id is 'The court.';
comment on column cix.flag_feed.source is 'Name of the feed.';
comment on column cix.flag_feed.highest is 'Highest number that came.';
comment on column cix.flag_feed.missing is 'How many numbers below it did not come yet: kept from cix.flag_feed_gap.';
comment on column cix.flag_feed.gap_since is 'When the oldest of its gaps opened; null: none is open. Kept likewise.';
comment on column cix.flag_feed.recorded_at is 'When that came.';

create table cix.flag_feed_gap (
    member_id int not null references cix.member,
    source    text not null,
    first_seq bigint not null,
    last_seq  bigint not null check (last_seq >= first_seq),
    opened_at timestamptz not null,
    primary key (member_id, source, first_seq)
);

comment on table cix.flag_feed_gap is 'Numbers of a feed that did not come yet (D009); what comes closes them.';
comment on column cix.flag_feed_gap.member_id is 'The court.';
comment on column cix.flag_feed_gap.source is 'Name of the feed.';
comment on column cix.flag_feed_gap.first_seq is 'First number that is missing.';
comment on column cix.flag_feed_gap.last_seq is 'Last number that is missing.';
comment on column cix.flag_feed_gap.opened_at is 'When a later number came.';

comment on column cix.finding.kind is '1 fund shortfall 2 client money not kept apart 3 guarantee fund short 4 platform and custodian differ 5 limit on one platform passed 6 limit over all platforms passed 7 new credit of a restricted subject 8 representative listed for the case of the organisation.';
comment on column cix.finding.fact_id is 'The fact (of kind 8, the listing) that it came from, if it was one and was taken.';
