-- What a court's listings say beside whom they list: the case that several are for, masked identifiers,
-- and numbers of feeds.

-- cix.subject_is_led: whether a person is legal representative or controller of an organisation, as the
--   latest record of some member says.
create or replace function cix.subject_is_led(organisation bigint, person bigint)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select exists (
        select from (
            select distinct on (v.member_id) v.representative_id, v.controller_id, v.is_deleted
            from cix.subject_version as v
            where v.subject_id = organisation
            order by v.member_id, v.record_id desc) as v
            join cix.subject as s on s.subject_id in (v.representative_id, v.controller_id)
        where v.is_deleted is not true and person in (s.subject_id, s.alias_of));
end;
comment on function cix.subject_is_led is 'Whether a person leads an organisation. Not granted to anyone.';

-- cix.flag_of_led: rule D006. Listings in force of persons for a case for which an organisation that they
--   lead is listed too.
create or replace function cix.flag_of_led(case_given bytea)
returns table (subject_id bigint, flag_id bigint, member_id int)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select p.subject_id, p.flag_id, p.member_id
    from cix.flag as p
        join cix.subject as s on s.subject_id = p.subject_id and s.kind = 1
    where p.case_index = case_given and p.status in (1, 2, 3)
        and exists (
            select from cix.flag as o
            where o.case_index = case_given and o.status in (1, 2, 3) and o.subject_id <> p.subject_id
                and cix.subject_is_led(o.subject_id, p.subject_id));
end;
comment on function cix.flag_of_led is 'Listings of persons for the case of their organisation. Not granted to anyone.';

-- cix.flag_is_of_led: whether an organisation that a person leads is listed for a case.
create or replace function cix.flag_is_of_led(person bigint, case_given bytea)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select exists (
        select from cix.flag as o
        where o.case_index = case_given and o.status in (1, 2, 3) and o.subject_id <> person
            and cix.subject_is_led(o.subject_id, person)
            and exists (select from cix.subject as s where s.subject_id = person and s.kind = 1));
end;
comment on function cix.flag_is_of_led is 'Whether an organisation of a person is listed for a case. Not granted to anyone.';

-- cix.flag_case_settle: the findings of a case (kind 8) as its listings are now: one a person, closed when
--   the person or the organisation is listed no more. submission: null only closes; cause: id of the
--   record that changed it. Gives how many are open.
create or replace function cix.flag_case_settle(
    case_given bytea, submission uuid, cause bigint, at timestamptz)
returns int language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    item record;
    count int := 0;
begin
    update cix.finding as f set state = 2
    from cix.flag as p
    where p.case_index = case_given and f.subject_id = p.subject_id and f.kind = 8
        and f.fact_id = p.flag_id and f.state = 1
        and not exists (
            select from cix.flag_of_led(case_given) as d where d.flag_id = p.flag_id);
    for item in
        select d.subject_id, d.flag_id, d.member_id from cix.flag_of_led(case_given) as d
        order by d.subject_id, d.flag_id
    loop
        count := count + 1;
        continue when submission is null or exists (
            select from cix.finding as f
            where f.subject_id = item.subject_id and f.kind = 8 and f.fact_id = item.flag_id
                and f.state = 1);
        perform cix.finding_put(at, submission, array[item.subject_id], array[cause],
            array[8::smallint], array['D006'], array[item.member_id], array[item.flag_id],
            array[null::int], array[''], array[null::bigint], array[null::bigint]);
    end loop;
    return count;
end;
$$;
comment on function cix.flag_case_settle is 'Findings about the listings for one case. Not granted to anyone.';

