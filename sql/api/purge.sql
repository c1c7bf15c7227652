-- The purge: what is over (adverse.sql) is deleted, and leaves a tombstone (Z001, Z004): of persons, individual
-- businesses among them; of others kept ratings, and names taken away (without a tombstone), alone. An item
-- waits while a dispute about it is open, and a person while a change of its months is not merged yet: the next
-- pass comes again. Statistics stay as they were: what the months counted goes into purge_residue; who stands
-- behind a cell is forgotten with them.
--
-- purge_rows alone deletes from append-only tables. It belongs to cix_purge, which may delete there and do
-- nothing else; what is kept and not append-only is deleted and made anew by purge_step, the owner's.

-- cix.purge_months: accounts with adverse months that are over, and the month up to which they are, as
--   cix.adverse_cut says of a ring, but over all months and versions of them.
create or replace function cix.purge_months(subjects bigint[], oldest int)
returns table (subject_id bigint, account_id bigint, until int)
language sql stable
begin atomic
    with month as materialized (
        select d.subject_id, d.account_id, d.period,
            bool_or(cix.adverse_status(ascii(d.repay_status::text))) as is_adverse,
            coalesce((array_agg(d.is_deleted is not true and cix.adverse_ends(ascii(d.repay_status::text))
                order by d.delta_id desc))[1], false) as is_end
        from cix.performance_delta as d
        where d.subject_id = any (subjects) and d.period < oldest
        group by d.subject_id, d.account_id, d.period
    ), latest as (
        select m.subject_id, m.account_id, max(m.period) as period
        from month as m where m.is_end
        group by m.subject_id, m.account_id
    ), adverse as (
        select m.subject_id, m.account_id, max(m.period) as period
        from month as m
            join latest as l on l.subject_id = m.subject_id and l.account_id = m.account_id
        where m.is_adverse and m.period <= l.period
        group by m.subject_id, m.account_id
    )
    select a.subject_id, a.account_id, min(m.period)
    from adverse as a
        join month as m on m.subject_id = a.subject_id and m.account_id = a.account_id
    where m.is_end and m.period >= a.period
    group by a.subject_id, a.account_id;
end;
comment on function cix.purge_months is 'Months that are over. Not granted to anyone.';

-- cix.purge_over: what is over of these subjects whom adverse.sql covers, waiting for a dispute or not. Facts of an
--   account go with it.
create or replace function cix.purge_over(subjects bigint[], today date)
returns setof cix.purge_item language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
    persons bigint[] := array(select s.subject_id from cix.subject as s
        where s.subject_id = any (subjects) and cix.adverse_covers(s.kind));
begin
    return query
    with account as materialized (
        select a.subject_id, a.account_id, 2::smallint as reason
        from cix.account as a
        where a.subject_id = any (persons)
            and cix.account_is_over(a.closed_on, a.status_ring, a.last_period, today)
        union all
        select r.subject_id, r.account_id, 3::smallint
        from cix.account_removed as r
        where r.subject_id = any (persons)
            and cix.is_over((r.recorded_at at time zone 'UTC')::date, today)
    ), fact as materialized (
        select distinct on (f.subject_id, f.fact_id) f.subject_id, f.fact_id, f.record_id, f.kind,
            f.account_id, f.is_deleted, f.recorded_at
        from cix.fact as f
        where f.subject_id = any (persons) and f.kind in (6, 7, 8, 9, 13)
        order by f.subject_id, f.fact_id, f.record_id desc
    )
    select a.subject_id, 3::smallint as kind, a.account_id as item_id, null::int as until, a.reason
    from account as a
    union all
    select m.subject_id, 4::smallint, m.account_id, m.until, 1::smallint
    from cix.purge_months(persons, cix.adverse_oldest(today)) as m
    where not exists (
        select from account as a where a.subject_id = m.subject_id and a.account_id = m.account_id)
    union all
    select f.subject_id, 5::smallint, f.flag_id, null::int, 1::smallint
    from cix.flag as f
    where f.subject_id = any (persons)
        and cix.is_over(cix.flag_end(f.status, f.recorded_at, f.expires_on), today)
    union all
    select f.subject_id, f.kind, f.fact_id, null::int, coalesce(a.reason,
        case when f.is_deleted then 3 else 1 end::smallint)
    from fact as f
        left join account as a on a.subject_id = f.subject_id and a.account_id = f.account_id
    where a.account_id is not null
        or case when f.is_deleted
            then f.kind <> 7 and cix.is_over((f.recorded_at at time zone 'UTC')::date, today)
            else cix.is_over(cix.fact_end(f.kind, f.subject_id, f.fact_id, f.record_id), today) end;
