-- Roll-ups: merging what transactions appended.

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
