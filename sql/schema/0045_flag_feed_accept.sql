-- Gaps of feeds that the operator accepts, when what is missing will never come.

create table cix.flag_feed_act (
    member_id   int not null references cix.member,
    source      text not null,
    act_id      bigint not null,
    through_seq bigint not null,
    accepted    bigint not null check (accepted > 0),
    reason      smallint not null check (reason between 1 and 4),
    recorded_at timestamptz not null,
    primary key (member_id, source, act_id)
);

comment on table cix.flag_feed_act is 'Numbers of feeds that the operator accepted as missing for good. Append-only.';
comment on column cix.flag_feed_act.member_id is 'The court.';
comment on column cix.flag_feed_act.source is 'Name of the feed.';
comment on column cix.flag_feed_act.act_id is 'Id by the application, time-ordered; the audit row has it too.';
comment on column cix.flag_feed_act.through_seq is 'Up to which number.';
comment on column cix.flag_feed_act.accepted is 'How many.';
comment on column cix.flag_feed_act.reason is '1 never used 2 came by another feed 3 the feed is given up 4 other.';
comment on column cix.flag_feed_act.recorded_at is 'When it was recorded.';