end;
$$;
comment on function cix.purge_over is 'What is over of subjects. Not granted to anyone.';

-- cix.purge_due: what the purge deletes of these subjects: what is over and not disputed. Ratings (kind 32) go five
--   years after they were kept, and all that may tell of what goes: those of its subject, of whoever was merged into
--   it, and of whom it was merged into, from then until it was split off again.
create or replace function cix.purge_due(subjects bigint[], today date)
returns setof cix.purge_item language sql stable
begin atomic
    with free as materialized (
        select i.subject_id, i.kind, i.item_id, i.until, i.reason
        from cix.purge_over(subjects, today) as i
        where not exists (
            select from cix.annotation as n
            where n.subject_id = any (i.subject_id || case when i.kind = 7
                    then cix.mark_parties(i.subject_id, i.item_id) else '{}' end)
                and n.target_id = i.item_id and n.kind = 1 and n.ended_at is null
                and case n.target when 2 then i.kind = 3 when 3 then i.kind = 3 or i.kind = 4 and n.period <= i.until
                    when 4 then i.kind = 5 when 6 then i.kind > 5 else false end)
    ), telling as (
        select f.subject_id, '-infinity'::timestamptz as from_at, 'infinity'::timestamptz as to_at
        from free as f
        union
        select m.alias_id, '-infinity', 'infinity'
        from free as f
            join cix.subject_alias as m on m.subject_id = f.subject_id and m.ended_at is null
        union
        select m.subject_id, m.merged_at, m.ended_at
        from free as f
            join cix.subject_alias as m on m.alias_id = f.subject_id and m.ended_at is not null
    ), rating as (
        select r.subject_id, r.rating_id, 4::smallint as reason
        from cix.rating as r
        where r.subject_id = any (subjects) and cix.rating_is_old(r.recorded_at, today)
        union all
        select r.subject_id, r.rating_id, 5::smallint
        from telling as t
            join cix.rating as r on r.subject_id = t.subject_id and r.recorded_at between t.from_at and t.to_at
    )
    select f.subject_id, f.kind, f.item_id, f.until, f.reason
    from free as f
    union all
    select r.subject_id, 32::smallint, r.rating_id, null::int, min(r.reason)
    from rating as r
    group by r.subject_id, r.rating_id
    order by 1, 2, 3;
end;
comment on function cix.purge_due is 'What the purge deletes. Not granted to anyone.';

