-- Which roles a result of the conformance cases has shown, and which a reason stands for: one that contributes has not shown what a
-- court does. What was taken before stands for the roles that the member has now.

alter table cix.conformance
    add column roles int not null default 0 check (roles in (0, 1, 4, 5));
alter table cix.member_act
    add column roles int not null default 0 check (roles in (0, 1, 4, 5));
update cix.conformance c set roles = m.roles & 5 from cix.member m where m.member_id = c.member_id;
update cix.member_act a set roles = m.roles & 5
  from cix.member m where m.member_id = a.member_id and a.after = 4 and a.reason <> 0;

comment on column cix.conformance.roles is 'Roles, as in member, of the records that the test exchange saw: 1 contributor, 4 court.';
comment on column cix.member_act.roles is 'Roles, as there, for which the reason stands in place of a result; 0 none.';
