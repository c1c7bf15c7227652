-- Records that rules kept aside: listed and reviewed by the member that sent them.

-- cix.quarantine_list: the caller's records that wait behind (submission, chunk, line), in that order; those
--   of files that are not committed do not wait yet. submission_only: null, or the one that is wanted. is_accepted:
--   its name (S016) is one of the subject by now; is_mistake: the operator found that it is none. One audit row, whatever
--   the outcome.
create or replace function cix.quarantine_list(
    caller int, submission_only uuid, submission_after uuid, chunk_after int, line_after int,
    page_size int, at timestamptz, audit_id bigint, method smallint, certificate bytea, salt bytea)
returns table (submission uuid, chunk int, line int, kept_at timestamptz, is_accepted boolean,
    is_mistake boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt, 0::smallint, null);
    return query
    select q.submission_id, q.chunk, q.line, q.recorded_at, coalesce(d.is_known, false),
        coalesce(not d.is_known and d.is_mistake, false)
    from cix.quarantine q
        left join lateral (
            select bool_or(cix.name_is_known(c.lookup, c.name_index)) as is_known,
                bool_or(c.state = 4 and c.reason = 7) as is_mistake
            from cix.conflict c
            where c.member_id = q.member_id and c.submission_id = q.submission_id and c.chunk = q.chunk
                and c.line = q.line and c.kind <> 2) as d on true
    where q.member_id = caller and q.state = 1
        and (submission_only is null or q.submission_id = submission_only)
        and (q.submission_id, q.chunk, q.line) > (submission_after, chunk_after, line_after)
        and exists (
            select from cix.submission s
            where s.member_id = caller and s.submission_id = q.submission_id
                and (s.mode = 1 or s.state not in (1, 3, 4)))
    order by q.submission_id, q.chunk, q.line
    limit page_size;
end;
$$;
comment on function cix.quarantine_list is 'A page of the caller''s records that wait for review. Granted to cix_submit.';

-- cix.quarantine_read: one record of the caller that was kept aside: sealed, alone or in its whole chunk
--   (is_whole). No row for anybody else's. Its callers have left their audit row before.
create or replace function cix.quarantine_read(caller int, submission uuid, chunk_number int, line_number int)
returns table (state smallint, review uuid, is_whole boolean, record_id bigint, sealed_records bytea)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select q.state, q.review_id, q.record_id is null,
        coalesce(q.record_id, case when q.state = 1 then c.record_id end),
        coalesce(q.sealed_record, case when q.state = 1 then c.sealed_records end)
    from cix.quarantine q
        join cix.submission s on s.member_id = q.member_id and s.submission_id = q.submission_id
        join cix.submission_chunk c on c.member_id = q.member_id and c.submission_id = q.submission_id
            and c.number = q.chunk
    where q.member_id = caller and q.submission_id = submission and q.chunk = chunk_number
        and q.line = line_number and (s.mode = 1 or s.state not in (1, 3, 4));
end;
$$;
comment on function cix.quarantine_read is 'One of the caller''s records that were kept aside. Granted to cix_submit.';