-- cix.purge_rows: deletes every version of these items, and why they were put right.
create or replace function cix.purge_rows(due cix.purge_item[])
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off
as $$
begin
    with months as (
        delete from cix.performance_delta as d
        using unnest(due) as i
        where i.kind in (3, 4) and d.subject_id = i.subject_id and d.account_id = i.item_id
            and (i.kind = 3 or d.period <= i.until)
        returning d.member_id, d.submission_id, d.delta_id as record_id
    ), versions as (
        delete from cix.account_version as v
        using unnest(due) as i
        where i.kind = 3 and v.subject_id = i.subject_id and v.account_id = i.item_id
        returning v.member_id, v.submission_id, v.record_id
    ), facts as (
        delete from cix.fact as f
        using unnest(due) as i
        where i.kind > 5 and f.subject_id = i.subject_id and f.fact_id = i.item_id
        returning f.member_id, f.submission_id, f.record_id
    )
    delete from cix.correction as c
    using (select * from months union all select * from versions union all select * from facts) as r
    where c.member_id = r.member_id and c.submission_id = r.submission_id and c.record_id = r.record_id;
    delete from cix.account_event as t using unnest(due) as i
    where i.kind = 6 and t.subject_id = i.subject_id and t.fact_id = i.item_id;
    delete from cix.liability as t
    using cix.party as p, unnest(due) as i
    where i.kind = 7 and p.subject_id = i.subject_id and p.fact_id = i.item_id
        and t.subject_id = p.party_subject_id and t.fact_id = i.item_id;
    delete from cix.party as t using unnest(due) as i
    where i.kind = 7 and t.subject_id = i.subject_id and t.fact_id = i.item_id;
    delete from cix.public_record as t using unnest(due) as i
    where i.kind = 8 and t.subject_id = i.subject_id and t.fact_id = i.item_id;
    delete from cix.fraud_case as t using unnest(due) as i
    where i.kind = 9 and t.subject_id = i.subject_id and t.fact_id = i.item_id;
    delete from cix.collection as t using unnest(due) as i
    where i.kind = 13 and t.subject_id = i.subject_id and t.fact_id = i.item_id;
    delete from cix.flag_event as e using unnest(due) as i
    where i.kind = 5 and e.subject_id = i.subject_id and e.flag_id = i.item_id;
    delete from cix.rating as r using unnest(due) as i
    where i.kind = 32 and r.subject_id = i.subject_id and r.rating_id = i.item_id;
end;
$$;
comment on function cix.purge_rows is
    'Deletes from append-only tables what is over. Belongs to cix_purge; called by purge_step alone.';
alter function cix.purge_rows owner to cix_purge;

-- cix.purge_count: what the months of these items count stays in the roll-ups, as residue; who stood behind
--   it is forgotten. Before purge_rows, with every delta of these subjects merged.
create or replace function cix.purge_count(due cix.purge_item[])
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off
as $$
declare
    months cix.performance_delta[];
begin
    select array_agg(l.d) into months
    from (select distinct on (d.subject_id, d.account_id, d.period) d
        from unnest(due) as i
            join cix.performance_delta as d on d.subject_id = i.subject_id and d.account_id = i.item_id
                and (i.kind = 3 or d.period <= i.until)
        where i.kind in (3, 4)
        order by d.subject_id, d.account_id, d.period, d.delta_id desc) as l
    where (l.d).is_deleted is not true;
    insert into cix.purge_residue as r (period, cell_id, accounts, balance, overdue)
    select m.period, m.cell_id, count(*), sum(coalesce(m.balance, 0)), sum(coalesce(m.overdue_amount, 0))
    from unnest(months) as m
    group by m.period, m.cell_id
    order by m.period, m.cell_id
    on conflict (period, cell_id) do update
    set accounts = r.accounts + excluded.accounts, balance = r.balance + excluded.balance,
        overdue = r.overdue + excluded.overdue;
    update cix.rollup_subject as r
    set accounts = r.accounts - g.accounts
    from (select m.subject_id, m.period, m.cell_id, count(*)::int as accounts
        from unnest(months) as m
        group by m.subject_id, m.period, m.cell_id) as g
    where r.subject_id = g.subject_id and r.period = g.period and r.cell_id = g.cell_id;
    delete from cix.rollup_subject as r
    using unnest(months) as m
    where r.subject_id = m.subject_id and r.period = m.period and r.cell_id = m.cell_id and r.accounts = 0;
end;
$$;
comment on function cix.purge_count is 'What purged months leave in the roll-ups. Not granted to anyone.';

