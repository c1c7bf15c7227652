-- Roll-ups: merging what transactions appended, and the check that what is kept is what the source
-- of truth gives.

-- cix.rollup_merge: moves at most so many deltas into rollup and rollup_subject; answers how many.
--   One at a time: another one running means 0. In the order of the key, so that what a correction
--   takes back was counted before. Plans by keys alone, as record.sql says.
create or replace function cix.rollup_merge(slice int, at timestamptz)
returns int language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set jit = off
as $$
declare
    moved int;
    periods int[];
    cells bigint[];
    subjects bigint[];
begin
    if not pg_try_advisory_xact_lock(hashtextextended('cix.rollup_merge', 0)) then
        return 0;
    end if;
    with gone as materialized (
        delete from cix.rollup_delta as d
        where d.ctid = any (array(
            select o.ctid from cix.rollup_delta as o
            order by o.subject_id, o.delta_id, o.accounts desc limit slice))
        returning d.subject_id, d.period, d.cell_id, d.accounts, d.balance, d.overdue
    ), cell as (
        insert into cix.rollup as r (period, cell_id, accounts, balance, overdue, merged_at)
        select g.period, g.cell_id, sum(g.accounts), sum(g.balance), sum(g.overdue), at
        from gone as g
        group by g.period, g.cell_id
        order by g.period, g.cell_id
        on conflict (period, cell_id) do update
        set accounts = r.accounts + excluded.accounts, balance = r.balance + excluded.balance,
            overdue = r.overdue + excluded.overdue, merged_at = excluded.merged_at
        returning r.period, r.cell_id, r.accounts
    ), subject as (
        insert into cix.rollup_subject as r (subject_id, period, cell_id, accounts)
        select g.subject_id, g.period, g.cell_id, sum(g.accounts)
        from gone as g
        group by g.subject_id, g.period, g.cell_id
        order by g.subject_id, g.period, g.cell_id
        on conflict (subject_id, period, cell_id) do update
        set accounts = r.accounts + excluded.accounts
        returning r.subject_id, r.period, r.cell_id, r.accounts
    ), empty as (
        select null::bigint as subject_id, c.period, c.cell_id from cell as c where c.accounts = 0
        union all
        select s.subject_id, s.period, s.cell_id from subject as s where s.accounts = 0
    )
    select (select count(*) from gone), array_agg(e.subject_id), array_agg(e.period),
        array_agg(e.cell_id)
    into moved, subjects, periods, cells
    from empty as e;
    -- Rows that reached zero go.
    delete from cix.rollup as r
    using unnest(subjects, periods, cells) as e (subject_id, period, cell_id)
    where e.subject_id is null and r.period = e.period and r.cell_id = e.cell_id;
    delete from cix.rollup_subject as r
    using unnest(subjects, periods, cells) as e (subject_id, period, cell_id)
    where r.subject_id = e.subject_id and r.period = e.period and r.cell_id = e.cell_id;
    return moved;
end;
$$;
comment on function cix.rollup_merge is 'Merges a slice of roll-up deltas. Granted to cix_admin.';

