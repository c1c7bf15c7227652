-- When a member became active, by what, and every change of its state.

alter table cix.member
    add column activated_at timestamptz;
update cix.member set activated_at = recorded_at where state > 3;

create table cix.member_act (
    member_id   int not null references cix.member,
    act_id      bigint not null,
    before      smallint not null,
    after       smallint not null,
    reason      smallint not null check (reason between 0 and 9),
    recorded_at timestamptz not null,
    primary key (member_id, act_id)
);

comment on column cix.member.activated_at is
    'When it left the states before ACTIVE; null: never. A contributor does so by a result of the conformance cases, or a reason without one.';
comment on table cix.member_act is 'Changes of state by the operator, and why. Append-only.';
comment on column cix.member_act.member_id is 'Whose state.';
comment on column cix.member_act.act_id is 'Id by the application, time-ordered; the audit row has it too.';
comment on column cix.member_act.before is 'State before, as in member.';
comment on column cix.member_act.after is 'State from then on.';
comment on column cix.member_act.reason is
    '0 none given 1 the member asks for it 2 order of an authority 3 breach of the agreement 4 security 5 its licence 6 tested elsewhere 9 other.';
comment on column cix.member_act.recorded_at is 'When it was recorded.';