-- cix.purge_forget: what is kept of these items beside their versions: rows, keys, marks.
create or replace function cix.purge_forget(due cix.purge_item[])
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off
as $$
begin
    with gone as (
        delete from cix.annotation as n
        using unnest(due) as i
        where n.subject_id = any (i.subject_id || case when i.kind = 7
                then cix.mark_parties(i.subject_id, i.item_id) else '{}' end)
            and n.target_id = i.item_id
            and case n.target when 2 then i.kind = 3
                when 3 then i.kind = 3 or i.kind = 4 and n.period <= i.until
                when 4 then i.kind = 5 when 6 then i.kind > 5 else false end
        returning n.member_id, n.external_id
    )
    delete from cix.mark_key as k
    using gone as g
    where k.member_id = g.member_id and k.external_id = g.external_id;
    delete from cix.account_key as k using unnest(due) as i
    where i.kind = 3 and k.subject_id = i.subject_id and k.account_id = i.item_id;
    delete from cix.account_creditor as c using unnest(due) as i
    where i.kind = 3 and c.subject_id = i.subject_id and c.account_id = i.item_id;
    delete from cix.account_removed as r using unnest(due) as i
    where i.kind = 3 and r.subject_id = i.subject_id and r.account_id = i.item_id;
    delete from cix.account as a using unnest(due) as i
    where i.kind = 3 and a.subject_id = i.subject_id and a.account_id = i.item_id;
    delete from cix.flag_key as k using unnest(due) as i, cix.flag as f
    where i.kind = 5 and f.subject_id = i.subject_id and f.flag_id = i.item_id
        and k.member_id = f.member_id and k.external_id = f.external_id;
    delete from cix.flag_version as v using unnest(due) as i
    where i.kind = 5 and v.subject_id = i.subject_id and v.flag_id = i.item_id;
    delete from cix.flag_detail as d using unnest(due) as i
    where i.kind = 5 and d.subject_id = i.subject_id and d.flag_id = i.item_id;
    delete from cix.flag as f using unnest(due) as i
    where i.kind = 5 and f.subject_id = i.subject_id and f.flag_id = i.item_id;
    delete from cix.fact_key as k using unnest(due) as i
    where i.kind > 5 and k.subject_id = i.subject_id and k.fact_id = i.item_id;
end;
$$;
comment on function cix.purge_forget is 'Deletes what is kept of items that are over. Not granted to anyone.';