-- cix.rebuild_check: every row in which something kept differs from what performance_delta and
--   account_version give. No row: kept equals rebuilt. Written without the functions that keep.
create or replace function cix.rebuild_check()
returns table (part text, subject_id bigint, key bigint, period int, kept text, rebuilt text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set enable_nestloop = off -- whole tables: hash and merge
as $$
#variable_conflict use_column
declare
    zeros constant bytea := decode(repeat('00', 960), 'hex');
begin
    return query
    with latest as materialized (
        select distinct on (d.subject_id, d.account_id, d.period) d.*
        from cix.performance_delta as d
        order by d.subject_id, d.account_id, d.period, d.delta_id desc
    ), newest as materialized (
        select distinct on (l.subject_id, l.account_id) l.*
        from latest as l
        order by l.subject_id, l.account_id, l.period desc
    ), placed as (
        select l.*, n.period as newest
        from latest as l
            join newest as n on n.subject_id = l.subject_id and n.account_id = l.account_id
    ), statuses as (
        -- The months in the order of their places, each behind the zeros of the places left out.
        select g.subject_id, g.account_id,
            string_agg(substr(zeros, 1, g.gap) || set_byte('\x00', 0, ascii(g.repay_status::text)),
                '' order by g.place) || substr(zeros, 1, 59 - max(g.place)) as status_ring
        from (select p.subject_id, p.account_id, p.repay_status, p.period % 60 as place,
                p.period % 60 - 1 - coalesce(lag(p.period % 60) over (
                    partition by p.subject_id, p.account_id order by p.period % 60), -1) as gap
            from placed as p
            where p.period > p.newest - 60) as g
        group by g.subject_id, g.account_id
    ), amounts as (
        select g.subject_id, g.account_id,
            string_agg(substr(zeros, 1, 40 * g.gap)
                || int2send((g.five_category + 256 * (1 + 2 * (g.balance is not null)::int
                    + 4 * (g.due_amount is not null)::int + 8 * (g.paid_amount is not null)::int
                    + 16 * (g.overdue_amount is not null)::int
                    + 32 * (g.days_overdue is not null)::int))::smallint)
                || int2send(coalesce(g.days_overdue, 0)::smallint)
                || substr(int8send(extract(epoch from g.recorded_at)::bigint), 5)
                || int8send(coalesce(g.balance, 0)) || int8send(coalesce(g.due_amount, 0))
                || int8send(coalesce(g.paid_amount, 0)) || int8send(coalesce(g.overdue_amount, 0)),
                '' order by g.place) || substr(zeros, 1, 40 * (23 - max(g.place))) as month_ring
        from (select p.*, p.period % 24 as place,
                p.period % 24 - 1 - coalesce(lag(p.period % 24) over (
                    partition by p.subject_id, p.account_id order by p.period % 24), -1) as gap
            from placed as p
            where p.period > p.newest - 24) as g
        group by g.subject_id, g.account_id
    ), state as (
        select a.subject_id, a.account_id,
            row(a.last_period, a.recorded_at, a.account_status, a.five_category, a.days_overdue,
                a.balance, a.overdue_amount, a.status_ring, a.month_ring) as kept,
            row(n.period, n.recorded_at, n.account_status, n.five_category, n.days_overdue,
                n.balance, n.overdue_amount,
                coalesce(r.status_ring, substr(zeros, 1, 60)),
                coalesce(m.month_ring, zeros)) as rebuilt
        from cix.account as a
            full join newest as n on n.subject_id = a.subject_id and n.account_id = a.account_id
            left join statuses as r on r.subject_id = n.subject_id and r.account_id = n.account_id
            left join amounts as m on m.subject_id = n.subject_id and m.account_id = n.account_id
    ), attributes as (
        select coalesce(a.subject_id, v.subject_id) as subject_id,
            coalesce(a.account_id, v.account_id) as account_id,
            row(a.member_id, a.type, a.business_type, a.currency, a.original_amount,
                a.credit_limit, a.opened_on, a.matures_on, a.closed_on, a.term_months,
                a.annual_rate_bps, a.repay_frequency, a.security, a.region, a.industry, a.channel,
                a.dealer_code, a.platform_id, a.attributes_at) as kept,
            row(v.member_id, v.type, v.business_type, v.currency, v.original_amount,
                v.credit_limit, v.opened_on, v.matures_on, v.closed_on, v.term_months,
                v.annual_rate_bps, v.repay_frequency, v.security, v.region, v.industry, v.channel,
                v.dealer_code, v.platform_id, v.recorded_at) as rebuilt
        from cix.account as a
            full join (
                select distinct on (v.subject_id, v.account_id) v.*
                from cix.account_version as v
                order by v.subject_id, v.account_id, v.record_id desc) as v
                on v.subject_id = a.subject_id and v.account_id = a.account_id
    ), cells as (
        select coalesce(k.cell_id, b.cell_id) as cell_id, coalesce(k.period, b.period) as period,
            row(k.accounts, k.balance, k.overdue) as kept,
            row(b.accounts, b.balance, b.overdue) as rebuilt
        from (select u.period, u.cell_id, sum(u.accounts) as accounts, sum(u.balance) as balance,
                sum(u.overdue) as overdue
            from (select r.period, r.cell_id, r.accounts, r.balance, r.overdue from cix.rollup as r
                union all
                select d.period, d.cell_id, d.accounts, d.balance, d.overdue
                from cix.rollup_delta as d) as u
            group by u.period, u.cell_id
            having sum(u.accounts) <> 0 or sum(u.balance) <> 0 or sum(u.overdue) <> 0) as k
            full join (
                select l.period, l.cell_id, count(*)::numeric as accounts,
                    sum(coalesce(l.balance, 0)) as balance,
                    sum(coalesce(l.overdue_amount, 0)) as overdue
                from latest as l group by l.period, l.cell_id) as b
                on b.period = k.period and b.cell_id = k.cell_id
    ), subjects as (
        select coalesce(k.subject_id, b.subject_id) as subject_id,
            coalesce(k.cell_id, b.cell_id) as cell_id, coalesce(k.period, b.period) as period,
            k.accounts::text as kept, b.accounts::text as rebuilt
        from (select u.subject_id, u.period, u.cell_id, sum(u.accounts) as accounts
            from (select r.subject_id, r.period, r.cell_id, r.accounts from cix.rollup_subject as r
                union all
                select d.subject_id, d.period, d.cell_id, d.accounts from cix.rollup_delta as d) as u
            group by u.subject_id, u.period, u.cell_id
            having sum(u.accounts) <> 0) as k
            full join (
                select l.subject_id, l.period, l.cell_id, count(*)::numeric as accounts
                from latest as l group by l.subject_id, l.period, l.cell_id) as b
                on b.subject_id = k.subject_id and b.period = k.period and b.cell_id = k.cell_id
    )
    select 'account', s.subject_id, s.account_id, null::int, s.kept::text, s.rebuilt::text
    from state as s where s.kept is distinct from s.rebuilt
    union all
    select 'attributes', t.subject_id, t.account_id, null, t.kept::text, t.rebuilt::text
    from attributes as t where t.kept is distinct from t.rebuilt
    union all
    select 'rollup', null, c.cell_id, c.period, c.kept::text, c.rebuilt::text
    from cells as c where c.kept is distinct from c.rebuilt
    union all
    select 'rollup_subject', u.subject_id, u.cell_id, u.period, u.kept, u.rebuilt
    from subjects as u where u.kept is distinct from u.rebuilt
    union all
    select 'cell', d.subject_id, d.cell_id, d.period, 'no cell', null
    from latest as d where not exists (select from cix.cell as c where c.cell_id = d.cell_id);
end;
$$;
comment on function cix.rebuild_check() is
    'Where kept state differs from the source of truth. Granted to cix_admin.';
