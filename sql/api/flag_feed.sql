-- What a court's listings say beside whom they list: masked identifiers, and numbers of feeds.

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

-- cix.flag_feeds_full: begins the feeds that a court numbers for the first time, at their lowest number: what came
--   before it, nobody can say. At most 16 feeds a court; gives those that find no room. Two chunks of a court
--   that begin feeds wait for each other.
create or replace function cix.flag_feeds_full(caller int, sources text[], seqs bigint[], at timestamptz)
returns text[] language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    new text[] := array(
        select distinct g.source from unnest(sources, seqs) as g (source, seq)
        where g.seq is not null and not exists (
            select from cix.flag_feed as f where f.member_id = caller and f.source = g.source));
begin
    if new = '{}' then
        return new;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('cix.flag_feed', caller));
    insert into cix.flag_feed (member_id, source, highest, recorded_at)
    select caller, g.source, min(g.seq), at
    from unnest(sources, seqs) as g (source, seq)
    where g.source = any (new)
    group by g.source
    order by min(g.seq), g.source
    limit greatest(16 - (select count(*) from cix.flag_feed as f where f.member_id = caller), 0)
    on conflict do nothing;
    return array(
        select n.source from unnest(new) as n (source)
        where not exists (
            select from cix.flag_feed as f where f.member_id = caller and f.source = n.source));
end;
$$;
comment on function cix.flag_feeds_full is 'Begins feeds of a court. Not granted to anyone.';

-- cix.flag_feed_take: numbers of a feed, rising. Gives for each how many between the highest one and it did not
--   come. What the feed lacks is counted once for all of them.
create or replace function cix.flag_feed_take(caller int, feed text, seqs bigint[], at timestamptz)
returns bigint[] language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off as $$
declare
    known cix.flag_feed;
    gap cix.flag_feed_gap;
    lacks bigint[] := '{}';
    seq bigint;
begin
    select f.* into known from cix.flag_feed as f
    where f.member_id = caller and f.source = feed
    for no key update;
    foreach seq in array seqs loop
        lacks := lacks || greatest(seq - known.highest - 1, 0);
        if seq > known.highest then
            insert into cix.flag_feed_gap (member_id, source, first_seq, last_seq, opened_at)
            select caller, feed, known.highest + 1, seq - 1, at where seq > known.highest + 1;
            known.missing := known.missing + seq - known.highest - 1;
            known.highest := seq;
            known.recorded_at := at;
            continue;
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
            known.missing := known.missing - 1;
        end if;
    end loop;
    perform cix.flag_feed_keep(known);
    return lacks;
end;
$$;
comment on function cix.flag_feed_take is 'Takes numbers of a feed. Not granted to anyone.';

-- cix.flag_feed_keep: writes what is kept of a feed, and since when it has had gaps: the one of the lowest numbers
--   opened first.
create or replace function cix.flag_feed_keep(known cix.flag_feed)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off
begin atomic
    update cix.flag_feed as f
    set highest = (known).highest, missing = (known).missing, recorded_at = (known).recorded_at,
        gap_since = (
            select g.opened_at from cix.flag_feed_gap as g
            where g.member_id = f.member_id and g.source = f.source
            order by g.first_seq limit 1)
    where f.member_id = (known).member_id and f.source = (known).source;
end;
comment on function cix.flag_feed_keep is 'Writes what is kept of a feed. Not granted to anyone.';

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
    full_feeds text[];
    told_lines int[] := '{}';
    told_reasons text[] := '{}';
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 8, 4) then
        return;
    end if;
    insert into cix.flag_masked (member_id, external_id, submission_id, chunk, line, recorded_at)
    select caller, g.external_id, submission, chunk_number, g.line, at
    from unnest(lines, external_ids, masks) as g (line, external_id, is_masked)
    where g.is_masked and not exists (
        select from cix.flag_key as k where k.member_id = caller and k.external_id = g.external_id)
    on conflict do nothing;
    -- One whose whole one is there, from this chunk or before, waits for nothing.
    insert into cix.quarantine (
        member_id, submission_id, chunk, line, recorded_at, state, review_id, reviewed_at)
    select caller, submission, chunk_number, g.line, at, 2, submission, at
    from unnest(lines, external_ids, masks) as g (line, external_id, is_masked)
        join cix.flag_key as k on k.member_id = caller and k.external_id = g.external_id
    where g.is_masked
    on conflict (member_id, submission_id, chunk, line) do update
    set state = 2, review_id = submission, reviewed_at = at, record_id = null, sealed_record = null;
    full_feeds := cix.flag_feeds_full(caller, sources, seqs, at);
    for item in
        select g.source, array_agg(g.line order by g.seq, g.line) as lines,
            array_agg(g.seq order by g.seq, g.line) as seqs
        from unnest(lines, sources, seqs) as g (line, source, seq)
        where g.seq is not null and g.source <> all (full_feeds)
        group by g.source
        order by g.source
    loop
        with taken as (
            select v.line, v.missing
            from unnest(item.lines, cix.flag_feed_take(caller, item.source, item.seqs, at)) as v (line, missing)
            where v.missing > 0
        )
        select told_lines || array_agg(t.line), told_reasons || array_agg(
            format('%s numbers of the feed before this one did not come', t.missing))
        into told_lines, told_reasons
        from taken as t;
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

