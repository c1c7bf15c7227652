-- Rule D006: a person is not listed for a case for which an organisation that it leads is listed. Everything
-- starts at the organisations of a case and is done for all its listings at once, so that a case of thousands costs
-- what thousands of cases do. At most 1,000 organisations of a case are looked at, those that were listed first.

-- cix.subject_leaders: legal representatives and controllers of an organisation, as the latest record of some
--   source of public records (P002: a court or other public source, the administrative regulator) says. What
--   others say of it delays no court.
create or replace function cix.subject_leaders(organisation bigint)
returns table (subject_id bigint) language sql stable security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
begin atomic
    select distinct coalesce(s.alias_of, s.subject_id)
    from (
        select distinct on (v.member_id) v.representative_id, v.controller_id, v.is_deleted
        from cix.subject_version as v
            join cix.member as m on m.member_id = v.member_id and m.type in (81, 83)
        where v.subject_id = organisation
        order by v.member_id, v.record_id desc) as v
        join cix.subject as s on s.subject_id in (v.representative_id, v.controller_id)
    where v.is_deleted is not true and s.kind = 1;
end;
comment on function cix.subject_leaders is 'Who leads an organisation. Not granted to anyone.';

-- cix.flag_leaders: who leads the organisations that are listed for cases. A case may come twice.
create or replace function cix.flag_leaders(cases bytea[])
returns table (case_index bytea, subject_id bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
begin atomic
    select distinct c.case_index, l.subject_id
    from (select distinct g.case_index from unnest(cases) as g (case_index)) as c
        cross join lateral (
            select f.subject_id, min(f.flag_id) as flag_id
            from cix.flag as f
                join cix.subject as s on s.subject_id = f.subject_id and s.kind <> 1
            where f.case_index = c.case_index and f.status in (1, 2, 3)
            group by f.subject_id
            order by 2
            limit 1000) as o
        cross join lateral cix.subject_leaders(o.subject_id) as l;
end;
comment on function cix.flag_leaders is 'Who leads the organisations listed for cases. Not granted to anyone.';

-- cix.flag_of_led: listings in force of persons for cases for which an organisation that they lead is listed
--   too.
create or replace function cix.flag_of_led(cases bytea[])
returns table (case_index bytea, subject_id bigint, flag_id bigint, member_id int)
language sql stable security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
begin atomic
    select p.case_index, p.subject_id, p.flag_id, p.member_id
    from cix.flag_leaders(cases) as d
        cross join lateral (
            select f.* from cix.flag as f
            where f.subject_id = d.subject_id
            offset 0) as p -- offset 0: looked up by the person, not the whole case for each
    where p.case_index = d.case_index and p.status in (1, 2, 3);
end;
comment on function cix.flag_of_led is 'Listings of persons for the case of their organisation. Not granted to anyone.';

-- cix.flag_led_places: which of the persons of a chunk, by their places, lead an organisation that is listed for
--   the case of their row. A person that is not known yet leads none.
create or replace function cix.flag_led_places(lookups bytea[], kinds smallint[], cases bytea[])
returns int[] language sql stable security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off
begin atomic
    select coalesce(array_agg(g.place::int), '{}')
    from unnest(lookups, kinds, cases) with ordinality as g (lookup, kind, case_index, place)
        join cix.identifier as i on i.lookup = g.lookup
    where g.kind = 1 and (g.case_index, i.subject_id) in (
        select d.case_index, d.subject_id from cix.flag_leaders(cases) as d);
end;
comment on function cix.flag_led_places is 'Which persons of a chunk lead an organisation of their case. Not granted to anyone.';

-- cix.finding_fresh: an id for a finding that no record gives one to: of the time, and no other finding's, so
--   that subjects may be merged and a page of findings ends between two. item: what it is about.
create or replace function cix.finding_fresh(item bigint, at timestamptz)
returns bigint language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    id bigint := (extract(epoch from at - timestamptz '2020-01-01 00:00:00+00') * 1000)::bigint << 22
        | hashint8(item) & 4194303;
begin
    while exists (select from cix.finding as f where f.finding_id = id) loop
        id := id + 1;
    end loop;
    return id;
end;
$$;
comment on function cix.finding_fresh is 'An id for a finding. Not granted to anyone.';

-- cix.flag_case_settle: the findings of cases (kind 8) as their listings are now: one a listing of a person,
--   closed when the person or the organisation is listed no more. submission: that changed it, or null. Gives
--   the cases in which some are open. Nulls among the cases are none.
create or replace function cix.flag_case_settle(cases bytea[], submission uuid, at timestamptz)
returns bytea[] language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
    flags bigint[];
    open_cases bytea[];
    item record;
begin
    if cardinality(array_remove(cases, null)) = 0 then
        return '{}';
    end if;
    select coalesce(array_agg(d.flag_id), '{}'), coalesce(array_agg(distinct d.case_index), '{}')
    into flags, open_cases
    from cix.flag_of_led(cases) as d;
    update cix.finding as f set state = 2
    from cix.flag as p
    where p.case_index = any (cases) and f.subject_id = p.subject_id and f.kind = 8
        and f.fact_id = p.flag_id and f.state = 1 and p.flag_id <> all (flags);
    for item in
        select p.subject_id, p.flag_id, p.member_id
        from unnest(open_cases) as c (case_index)
            join cix.flag as p on p.case_index = c.case_index
        where p.flag_id = any (flags) and not exists (
            select from cix.finding as f
            where f.subject_id = p.subject_id and f.kind = 8 and f.fact_id = p.flag_id
                and f.state = 1)
        order by p.subject_id, p.flag_id
    loop
        perform cix.finding_put(at, submission, array[item.subject_id],
            array[cix.finding_fresh(item.flag_id, at)], array[8::smallint], array['D006'],
            array[item.member_id], array[item.flag_id], array[null::int], array[''],
            array[null::bigint], array[null::bigint], null);
    end loop;
    return open_cases;
end;
$$;
comment on function cix.flag_case_settle is 'Findings about the listings for cases. Not granted to anyone.';

-- cix.flag_subject_settle: the same for the cases for which subjects are listed, when it changed who leads them
--   or who they are.
create or replace function cix.flag_subject_settle(subjects bigint[], submission uuid, at timestamptz)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    select cix.flag_case_settle(array_agg(distinct f.case_index), submission, at)
    from cix.flag as f
    where f.subject_id = any (subjects) and f.case_index is not null
    having count(*) > 0;
end;
comment on function cix.flag_subject_settle is 'Findings about the cases of subjects. Not granted to anyone.';

-- cix.flag_case_sweep: the findings of cases whose listings changed in the last two days, and of those that are
--   open: what transactions that ran at one time did not see of each other; and findings about lending that are put
--   right (cix.finding_settle), and about who leads members. Gives in how many cases some are open. One server at a time: another one running means 0.
create or replace function cix.flag_case_sweep(at timestamptz)
returns int language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not pg_try_advisory_xact_lock(hashtextextended('cix.flag_case_sweep', 0)) then
        return 0;
    end if;
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    perform cix.finding_settle((at at time zone 'UTC')::date);
    perform cix.finding_person(at);
    return cardinality(cix.flag_case_settle(array(
        select f.case_index from cix.flag as f
        where f.case_index is not null and f.recorded_at > at - interval '2 days'
        union
        select p.case_index
        from cix.finding as f
            join cix.flag as p on p.subject_id = f.subject_id and p.flag_id = f.fact_id
        where f.kind = 8 and f.state = 1), null, at));
end;
$$;
comment on function cix.flag_case_sweep is 'Findings about listings for one case, again. Granted to cix_admin.';
