-- What performance_delta and account_version give, computed anew, without the functions that keep it.
-- rebuild_check compares it with what is kept; fsck_repair (fsck.sql) writes it. Whole tables: whoever
-- calls turns nested loops off; sorts and hashes beyond work_mem go to temporary files.

-- cix.rebuild_latest: the months that count. Of several reports of one month the highest delta_id, and none
--   when that one takes the month back.
create or replace function cix.rebuild_latest() returns setof cix.performance_delta
language sql stable
begin atomic
    select l.* from (
        select distinct on (d.subject_id, d.account_id, d.period) d.*
        from cix.performance_delta as d
        order by d.subject_id, d.account_id, d.period, d.delta_id desc) as l
    where l.is_deleted is not true;
end;
comment on function cix.rebuild_latest() is 'The months that count. Not granted to anyone.';

create or replace function cix.rebuild_zeros() returns bytea
language sql immutable parallel safe
return decode(repeat('00', 960), 'hex');
comment on function cix.rebuild_zeros() is 'An empty month ring. Not granted to anyone.';

-- cix.rebuild_account: state and rings of every account that has its row, has months, or both.
--   Without months all is null and the rings are empty.
create or replace function cix.rebuild_account()
returns table (subject_id bigint, account_id bigint, is_kept boolean, last_period int,
    recorded_at timestamptz, account_status smallint, five_category smallint, days_overdue int,
    balance bigint, overdue_amount bigint, status_ring bytea, month_ring bytea,
    remaining_terms int, latest_amounts bigint[])
language sql stable
begin atomic
    with latest as materialized (
        select l.* from cix.rebuild_latest() as l
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
            string_agg(substr(cix.rebuild_zeros(), 1, g.gap)
                    || set_byte('\x00', 0, ascii(g.repay_status::text)), '' order by g.place)
                || substr(cix.rebuild_zeros(), 1, 59 - max(g.place)) as status_ring
        from (select p.subject_id, p.account_id, p.repay_status, p.period % 60 as place,
                p.period % 60 - 1 - coalesce(lag(p.period % 60) over (
                    partition by p.subject_id, p.account_id order by p.period % 60), -1) as gap
            from placed as p
            where p.period > p.newest - 60) as g
        group by g.subject_id, g.account_id
    ), amounts as (
        select g.subject_id, g.account_id,
            string_agg(substr(cix.rebuild_zeros(), 1, 40 * g.gap)
                || int2send((g.five_category + 256 * (1 + 2 * (g.balance is not null)::int
                    + 4 * (g.due_amount is not null)::int + 8 * (g.paid_amount is not null)::int
                    + 16 * (g.overdue_amount is not null)::int
                    + 32 * (g.days_overdue is not null)::int
                    + 64 * (g.is_quarantined is true)::int))::smallint)
                || int2send(least(coalesce(g.days_overdue, 0), 32767)::smallint)
                || substr(int8send(extract(epoch from g.recorded_at)::bigint), 5)
                || int8send(coalesce(g.balance, 0)) || int8send(coalesce(g.due_amount, 0))
                || int8send(coalesce(g.paid_amount, 0)) || int8send(coalesce(g.overdue_amount, 0)),
                '' order by g.place)
                || substr(cix.rebuild_zeros(), 1, 40 * (23 - max(g.place))) as month_ring
        from (select p.*, p.period % 24 as place,
                p.period % 24 - 1 - coalesce(lag(p.period % 24) over (
                    partition by p.subject_id, p.account_id order by p.period % 24), -1) as gap
            from placed as p
            where p.period > p.newest - 24) as g
        group by g.subject_id, g.account_id
    )
    select coalesce(a.subject_id, n.subject_id), coalesce(a.account_id, n.account_id),
        a.account_id is not null, n.period, n.recorded_at, n.account_status, n.five_category,
        n.days_overdue, n.balance, n.overdue_amount,
        coalesce(r.status_ring, substr(cix.rebuild_zeros(), 1, 60)),
        coalesce(m.month_ring, cix.rebuild_zeros()), n.remaining_terms,
        case when num_nonnulls(n.bill_amount, n.unbilled_instalments, n.overdue_31_60,
                n.overdue_61_90, n.overdue_91_180, n.overdue_over_180, n.overdraft_over_180,
                n.last_paid_amount, n.pay_ratio_bps, n.provision_amount, n.recovered_amount,
                n.written_off_amount, n.overdue_principal, n.overdue_terms, n.used_limit, n.paid_on,
                nullif(n.collection_stage, 0), n.reported_on, n.classified_on, n.settled_on) > 0
            then array[n.bill_amount, n.unbilled_instalments, n.overdue_31_60, n.overdue_61_90,
                n.overdue_91_180, n.overdue_over_180, n.overdraft_over_180, n.last_paid_amount,
                n.pay_ratio_bps, n.provision_amount, n.recovered_amount, n.written_off_amount,
                n.overdue_principal, n.overdue_terms, n.used_limit, n.paid_on - date '1970-01-01',
                nullif(n.collection_stage, 0), n.reported_on - date '1970-01-01',
                n.classified_on - date '1970-01-01', n.settled_on - date '1970-01-01'] end
    from cix.account as a
        full join newest as n on n.subject_id = a.subject_id and n.account_id = a.account_id
        left join statuses as r on r.subject_id = n.subject_id and r.account_id = n.account_id
        left join amounts as m on m.subject_id = n.subject_id and m.account_id = n.account_id;