-- cix.flag_gaps: feeds of which numbers did not come, at most 16: the oldest gap of each court before the second of
--   any, so that no court hides another's. Of 16 courts at least, since none has more feeds than that. missing: how
--   many numbers. Says nothing of a person.
create or replace function cix.flag_gaps()
returns table (member_id int, source text, since timestamptz, missing bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select r.member_id, r.source, r.gap_since, r.missing
    from (
        select o.*, row_number() over (partition by o.member_id order by o.gap_since, o.source) as place
        from (
            select f.* from cix.flag_feed as f
            where f.gap_since is not null
            order by f.gap_since
            limit 16 * 16) as o) as r
    order by r.place, r.gap_since, r.member_id
    limit 16;
end;
comment on function cix.flag_gaps is 'Feeds of listings with gaps. Granted to cix_inquire.';

-- cix.flag_feeds: the numbers that courts' feeds lack, court by court, at most 1,000, those that lack most first;
--   for the operator's metrics.
create or replace function cix.flag_feeds()
returns table (code text, missing bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select m.code::text, sum(f.missing)::bigint
    from cix.flag_feed as f
        join cix.member as m on m.member_id = f.member_id
    group by m.code
    order by sum(f.missing) desc, m.code
    limit 1000;
end;
comment on function cix.flag_feeds is 'What feeds of listings lack, by court. Granted to cix_admin.';

-- cix.flag_feed_list: feeds of one court (its code), or of all (empty), that lack numbers, a page behind a court and a
--   source: highest number, how many are missing, since when; and the ranges, lowest first, at most 8 of ranges.
create or replace function cix.flag_feed_list(court text, behind_code text, behind_source text, page_size int)
returns table (code text, source text, highest bigint, missing bigint, since timestamptz, ranges bigint,
    first_seqs bigint[], last_seqs bigint[])
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select m.code, f.source, f.highest, f.missing, f.gap_since, g.ranges, g.first_seqs, g.last_seqs
    from cix.flag_feed as f
        join cix.member as m on m.member_id = f.member_id
        cross join lateral (
            select count(*) as ranges,
                array_agg(o.first_seq order by o.first_seq) filter (where o.place <= 8) as first_seqs,
                array_agg(o.last_seq order by o.first_seq) filter (where o.place <= 8) as last_seqs
            from (
                select a.first_seq, a.last_seq, row_number() over (order by a.first_seq) as place
                from cix.flag_feed_gap as a
                where a.member_id = f.member_id and a.source = f.source) as o) as g
    where f.gap_since is not null and (court = '' or m.code = court)
        and (m.code, f.source) > (behind_code, behind_source)
    order by m.code, f.source
    limit page_size;
end;
comment on function cix.flag_feed_list is 'Feeds that lack numbers. Granted to cix_admin.';

-- cix.flag_feed_accept: numbers of a feed that did not come are no gap any more, up to one of them (0: all). A listing
--   that comes all the same is taken. Outcomes: 0 done (accepted: how many)   1 no such feed   2 none is missing
--   there. One audit row (method 209), whatever the outcome.
create or replace function cix.flag_feed_accept(
    court text, feed text, through bigint, reason smallint, at timestamptz, act_id bigint, salt bytea)
returns table (outcome smallint, accepted bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    known cix.flag_feed;
    last bigint;
    gone bigint := 0;
    outcome smallint := 1;
begin
    select f.* into known
    from cix.member as m
        join cix.flag_feed as f on f.member_id = m.member_id
    where m.code = court and f.source = feed
    for no key update of f;
    if known.source is not null then
        last := case when through = 0 then known.highest else through end;
        with closed as (
            delete from cix.flag_feed_gap as g
            where g.member_id = known.member_id and g.source = feed and g.first_seq <= last
            returning g.first_seq, g.last_seq, g.opened_at
        ), kept as (
            insert into cix.flag_feed_gap (member_id, source, first_seq, last_seq, opened_at)
            select known.member_id, feed, last + 1, c.last_seq, c.opened_at from closed as c
            where c.last_seq > last
        )
        select coalesce(sum(least(c.last_seq, last) - c.first_seq + 1), 0) into gone from closed as c;
        outcome := case when gone > 0 then 0 else 2 end;
    end if;
    if gone > 0 then
        known.missing := known.missing - gone;
        perform cix.flag_feed_keep(known);
        insert into cix.flag_feed_act (member_id, source, act_id, through_seq, accepted, reason, recorded_at)
        values (known.member_id, feed, act_id, last, gone, reason, at);
    end if;
    perform cix.audit_act(act_id, at, 209::smallint, salt, null, outcome,
        sha256(convert_to(concat_ws(' ', court, feed, last, gone, reason), 'UTF8')));
    return query select outcome, gone;
end;
$$;
comment on function cix.flag_feed_accept is 'Accepts that numbers of a feed will not come. Granted to cix_admin.';