-- cix.purge_names: names and identifiers that a member took away of these subjects, whoever they are, go five
--   years after that, without a tombstone: a back-out does not give them again then (kind 33). So does the index of a
--   name that was doubted, five years after the doubt came or was dismissed: what was accepted and not sent since is
--   doubted anew (kind 34). dry: only tells. A row a kind, as purge_step answers it; none of nothing.
create or replace function cix.purge_names(subjects bigint[], today date, dry boolean)
returns table (kind smallint, reason smallint, items bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    names bigint;
    identifiers bigint;
    doubted bigint;
begin
    if dry then
        select count(*) into names from cix.subject_name_removed as r
        where r.subject_id = any (subjects)
            and cix.is_over((r.removed_at at time zone 'UTC')::date, today);
        select count(*) into identifiers from cix.subject_identifier_removed as r
        where r.subject_id = any (subjects)
            and cix.is_over((r.removed_at at time zone 'UTC')::date, today);
        select count(*) into doubted from cix.conflict as c
        where c.subject_id = any (subjects) and c.name_index is not null
            and cix.is_over((coalesce(c.dismissed_at, c.recorded_at) at time zone 'UTC')::date, today);
    else
        delete from cix.subject_name_removed as r
        where r.subject_id = any (subjects)
            and cix.is_over((r.removed_at at time zone 'UTC')::date, today);
        get diagnostics names = row_count;
        delete from cix.subject_identifier_removed as r
        where r.subject_id = any (subjects)
            and cix.is_over((r.removed_at at time zone 'UTC')::date, today);
        get diagnostics identifiers = row_count;
        update cix.conflict as c set name_index = null
        where c.subject_id = any (subjects) and c.name_index is not null
            and cix.is_over((coalesce(c.dismissed_at, c.recorded_at) at time zone 'UTC')::date, today);
        get diagnostics doubted = row_count;
    end if;
    return query
        select v.kind, v.reason, v.items
        from (values (33::smallint, 3::smallint, names + identifiers), (34::smallint, 4::smallint, doubted))
            as v (kind, reason, items)
        where v.items > 0;
end;
$$;
comment on function cix.purge_names is 'Deletes names taken away long ago. Not granted to anyone.';

-- cix.purge_step: one slice of a pass: so many subjects, in the order of their ids, behind after_id. dry: only
--   tells. One row a kind and reason with how many items; and one of kind 0, whose items is the id to go on
--   behind, null when the pass is at its end. at, audit_id, salt: of the audit row of a slice that deleted
--   something (method 206, nobody called). Role cix_admin.
create or replace function cix.purge_step(
    today date, after_id bigint, slice int, dry boolean, at timestamptz, audit_id bigint, salt bytea)
returns table (kind smallint, reason smallint, items bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off
as $$
#variable_conflict use_column
declare
    subjects bigint[];
    due cix.purge_item[];
begin
    select array_agg(s.subject_id order by s.subject_id) into subjects
    from (select s.subject_id from cix.subject as s
        where s.subject_id > after_id order by s.subject_id limit slice) as s;
    return query select 0::smallint, 0::smallint, subjects[cardinality(subjects)];
    if not dry then
        -- Before any account, as fsck_repair does; no delta of these persons is merged meanwhile.
        perform pg_advisory_xact_lock(hashtextextended('cix.rollup_merge', 0));
    end if;
    subjects := array(
        select s.subject_id from cix.subject as s
        where s.subject_id = any (subjects)
            and (dry or not exists (
                select from cix.rollup_delta as d where d.subject_id = s.subject_id)));
    return query select n.kind, n.reason, n.items from cix.purge_names(subjects, today, dry) as n;
    due := array(select d from cix.purge_due(subjects, today) as d);
    if not dry and cardinality(due) > 0 then
        -- Keys before accounts, as account_put does: whoever takes a sold account over holds its key.
        perform from cix.account_key as k
        where k.subject_id = any (array(select d.subject_id from unnest(due) as d))
        order by k.member_id, k.account_index
        for update;
        perform from cix.account as a
        where a.subject_id = any (array(select d.subject_id from unnest(due) as d))
        order by a.subject_id, a.account_id
        for update;
        due := array(select d from cix.purge_due(subjects, today) as d);
        perform cix.purge_count(due);
        perform cix.purge_forget(due);
        perform cix.purge_rows(due);
        perform cix.account_settle(d.subject_id, d.item_id) from unnest(due) as d where d.kind = 4;
        insert into cix.tombstone (item_id, kind, reason, purged_at)
        select d.item_id, d.kind, d.reason, at from unnest(due) as d
        order by d.item_id, d.kind;
        perform cix.audit_act(audit_id, at, 206::smallint, salt, null, 0::smallint,
            sha256(convert_to((select string_agg(format('%s %s %s', d.item_id, d.kind, d.reason),
                ' ' order by d.item_id, d.kind) from unnest(due) as d), 'UTF8')));
    end if;
    return query
    select d.kind, d.reason, count(*) from unnest(due) as d group by d.kind, d.reason
    order by d.kind, d.reason;
end;
$$;
comment on function cix.purge_step is 'One slice of the purge. Granted to cix_admin.';

-- cix.purge_turn: whether the purge has work: after_id, behind which the pass goes on, null when the latest one
--   ended and began less than so many hours ago; ended_at: when the latest whole pass ended. Role cix_admin.
create or replace function cix.purge_turn(hours int, at timestamptz)
returns table (after_id bigint, ended_at timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    update cix.purge_pass as p
    set last_id = 0, begun_at = purge_turn.at
    where p.pass_id = 1 and (p.begun_at is null
        or p.ended_at >= p.begun_at and p.begun_at + purge_turn.hours * interval '1 hour' <= purge_turn.at);
    return query
    select case when p.ended_at is null or p.ended_at < p.begun_at then p.last_id end, p.ended_at
    from cix.purge_pass as p where p.pass_id = 1;
end;
$$;
comment on function cix.purge_turn is 'Whether the purge has work. Granted to cix_admin.';

-- cix.purge_note: notes how far the pass came, or that it is at its end. Role cix_admin.
create or replace function cix.purge_note(next_id bigint, is_last boolean, at timestamptz)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    update cix.purge_pass as p
    set last_id = next_id, ended_at = case when is_last then at else p.ended_at end
    where p.pass_id = 1;
end;
comment on function cix.purge_note is 'Notes how far the purge is. Granted to cix_admin.';