-- cix.quarantine_forget: what was reviewed is no longer kept, nor the chunks of which nothing waits.
create or replace function cix.quarantine_forget(members int[], submissions uuid[], chunks int[], lines int[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform cix.rating_touch(array(
        select c.subject_id
        from unnest(members, submissions, chunks, lines) as g (member_id, submission_id, chunk, line)
            join cix.quarantine q on q.member_id = g.member_id and q.submission_id = g.submission_id
                and q.chunk = g.chunk and q.line = g.line
            join cix.conflict c on c.state = 1
                and c.member_id = q.member_id and c.submission_id = q.submission_id
                and c.chunk = q.chunk and c.line = q.line));
    update cix.quarantine q
    set record_id = null, sealed_record = null
    from unnest(members, submissions, chunks, lines) as g (member_id, submission_id, chunk, line)
    where q.member_id = g.member_id and q.submission_id = g.submission_id and q.chunk = g.chunk
        and q.line = g.line;
    update cix.submission_chunk c
    set record_id = null, sealed_records = null
    from (select distinct u.member_id, u.submission_id, u.chunk
        from unnest(members, submissions, chunks) as u (member_id, submission_id, chunk)) as g
    where c.member_id = g.member_id and c.submission_id = g.submission_id and c.number = g.chunk
        and c.sealed_records is not null
        and not exists (
            select from cix.quarantine q
            where q.member_id = c.member_id and q.submission_id = c.submission_id
                and q.chunk = c.number and q.state = 1);
end;
$$;
comment on function cix.quarantine_forget is 'Forgets records that were reviewed. Not granted to anyone.';

-- cix.quarantine_review: writes the decisions of a review; does nothing unless this transaction opened the
--   review's chunk. decisions: 1 release, 2 discard. places: position of a released record in the review's
--   chunk; the rules that kept it aside are waived for it there. A record that another review took since
--   it was read is a lost race.
create or replace function cix.quarantine_review(
    caller int, review uuid, chunk_number int, at timestamptz, submissions uuid[], chunks int[],
    lines int[], decisions smallint[], places int[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    taken int;
begin
    if not cix.submission_is_open(caller, review, chunk_number, 0, 0) then
        return;
    end if;
    with waiting as (
        select q.submission_id, q.chunk, q.line, g.decision
        from unnest(submissions, chunks, lines, decisions) as g (submission_id, chunk, line, decision)
            join cix.quarantine q on q.member_id = caller and q.submission_id = g.submission_id
                and q.chunk = g.chunk and q.line = g.line
        where q.state = 1
        order by q.submission_id, q.chunk, q.line
        for no key update of q
    )
    update cix.quarantine q
    set state = w.decision + 1, review_id = review, reviewed_at = at
    from waiting as w
    where q.member_id = caller and q.submission_id = w.submission_id and q.chunk = w.chunk
        and q.line = w.line;
    get diagnostics taken = row_count;
    if taken <> cardinality(lines) then
        raise exception 'another review was first' using errcode = 'serialization_failure';
    end if;
    insert into cix.quarantine_waiver (member_id, submission_id, chunk, line, rule, recorded_at)
    select distinct caller, review, chunk_number, g.place, v.rule, at
    from unnest(submissions, chunks, lines, decisions, places)
            as g (submission_id, chunk, line, decision, place)
        join cix.submission_verdict v on v.member_id = caller and v.submission_id = g.submission_id
            and v.chunk = g.chunk and v.line = g.line and v.severity = 3
    where g.decision = 1
    order by 4, 5;
    perform cix.quarantine_forget(array_fill(caller, array[cardinality(lines)]), submissions, chunks,
        lines);
end;
$$;
comment on function cix.quarantine_review is 'Writes the decisions of a review. Granted to cix_submit.';

-- cix.quarantine_waives: whether a rule was waived for a record of a review.
create or replace function cix.quarantine_waives(
    caller int, submission uuid, chunk_number int, line_number int, rule_id text)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select exists (
        select from cix.quarantine_waiver w
        where w.member_id = caller and w.submission_id = submission and w.chunk = chunk_number
            and w.line = line_number and w.rule = rule_id);
end;
comment on function cix.quarantine_waives(int, uuid, int, int, text) is
    'Whether a rule was waived for a record. Not granted to anyone.';

-- cix.quarantine_expire: discards what waits since before a day, as many records as there are audit ids; an
--   audit row each, method 36, certificate zeros: nobody called. Gives how many.
create or replace function cix.quarantine_expire(
    before timestamptz, audit_ids bigint[], salts bytea[], at timestamptz)
returns int language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    members int[];
    submissions uuid[];
    chunks int[];
    lines int[];
    count int;
begin
    with old as (
        select q.member_id, q.submission_id, q.chunk, q.line
        from cix.quarantine q
            join cix.submission s on s.member_id = q.member_id and s.submission_id = q.submission_id
        where q.state = 1 and q.recorded_at < before and (s.mode = 1 or s.state not in (1, 3, 4))
        order by q.member_id, q.submission_id, q.chunk, q.line
        limit cardinality(audit_ids)
        for no key update of q skip locked
    ), gone as (
        update cix.quarantine q
        set state = 4, reviewed_at = at
        from old as o
        where q.member_id = o.member_id and q.submission_id = o.submission_id and q.chunk = o.chunk
            and q.line = o.line
        returning q.member_id, q.submission_id, q.chunk, q.line
    )
    select array_agg(g.member_id), array_agg(g.submission_id), array_agg(g.chunk), array_agg(g.line)
    into members, submissions, chunks, lines
    from gone as g;
    count := coalesce(cardinality(lines), 0);
    if count > 0 then
        perform cix.quarantine_forget(members, submissions, chunks, lines);
        perform cix.audit_append(audit_ids[: count], at, members, 36::smallint,
            array_fill(decode(repeat('00', 32), 'hex'), array[count]), salts[: count],
            array_fill(null::bytea, array[count]), array_fill(0::smallint, array[count]),
            array_fill(null::uuid, array[count]), array_fill(0::smallint, array[count]),
            array(select sha256(uuid_send(g.id) || int4send(g.chunk) || int4send(g.line))
                from unnest(submissions, chunks, lines) with ordinality as g (id, chunk, line, place)
                order by g.place));
    end if;
    return count;
end;
$$;
comment on function cix.quarantine_expire is 'Discards records that nobody reviewed. Granted to cix_admin.';
