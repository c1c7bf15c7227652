-- What members spent of their daily quotas, so that a restart forgets nothing and several servers count together.

create table cix.quota_spent (
    member_id int not null references cix.member,
    day       date not null,
    node      int not null check (node >= 0),
    tokens    bigint not null check (tokens > 0),
    primary key (member_id, day, node)
) with (fillfactor = 50);

comment on table cix.quota_spent is
    'Calls and elements that count against a daily quota, by the server that took them; kept for two days.';
comment on column cix.quota_spent.member_id is 'Whose quota.';
comment on column cix.quota_spent.day is 'Business date.';
comment on column cix.quota_spent.node is 'Node number of the server, as the setting node says.';
comment on column cix.quota_spent.tokens is 'Spent on that day at that server, as far as it has told.';
