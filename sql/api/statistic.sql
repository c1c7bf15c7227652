-- Aggregates for regulators: from roll-ups and the deltas that are not merged yet, in one statement.

-- cix.statistic_read: one month and currency by one dimension.
--   dimensions: 1 product, 2 region, 3 age band, 4 member type. Outcome 5: the caller is neither an
--   administrative regulator nor an association, or not active; then it is the only row.
--   Sections: 1 figures of a value and member, 2 subjects of a value, 3 subjects of all.
--   as_of: when the latest change that is counted was recorded or merged.
create or replace function cix.statistic_read(
    caller int, month int, currency_given text, dimension smallint, at timestamptz,
    audit_id bigint, method smallint, certificate bytea, salt bytea)
returns table (outcome smallint, section smallint, value text, member_id int, accounts bigint,
    balance bigint, overdue bigint, non_performing bigint, classed bigint, subjects bigint,
    as_of timestamptz)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_mergejoin = off -- cells are few: hash them
as $$
#variable_conflict use_column
declare
    is_permitted boolean := exists (
        select from cix.member as m
        where m.member_id = caller and (m.state = 4 or cix.member_serves(m.state)) and m.roles & 24 <> 0);
begin
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt,
        (case when is_permitted then 0 else 5 end)::smallint, null);
    if not is_permitted then
        return query select 5::smallint, 0::smallint, '', 0, 0::bigint, 0::bigint, 0::bigint,
            0::bigint, 0::bigint, 0::bigint, null::timestamptz;
        return;
    end if;
    return query
    with cell as materialized (
        select c.cell_id, c.member_id, c.is_non_performing, c.five_category between 1 and 5 as is_classed,
            case dimension when 1 then c.product when 2 then c.region when 3 then c.age_band::text
                else c.member_type::text end as value
        from cix.cell as c
        where c.currency = currency_given
    ), amount as (
        select u.cell_id, sum(u.accounts)::bigint as accounts, sum(u.balance)::bigint as balance,
            sum(u.overdue)::bigint as overdue, max(u.as_of) as as_of
        from (select r.cell_id, r.accounts, r.balance, r.overdue, r.merged_at as as_of
            from cix.rollup as r where r.period = month
            union all
            select d.cell_id, d.accounts, d.balance, d.overdue,
                timestamptz '2020-01-01 00:00:00+00' + (d.delta_id >> 22) * interval '1 millisecond'
            from cix.rollup_delta as d where d.period = month) as u
        group by u.cell_id
    ), who as (
        select c.value, u.subject_id
        from (select r.subject_id, r.cell_id, r.accounts from cix.rollup_subject as r
            where r.period = month
            union all
            select d.subject_id, d.cell_id, d.accounts from cix.rollup_delta as d
            where d.period = month) as u
            join cell as c on c.cell_id = u.cell_id
        group by c.value, u.subject_id
        having sum(u.accounts) > 0
    )
    select 0::smallint, 1::smallint, c.value, c.member_id, sum(a.accounts)::bigint,
        sum(a.balance)::bigint, sum(a.overdue)::bigint,
        coalesce(sum(a.balance) filter (where c.is_non_performing), 0)::bigint,
        coalesce(sum(a.accounts) filter (where c.is_classed), 0)::bigint, 0::bigint, max(a.as_of)
    from amount as a join cell as c on c.cell_id = a.cell_id
    group by c.value, c.member_id
    having sum(a.accounts) > 0
    union all
    select 0::smallint, 2::smallint, w.value, 0, 0, 0, 0, 0, 0, count(*), null
    from who as w group by w.value
    union all
    select 0::smallint, 3::smallint, '', 0, 0, 0, 0, 0, 0, count(distinct w.subject_id), null
    from who as w;
end;
$$;
comment on function cix.statistic_read is 'Aggregates of one month and currency. Granted to cix_regulate.';