-- cix.flag_lead_settle: the same when a member says who leads organisations.
create or replace function cix.flag_lead_settle(
    subjects bigint[], records bigint[], submission uuid, at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    item record;
begin
    for item in
        select f.case_index, max(g.record_id) as record_id
        from unnest(subjects, records) as g (subject_id, record_id)
            join cix.flag as f on f.subject_id = g.subject_id
        where f.case_index is not null and f.status in (1, 2, 3)
        group by f.case_index
        order by f.case_index
    loop
        perform cix.flag_case_settle(item.case_index, submission, item.record_id, at);
    end loop;
end;
$$;
comment on function cix.flag_lead_settle is 'Findings about those who lead organisations. Not granted to anyone.';

-- cix.flag_case_sweep: the findings of cases whose listings changed in the last two days: what transactions
--   that ran at one time did not see of each other. At most as many new ones as there are ids; gives how many.
--   One server at a time: another one running means 0.
create or replace function cix.flag_case_sweep(finding_ids bigint[], at timestamptz)
returns int language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    item record;
    count int := 0;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('cix.flag_case_sweep', 0)) then
        return 0;
    end if;
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    update cix.finding as f set state = 2
    where f.kind = 8 and f.state = 1 and not exists (
        select from cix.flag as p
        where p.subject_id = f.subject_id and p.flag_id = f.fact_id and p.status in (1, 2, 3)
            and cix.flag_is_of_led(p.subject_id, p.case_index));
    for item in
        select d.subject_id, d.flag_id, d.member_id
        from (select distinct r.case_index from cix.flag as r
            where r.case_index is not null and r.recorded_at > at - interval '2 days') as c
            cross join lateral cix.flag_of_led(c.case_index) as d
        where not exists (
            select from cix.finding as f
            where f.subject_id = d.subject_id and f.kind = 8 and f.fact_id = d.flag_id
                and f.state = 1)
        order by d.subject_id, d.flag_id
        limit cardinality(finding_ids)
    loop
        count := count + 1;
        perform cix.finding_put(at, null, array[item.subject_id], array[finding_ids[count]],
            array[8::smallint], array['D006'], array[item.member_id], array[item.flag_id],
            array[null::int], array[''], array[null::bigint], array[null::bigint]);
    end loop;
    return count;
end;
$$;
comment on function cix.flag_case_sweep is 'Findings about listings for one case, again. Granted to cix_admin.';

