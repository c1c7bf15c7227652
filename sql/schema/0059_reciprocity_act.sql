-- What the operator set as levels of reciprocity, and why: it decides what a member sees, as its state does.

create table cix.reciprocity_act (
    member_id         int not null references cix.member,
    act_id            bigint not null,
    consumer_before   smallint not null check (consumer_before between 0 and 2),
    commercial_before smallint not null check (commercial_before between 0 and 2),
    consumer_after    smallint not null check (consumer_after between 0 and 2),
    commercial_after  smallint not null check (commercial_after between 0 and 2),
    reason            smallint not null check (reason between 1 and 9),
    recorded_at       timestamptz not null,
    primary key (member_id, act_id)
);

comment on table cix.reciprocity_act is 'Changes of levels of reciprocity by the operator, and why. Append-only.';
comment on column cix.reciprocity_act.member_id is 'Whose levels.';
comment on column cix.reciprocity_act.act_id is 'Id by the application, time-ordered; the audit row has it too.';
comment on column cix.reciprocity_act.consumer_before is 'About persons, before, as in member.';
comment on column cix.reciprocity_act.commercial_before is 'About organisations, before.';
comment on column cix.reciprocity_act.consumer_after is 'About persons, from then on.';
comment on column cix.reciprocity_act.commercial_after is 'About organisations, from then on.';
comment on column cix.reciprocity_act.reason is 'As in member_act, never 0.';
comment on column cix.reciprocity_act.recorded_at is 'When it was recorded.';