end;
comment on function cix.rebuild_account() is
    'State and rings of every account from its months. Not granted to anyone.';

-- cix.rebuild_attribute: the version of every account that counts: the one with the highest record_id.
create or replace function cix.rebuild_attribute() returns setof cix.account_version
language sql stable
begin atomic
    select l.* from (
        select distinct on (v.subject_id, v.account_id) v.*
        from cix.account_version as v
        order by v.subject_id, v.account_id, v.record_id desc) as l
    where l.is_deleted is not true;
end;
comment on function cix.rebuild_attribute() is
    'Attributes of every account from its versions. Not granted to anyone.';

-- cix.rebuild_cell: month and cell where the sums differ; what is kept is the merged and the pending. Months
--   that were purged count by their residue.
create or replace function cix.rebuild_cell()
returns table (period int, cell_id bigint, kept_accounts numeric, kept_balance numeric,
    kept_overdue numeric, accounts numeric, balance numeric, overdue numeric)
language sql stable
begin atomic
    select coalesce(k.period, b.period), coalesce(k.cell_id, b.cell_id), coalesce(k.accounts, 0),
        coalesce(k.balance, 0), coalesce(k.overdue, 0), coalesce(b.accounts, 0),
        coalesce(b.balance, 0), coalesce(b.overdue, 0)
    from (select u.period, u.cell_id, sum(u.accounts) as accounts, sum(u.balance) as balance,
            sum(u.overdue) as overdue
        from (select r.period, r.cell_id, r.accounts, r.balance, r.overdue from cix.rollup as r
            union all
            select d.period, d.cell_id, d.accounts, d.balance, d.overdue
            from cix.rollup_delta as d) as u
        group by u.period, u.cell_id) as k
        full join (
            select w.period, w.cell_id, sum(w.accounts) as accounts, sum(w.balance) as balance,
                sum(w.overdue) as overdue
            from (select l.period, l.cell_id, 1 as accounts, coalesce(l.balance, 0) as balance,
                    coalesce(l.overdue_amount, 0) as overdue
                from cix.rebuild_latest() as l
                union all
                select r.period, r.cell_id, r.accounts, r.balance, r.overdue
                from cix.purge_residue as r) as w
            group by w.period, w.cell_id) as b
            on b.period = k.period and b.cell_id = k.cell_id
    where (coalesce(k.accounts, 0), coalesce(k.balance, 0), coalesce(k.overdue, 0))
        <> (coalesce(b.accounts, 0), coalesce(b.balance, 0), coalesce(b.overdue, 0));
end;
comment on function cix.rebuild_cell() is 'Cells whose sums differ. Not granted to anyone.';

-- cix.rebuild_subject: subject, month and cell where the count of accounts differs.
create or replace function cix.rebuild_subject()
returns table (subject_id bigint, period int, cell_id bigint, kept_accounts bigint, accounts bigint)
language sql stable
begin atomic
    select coalesce(k.subject_id, b.subject_id), coalesce(k.period, b.period),
        coalesce(k.cell_id, b.cell_id), coalesce(k.accounts, 0), coalesce(b.accounts, 0)
    from (select u.subject_id, u.period, u.cell_id, sum(u.accounts)::bigint as accounts
        from (select r.subject_id, r.period, r.cell_id, r.accounts from cix.rollup_subject as r
            union all
            select d.subject_id, d.period, d.cell_id, d.accounts from cix.rollup_delta as d) as u
        group by u.subject_id, u.period, u.cell_id) as k
        full join (
            select l.subject_id, l.period, l.cell_id, count(*) as accounts
            from cix.rebuild_latest() as l
            group by l.subject_id, l.period, l.cell_id) as b
            on b.subject_id = k.subject_id and b.period = k.period and b.cell_id = k.cell_id
    where coalesce(k.accounts, 0) <> coalesce(b.accounts, 0);
