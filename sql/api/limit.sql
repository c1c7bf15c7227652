-- Limits of risk: what members set themselves (cix.member_attribute, kinds from 20), held once a month
-- against what they report. All in CNY. Nothing here names a borrower.

-- cix.limit_in_force: limits on a day: of one member and kind the latest counts, if it has not ended.
create or replace function cix.limit_in_force(today date)
returns table (member_id int, kind smallint, bound bigint, limit_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select l.member_id, l.kind, l.value, l.recorded_at
    from (
        select distinct on (a.member_id, a.kind) a.*
        from cix.member_attribute as a
        where a.kind >= 20
        order by a.member_id, a.kind, a.recorded_at desc) as l
    where today between l.from_on and coalesce(l.until_on, today);
end;
comment on function cix.limit_in_force is 'Limits that members set themselves. Not granted to anyone.';

-- cix.limit_due: limits in force on a day that were not held against a month yet, or changed since.
create or replace function cix.limit_due(month int, today date)
returns table (member_id int, kind smallint, bound bigint, limit_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select l.member_id, l.kind, l.bound, l.limit_at
    from cix.limit_in_force(today) as l
    where not exists (
        select from cix.limit_check as c
        where c.member_id = l.member_id and c.kind = l.kind and c.period = month
            and c.limit_at = l.limit_at);
end;
comment on function cix.limit_due is 'Limits that wait for their check. Not granted to anyone.';

-- cix.limit_month: what the roll-ups of a month show of members, for kinds 21, 24 to 26 and 28: every part
--   beside the whole. A part of kind 24 is a section of GB/T 4754, one of kind 25 a province or, elsewhere, the
--   region as given. Members without a balance above 0 have no row.
create or replace function cix.limit_month(month int, members int[])
returns table (member_id int, kind smallint, value text, amount numeric, whole numeric)
language sql stable security definer set search_path = pg_catalog, pg_temp
set enable_mergejoin = off -- cells are few: hash them
begin atomic
    with held as materialized (
        select c.member_id, c.region, c.industry, c.dealer, c.is_non_performing,
            sum(u.balance) as balance
        from (select r.cell_id, r.balance from cix.rollup as r where r.period = month
            union all
            select d.cell_id, d.balance from cix.rollup_delta as d where d.period = month) as u
            join cix.cell as c on c.cell_id = u.cell_id
        where c.currency = 'CNY' and c.member_id = any (members)
        group by c.member_id, c.region, c.industry, c.dealer, c.is_non_performing
    ), total as (
        select h.member_id, sum(h.balance) as whole from held as h
        group by h.member_id having sum(h.balance) > 0
    ), part as (
        select h.member_id, 21 as kind, '' as value, h.balance from held as h where h.is_non_performing
        union all
        select h.member_id, 24, left(h.industry, 1), h.balance from held as h where h.industry <> ''
        union all
        select h.member_id, 25,
            case when h.region ~ '^[0-9]{6}$' then rpad(left(h.region, 2), 6, '0') else h.region end,
            h.balance
        from held as h where h.region <> ''
        union all
        select h.member_id, 26, h.dealer, h.balance from held as h where h.dealer <> ''
        union all
        select h.member_id, 28, '', h.balance from held as h
        union all -- a limit of which there is no part at all is kept
        select h.member_id, k.kind, '', 0 from total as h, unnest('{21,24,25,26}'::int[]) as k (kind)
    )
    select p.member_id, p.kind::smallint, p.value, sum(p.balance), t.whole
    from part as p join total as t on t.member_id = p.member_id
    group by p.member_id, p.kind, p.value, t.whole;
end;
comment on function cix.limit_month is 'Parts of what members are owed in a month. Not granted to anyone.';

-- cix.limit_book: the same for kinds 22, 23 and 27, from open accounts as they stand: the largest borrower,
--   the ten largest, and what has no security. Looks at every account: once a month, and only when a member
--   has such a limit.
create or replace function cix.limit_book(members int[])
returns table (member_id int, kind smallint, value text, amount numeric, whole numeric)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    with owed as materialized (
        select a.member_id, a.subject_id, sum(a.balance) as balance,
            sum(a.balance) filter (where a.security = 4) as unsecured
        from cix.account as a
        where a.member_id = any (members) and a.currency = 'CNY' and a.closed_on is null
            and a.balance > 0
        group by a.member_id, a.subject_id
    ), ranked as (
        select o.member_id, o.balance, o.unsecured,
            row_number() over (partition by o.member_id order by o.balance desc) as place
        from owed as o
    ), added as (
        select r.member_id, sum(r.balance) as whole, max(r.balance) as largest,
            sum(r.balance) filter (where r.place <= 10) as ten,
            coalesce(sum(r.unsecured), 0) as unsecured
        from ranked as r
        group by r.member_id
    )
    select a.member_id, k.kind, '', k.amount, a.whole
    from added as a
        cross join lateral (values (22::smallint, a.largest), (23::smallint, a.ten),
            (27::smallint, a.unsecured)) as k (kind, amount);
end;
comment on function cix.limit_book is 'Parts of what members are owed by their accounts. Not granted to anyone.';

-- cix.limit_measure: the largest part of each limit that is due. measured: basis points, for kind 28 the
--   amount itself; null when nothing is owed: by accounts, or by a month of which no account is missing when its
--   quality is closed. Limits of which nothing can be said have no row.
create or replace function cix.limit_measure(month int, today date, most int)
returns table (member_id int, kind smallint, bound bigint, limit_at timestamptz, value text,
    measured bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    of_month int[];
    of_book int[];
begin
    select array_agg(distinct d.member_id) filter (where d.kind in (21, 24, 25, 26, 28)),
        array_agg(distinct d.member_id) filter (where d.kind in (22, 23, 27))
    into of_month, of_book
    from cix.limit_due(month, today) as d;
    return query
    with part as materialized (
        select p.* from cix.limit_month(month, of_month) as p where of_month is not null
        union all
        select p.* from cix.limit_book(of_book) as p where of_book is not null
    )
    select d.member_id, d.kind, d.bound, d.limit_at, coalesce(w.value, ''),
        case d.kind when 28 then cix.exposure_sum(w.amount)
            else trunc(w.amount * 10000 / w.whole)::bigint end
    from cix.limit_due(month, today) as d
        left join lateral (
            select p.* from part as p
            where p.member_id = d.member_id and p.kind = d.kind
            order by p.amount desc, p.value limit 1) as w on true
    where w.whole is not null or d.kind in (22, 23, 27) or exists (
        select from cix.quality_month as q
        where q.member_id = d.member_id and q.period = month + 1 and q.missing = 0)
    order by d.member_id, d.kind
    limit most;
end;
$$;
comment on function cix.limit_measure is 'Limits that are due, measured. Not granted to anyone.';

-- cix.limit_note: one measured limit: the finding that is open of it (at most one) shows the latest month,
--   ends when the limit holds or nothing is owed (amount null), and begins when it does not hold. id: of a new one.
create or replace function cix.limit_note(
    member int, limit_kind smallint, month int, part text, amount bigint, allowed bigint, id bigint,
    at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(amount <= allowed, true) then
        update cix.finding as f set state = 2
        where f.subject_id = member and f.kind = limit_kind and f.state = 1;
        return;
    end if;
    update cix.finding as f
    set period = month, measured = amount, bound = allowed, value = part
    where f.subject_id = member and f.kind = limit_kind and f.state = 1;
    if not exists (
        select from cix.finding as f
        where f.subject_id = member and f.kind = limit_kind and f.state = 1)
    then
        insert into cix.finding (
            subject_id, finding_id, kind, rule, member_id, period, currency, measured, bound, state,
            recorded_at, value)
        values (member, id, limit_kind, '', member, month,
            case when limit_kind = 28 then 'CNY' else '' end, amount, allowed, 1, at, part);
    end if;
end;
$$;
comment on function cix.limit_note is 'Opens and closes the finding of one limit. Not granted to anyone.';

-- cix.limit_check: holds limits against a month, at most as many as there are ids; gives how many. Findings of limits that are
--   no longer in force end. One server at a time: another one running means 0.
create or replace function cix.limit_check(month int, today date, finding_ids bigint[], at timestamptz)
returns int language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    item record;
    count int := 0;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('cix.limit_check', 0)) then
        return 0;
    end if;
    update cix.finding as f set state = 2
    where f.kind between 21 and 28 and f.state = 1
        and not exists (
            select from cix.limit_in_force(today) as l
            where l.member_id = f.member_id and l.kind = f.kind);
    for item in
        select m.* from cix.limit_measure(month, today, cardinality(finding_ids)) as m
        order by m.member_id, m.kind
    loop
        count := count + 1;
        insert into cix.limit_check (
            member_id, kind, period, limit_at, value, measured, bound, checked_at)
        values (item.member_id, item.kind, month, item.limit_at, item.value, item.measured,
            item.bound, at)
        on conflict (member_id, kind, period) do update
        set limit_at = excluded.limit_at, value = excluded.value, measured = excluded.measured,
            bound = excluded.bound, checked_at = excluded.checked_at;
        perform cix.limit_note(item.member_id, item.kind, month, item.value, item.measured,
            item.bound, finding_ids[count], at);
    end loop;
    return count;
end;
$$;
comment on function cix.limit_check is 'Holds limits of members against a month. Granted to cix_admin.';