-- cix.flag_unmask: the whole listing came: what was kept aside of it with a masked identifier is reviewed
--   by that.
create or replace function cix.flag_unmask(caller int, submission uuid, external uuid, at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    submissions uuid[];
    chunks int[];
    lines int[];
begin
    with gone as (
        delete from cix.flag_masked as m
        where m.member_id = caller and m.external_id = external
        returning m.submission_id, m.chunk, m.line
    ), reviewed as (
        update cix.quarantine as q
        set state = 2, review_id = submission, reviewed_at = at
        from gone as g
        where q.member_id = caller and q.submission_id = g.submission_id and q.chunk = g.chunk
            and q.line = g.line and q.state = 1
        returning q.submission_id, q.chunk, q.line
    )
    select array_agg(r.submission_id), array_agg(r.chunk), array_agg(r.line)
    into submissions, chunks, lines
    from reviewed as r;
    if submissions is not null then
        perform cix.quarantine_forget(array_fill(caller, array[cardinality(lines)]), submissions,
            chunks, lines);
    end if;
end;
$$;
comment on function cix.flag_unmask is 'Ends what waits for the identifier of a listing. Not granted to anyone.';

-- cix.flag_feed_take: one number of a feed, whose row is locked. Gives how many numbers between the highest
--   one and it did not come.
create or replace function cix.flag_feed_take(caller int, feed text, seq bigint, at timestamptz)
returns bigint language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    known cix.flag_feed;
    gap cix.flag_feed_gap;
begin
    select f.* into known from cix.flag_feed as f
    where f.member_id = caller and f.source = feed;
    if seq > known.highest then
        update cix.flag_feed as f
        set highest = seq, recorded_at = at, missing = known.missing + seq - known.highest - 1,
            gap_since = coalesce(known.gap_since, case when seq > known.highest + 1 then at end)
        where f.member_id = caller and f.source = feed;
        insert into cix.flag_feed_gap (member_id, source, first_seq, last_seq, opened_at)
        select caller, feed, known.highest + 1, seq - 1, at where seq > known.highest + 1;
        return seq - known.highest - 1;
    end if;
    delete from cix.flag_feed_gap as g
    where g.member_id = caller and g.source = feed and g.last_seq >= seq and g.first_seq = (
        select max(o.first_seq) from cix.flag_feed_gap as o
        where o.member_id = caller and o.source = feed and o.first_seq <= seq)
    returning g.* into gap;
    if found then
        insert into cix.flag_feed_gap (member_id, source, first_seq, last_seq, opened_at)
        select caller, feed, p.first_seq, p.last_seq, gap.opened_at
        from (values (gap.first_seq, seq - 1), (seq + 1, gap.last_seq)) as p (first_seq, last_seq)
        where p.first_seq <= p.last_seq;
        update cix.flag_feed as f
        set missing = known.missing - 1, gap_since = (
                select min(g.opened_at) from cix.flag_feed_gap as g
                where g.member_id = caller and g.source = feed)
        where f.member_id = caller and f.source = feed;
    end if;
    return 0;
end;
$$;
comment on function cix.flag_feed_take is 'Takes one number of a feed. Not granted to anyone.';

-- cix.flag_receive: listings of an open chunk that no rule refuses, whether they are taken or kept aside:
--   their numbers in the court's feeds have come (sources and seqs: null for none), and a masked one waits
--   for its identifier. D009: numbers between the last one and this did not come.
create or replace function cix.flag_receive(
    caller int, submission uuid, chunk_number int, at timestamptz, lines int[], external_ids uuid[],
    sources text[], seqs bigint[], masks boolean[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    item record;
    missing bigint;
    told_lines int[] := '{}';
    told_reasons text[] := '{}';
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 8, 4) then
        return;
    end if;
    insert into cix.flag_masked (member_id, external_id, submission_id, chunk, line, recorded_at)
    select caller, g.external_id, submission, chunk_number, g.line, at
    from unnest(lines, external_ids, masks) as g (line, external_id, is_masked)
    where g.is_masked
    on conflict do nothing;
    -- The first number begins a feed: what came before it, nobody can say.
    insert into cix.flag_feed (member_id, source, highest, recorded_at)
    select caller, g.source, min(g.seq), at
    from unnest(sources, seqs) as g (source, seq)
    where g.seq is not null
    group by g.source
    order by g.source
    on conflict do nothing;
    perform from cix.flag_feed as f
    where f.member_id = caller and f.source = any (sources)
    order by f.source for no key update;
    for item in
        select g.line, g.source, g.seq
        from unnest(lines, sources, seqs) as g (line, source, seq)
        where g.seq is not null
        order by g.source, g.seq, g.line
    loop
        missing := cix.flag_feed_take(caller, item.source, item.seq, at);
        if missing > 0 then
            told_lines := told_lines || item.line;
            told_reasons := told_reasons || format('%s numbers of the feed before this one did not come', missing);
        end if;
    end loop;
    return query select v.line, 'D009', 4::smallint, 'flag.source_seq', v.reason
        from unnest(told_lines, told_reasons) as v (line, reason);
    perform cix.submission_verdict_put(caller, submission, chunk_number, at, told_lines,
        array_fill('D009'::text, array[cardinality(told_lines)]),
        array_fill(4::smallint, array[cardinality(told_lines)]),
        array_fill('flag.source_seq'::text, array[cardinality(told_lines)]), told_reasons);
end;
$$;
comment on function cix.flag_receive is 'Takes numbers of feeds of an open chunk. Granted to cix_submit.';

-- cix.flag_gaps: feeds of which numbers did not come, the oldest gap first, at most 16. missing: how many
--   numbers. Says nothing of a person.
create or replace function cix.flag_gaps()
returns table (member_id int, source text, since timestamptz, missing bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select f.member_id, f.source, f.gap_since, f.missing
    from cix.flag_feed as f
    where f.gap_since is not null
    order by f.gap_since, f.member_id, f.source
    limit 16;
end;
comment on function cix.flag_gaps is 'Feeds of listings with gaps. Granted to cix_inquire.';

-- cix.flag_feeds: feeds with the numbers that they lack, at most 1,000, those with gaps first; for the
--   operator's metrics.
create or replace function cix.flag_feeds()
returns table (code text, source text, missing bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select m.code::text, f.source, f.missing
    from cix.flag_feed as f
        join cix.member as m on m.member_id = f.member_id
    order by f.gap_since, m.code, f.source
    limit 1000;
end;
comment on function cix.flag_feeds is 'Feeds of listings and what they lack. Granted to cix_admin.';
