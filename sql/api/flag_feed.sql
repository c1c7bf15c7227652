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
