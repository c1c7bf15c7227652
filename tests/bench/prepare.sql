-- Numbers the people of a bench, so that pgbench can pick one at random: key k has the lookup, the
-- name index and the consent that member 1 would send with its question.
drop schema if exists bench cascade;
create schema bench;
create table bench.key as
    select row_number() over (order by c.lookup)::int as k, c.lookup, n.name_index, c.consent_id
      from cix.consent c
      join cix.identifier i on i.lookup = c.lookup
      join cix.subject_name n on n.subject_id = i.subject_id and n.member_id = c.member_id
     where c.member_id = 1;
alter table bench.key add primary key (k);
analyze bench.key;