end;
comment on function cix.rebuild_subject() is
    'Cells that count a subject otherwise than its months do. Not granted to anyone.';

-- cix.rebuild_check: every row in which something kept differs from what the source of truth gives.
--   No row: kept equals rebuilt. part: account (state, rings), attributes, rollup, rollup_subject, or
--   cell (a month counts in a cell that has no row). key: the account's or the cell's id.
create or replace function cix.rebuild_check()
returns table (part text, subject_id bigint, key bigint, period int, kept text, rebuilt text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set enable_nestloop = off -- whole tables: hash and merge
as $$
#variable_conflict use_column
begin
    return query
    select 'account', s.subject_id, s.account_id, null::int, s.kept::text, s.rebuilt::text
    from (select b.subject_id, b.account_id,
            case when b.is_kept then row(a.last_period, a.recorded_at, a.account_status,
                a.five_category, a.days_overdue, a.balance, a.overdue_amount, a.status_ring,
                a.month_ring, a.remaining_terms, a.latest_amounts) end as kept,
            row(b.last_period, b.recorded_at, b.account_status, b.five_category, b.days_overdue,
                b.balance, b.overdue_amount, b.status_ring, b.month_ring, b.remaining_terms,
                b.latest_amounts) as rebuilt
        from cix.rebuild_account() as b
            left join cix.account as a
                on a.subject_id = b.subject_id and a.account_id = b.account_id) as s
    where s.kept is distinct from s.rebuilt
    union all
    select 'attributes', t.subject_id, t.account_id, null, t.kept::text, t.rebuilt::text
    from (select coalesce(a.subject_id, v.subject_id) as subject_id,
            coalesce(a.account_id, v.account_id) as account_id,
            row(a.member_id, a.type, a.business_type, a.currency, a.original_amount,
                a.credit_limit, a.opened_on, a.matures_on, a.closed_on, a.term_months,
                a.annual_rate_bps, a.repay_frequency, a.security, a.region, a.industry, a.channel,
                a.dealer_code, a.platform_id, a.attributes_at, a.repay_method, a.rate_type,
                a.collateral_value, a.shared_limit, a.parent_account_id, a.transferred_from_id,
                a.transferred_from_account_id, a.state_at_transfer, a.creditor_id,
                a.original_creditor_index) as kept,
            row(v.member_id, v.type, v.business_type, v.currency, v.original_amount,
                v.credit_limit, v.opened_on, v.matures_on, v.closed_on, v.term_months,
                v.annual_rate_bps, v.repay_frequency, v.security, v.region, v.industry, v.channel,
                v.dealer_code, v.platform_id, v.recorded_at, v.repay_method, v.rate_type,
                v.collateral_value, v.shared_limit, v.parent_account_id, v.transferred_from_id,
                v.transferred_from_account_id, v.state_at_transfer, v.creditor_id,
                v.original_creditor_index) as rebuilt
        from cix.account as a
            full join cix.rebuild_attribute() as v
                on v.subject_id = a.subject_id and v.account_id = a.account_id) as t
    where t.kept is distinct from t.rebuilt
    union all
    select 'rollup', null, c.cell_id, c.period,
        row(c.kept_accounts, c.kept_balance, c.kept_overdue)::text,
        row(c.accounts, c.balance, c.overdue)::text
    from cix.rebuild_cell() as c
    union all
    select 'rollup_subject', u.subject_id, u.cell_id, u.period, u.kept_accounts::text,
        u.accounts::text
    from cix.rebuild_subject() as u
    union all
    select 'cell', d.subject_id, d.cell_id, d.period, 'no cell', null
    from cix.rebuild_latest() as d
    where not exists (select from cix.cell as c where c.cell_id = d.cell_id);
end;
$$;
comment on function cix.rebuild_check() is
    'Where kept state differs from the source of truth. Granted to cix_admin.';
