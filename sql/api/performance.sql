-- Monthly performance: the hot path. performance_delta is the source of truth; the account's state,
-- its rings and the roll-ups are kept from it in the same transaction.

-- cix.ring_put: writes months into an account's ring and empties the months that newest skips.
--   ring: of so many slots, each slot_size bytes; slot of a month = period mod slots. Months older
--   than the ring are left out.
create or replace function cix.ring_put(
    ring bytea, slots int, last_period int, newest int, periods int[], entries bytea[])
returns bytea language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    size int := length(ring) / slots;
    empty bytea := decode(repeat('00', size), 'hex');
begin
    for skipped in greatest(last_period + 1, newest - slots + 1) .. newest loop
        ring := overlay(ring placing empty from skipped % slots * size + 1 for size);
    end loop;
    for i in 1 .. cardinality(periods) loop
        if periods[i] > newest - slots then
            ring := overlay(ring placing entries[i] from periods[i] % slots * size + 1 for size);
        end if;
    end loop;
    return ring;
end;
$$;
comment on function cix.ring_put is 'Writes months into a ring. Not granted to anyone.';

-- cix.ring_back: how many months before a period the latest month lies of which the ring knows a status;
--   null: it knows none. # says that a status is not known.
create or replace function cix.ring_back(status_ring bytea, last_period int, period int)
returns int language sql immutable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select min(period - p)
    from generate_series(greatest(period - 59, last_period - 59, 1), least(period - 1, last_period)) as p
    where get_byte(status_ring, p % 60) not in (0, ascii('#'));
end;
comment on function cix.ring_back is 'Months back to the latest known status. Not granted to anyone.';

drop function if exists cix.performance_jump(int, int, int, int, int, bigint);

-- cix.performance_jump: bits of M016 (128), M017 (256) and M018 (512) between two months, of which
--   those between are not known: then as much is allowed as if each had been reported, and it may be
--   one of them in which was paid. period: of the later month, back: how many months the earlier lies before it; statuses: ASCII codes, N * M A
--   count as 0 months late.
create or replace function cix.performance_jump(
    period int, back int, status_before int, days_before int, status int, days int, paid bigint)
returns int language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
declare
    digit_before int := case when status_before between 49 and 55 then status_before - 48
        when status_before in (ascii('N'), ascii('*'), ascii('M'), ascii('A')) then 0 end;
    answer int := 0;
begin
    if status between 49 and 55 and status - 48 > digit_before + back then
        answer := 128;
    end if;
    if days - days_before > 1 + (make_date((period + 1) / 12, (period + 1) % 12 + 1, 1)
        - make_date((period + 1 - back) / 12, (period + 1 - back) % 12 + 1, 1))
    then
        answer := answer + 256;
    end if;
    if back = 1 and days_before > 0 and days = 0 and paid = 0
        and status not in (ascii('C'), ascii('D'), ascii('G'), ascii('Z'))
    then
        answer := answer + 512;
    end if;
    return answer;
end;
$$;
comment on function cix.performance_jump(int, int, int, int, int, int, bigint) is
    'Rules between two months. Not granted to anyone.';

-- cix.performance_rule: the rules of the store that a month may break, by the bit of the mask.
create or replace function cix.performance_rule()
returns table (mask int, rule text, severity smallint, field text)
language sql immutable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select v.mask, v.rule, v.severity::smallint, 'performance.' || v.field
    from (values (1, 'M001', 2, 'account_no'), (2, 'M003', 2, 'balance'),
        (4, 'M010', 2, 'account_status'), (8, 'M011', 2, 'repay_status'), (16, 'M012', 2, 'period'),
        (32, 'M032', 2, 'account_status'), (64, 'M033', 2, 'repay_status'),
        (128, 'M016', 3, 'repay_status'), (256, 'M017', 3, 'days_overdue'),
        (512, 'M018', 3, 'days_overdue'), (1024, 'M013', 4, 'balance'), (2048, 'M014', 4, 'balance'),
        (4096, 'M015', 4, 'used_limit'), (8192, 'M029', 4, 'repay_status'),
        (16384, 'M016', 4, 'repay_status'), (32768, 'M017', 4, 'days_overdue'),
        (65536, 'M018', 4, 'days_overdue'), (131072, 'M002', 2, 'period'),
        (262144, 'M027', 3, 'remaining_terms'), (524288, 'M028', 3, 'balance'),
        (1048576, 'M031', 3, 'status_history'), (4194304, 'F010', 4, 'period'),
        (2097152, 'M021', 2, 'repay_status'), (8388608, 'M036', 4, 'five_category'),
        (16777216, 'M025', 4, 'due_amount'), (536870912, 'M023', 4, 'paid_on'), (134217728, 'K001', 2, 'account_no'))
        as v (mask, rule, severity, field);
end;
comment on function cix.performance_rule() is 'Rules by bit. Not granted to anyone.';

-- cix.performance_unknown_months: rule M029. How many months of 24 up to the latest have the status #, beside
--   that of period; periods, repays: later than what the ring knows.
create or replace function cix.performance_unknown_months(
    status_ring bytea, last_period int, period int, periods int[], repays int[])
returns bigint language sql immutable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select count(*)
    from (
        select p from generate_series(greatest(period, last_period) - 23, last_period) as p
        where p > 0 and get_byte(status_ring, p % 60) = ascii('#')
        union
        select s.period from unnest(periods, repays) as s (period, repay)
        where s.period > greatest(performance_unknown_months.period, last_period) - 24
            and s.repay = ascii('#')) as u (p)
    where u.p <> performance_unknown_months.period;
end;
comment on function cix.performance_unknown_months is 'Rule M029. Not granted to anyone.';

-- cix.performance_history_differs: rule M031. history: repay statuses, oldest first, that of period
--   last. Months that the exchange does not hold cannot differ.
create or replace function cix.performance_history_differs(
    status_ring bytea, last_period int, period int, repay int, history text)
returns boolean language sql immutable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select right(history, 1) <> chr(repay) or exists (
        select from generate_series(1, length(history) - 1) as back
        where period - back between last_period - 59 and last_period
            and get_byte(status_ring, (period - back) % 60)
                not in (0, ascii(substr(history, length(history) - back, 1))));
end;
comment on function cix.performance_history_differs is 'Rule M031. Not granted to anyone.';

-- cix.performance_excuse: the mask of a month by what events the account had in it. Any event excuses
--   M018 (512, 65536) and M028 (524288); an extension, a card instalment or a deferral M027 (262144).
--   Bit 268435456: the account becomes B, D or Z in the month; without an event of that kind it is
--   M021 (2097152). B: forced close-out, judicial recovery, asset stripping or another; D: a
--   guarantor pays; Z: assets for debt.
create or replace function cix.performance_excuse(
    mask int, subject bigint, account bigint, period int, repay int)
returns int language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    types smallint[];
begin
    select coalesce(array_agg(e.type), '{}') into types
    from cix.fact as f
        join cix.account_event as e
            on e.subject_id = f.subject_id and e.fact_id = f.fact_id and e.record_id = f.record_id
    where f.subject_id = subject and f.account_id = account and f.kind = 6 and not f.is_deleted
        and extract(year from e.happened_on) * 12 + extract(month from e.happened_on) - 1 = period
        and not exists (
            select from cix.fact as later
            where later.subject_id = f.subject_id and later.fact_id = f.fact_id
                and later.record_id > f.record_id);
    if types && array[1, 14, 16]::smallint[] then
        mask := mask & ~262144;
    end if;
    if types <> '{}' then
        mask := mask & ~(512 + 65536 + 524288);
    end if;
    if mask & 268435456 <> 0 and not types && (case repay when ascii('D') then '{2}'
        when ascii('Z') then '{3}' else '{6,7,8,9,12,17}' end)::smallint[]
    then
        mask := mask | 2097152;
    end if;
    return mask;
end;
$$;
comment on function cix.performance_excuse is 'What events of a month excuse, and which are missing. Not granted to anyone.';

-- cix.debtor_is_bad: rule M036. More than a tenth of what a subject owes the member is of class 3 to 5.
create or replace function cix.debtor_is_bad(subject bigint, member int)
returns boolean language sql stable set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(10 * sum(a.balance) filter (where a.five_category between 3 and 5)
        > sum(a.balance), false)
    from cix.account as a
    where a.subject_id = subject and a.member_id = member and a.balance > 0;
end;
comment on function cix.debtor_is_bad is 'Rule M036. Not granted to anyone.';

-- cix.latest_amounts: account.latest_amounts, as a month gives it.
create or replace function cix.latest_amounts(d cix.performance_delta)
returns bigint[] language sql immutable parallel safe
return case when num_nonnulls(d.bill_amount, d.unbilled_instalments, d.overdue_31_60,
        d.overdue_61_90, d.overdue_91_180, d.overdue_over_180, d.overdraft_over_180,
        d.last_paid_amount, d.pay_ratio_bps, d.provision_amount, d.recovered_amount,
        d.written_off_amount, d.overdue_principal, d.overdue_terms, d.used_limit, d.paid_on,
        nullif(d.collection_stage, 0), d.reported_on, d.classified_on, d.settled_on) > 0
    then array[d.bill_amount, d.unbilled_instalments, d.overdue_31_60, d.overdue_61_90,
        d.overdue_91_180, d.overdue_over_180, d.overdraft_over_180, d.last_paid_amount,
        d.pay_ratio_bps, d.provision_amount, d.recovered_amount, d.written_off_amount,
        d.overdue_principal, d.overdue_terms, d.used_limit, d.paid_on - date '1970-01-01',
        nullif(d.collection_stage, 0), d.reported_on - date '1970-01-01',
        d.classified_on - date '1970-01-01', d.settled_on - date '1970-01-01'] end;
comment on function cix.latest_amounts is 'What a month tells beyond its ring. Not granted to anyone.';

-- cix.performance_put: months of accounts of the caller, corrections included.
--   account_indexes: the different accounts of the chunk; places: for each record the position of
--   its account there. delta_ids rise with the lines. repays: ASCII codes.
--   corrections: 1 replaces what is known of the month. Without it, other content of a known month is
--   refused (M002) and the same content writes nothing; the day of reporting is no content.
--   quarantined: a rule of the record keeps the month for review. Such a month, and one that a rule of
--   severity 3 below keeps, is written like any other, with its mark.
--   From bills on: columns that may be empty arrays when no record has them.
--   Of several reports of one month the highest delta_id counts; that is the one that was committed
--   last (version_follow).
--   Every plan but nested loops over keys is off: plans made while tables were small stay in the
--   session, and look-ups by key are right at every size of table and chunk.
create or replace function cix.performance_put(
    caller int, submission uuid, chunk_number int, at timestamptz,
    account_indexes bytea[], places int[], lines int[], delta_ids bigint[], periods int[],
    account_statuses smallint[], repays smallint[], balances bigint[], dues bigint[],
    paids bigint[], overdues bigint[], principals bigint[], days int[], overdue_terms int[],
    categories smallint[], classified date[], remaining int[], used bigint[], paid_ons date[],
    stages smallint[], reported date[], corrections smallint[] default '{}',
    quarantined boolean[] default '{}', bills bigint[] default '{}', unbilled bigint[] default '{}',
    overdue_2 bigint[] default '{}', overdue_3 bigint[] default '{}',
    overdue_6 bigint[] default '{}', overdue_7 bigint[] default '{}',
    overdrafts bigint[] default '{}', last_paids bigint[] default '{}', ratios int[] default '{}',
    settled date[] default '{}', provisions bigint[] default '{}',
    recovered bigint[] default '{}', written_off bigint[] default '{}',
    histories text[] default '{}')
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    -- Sets of bits of the mask, besides those of cix.performance_rule.
    refusing constant int := 127 + 131072 + 2097152 + 134217728;
    ending constant int := 268435456; -- the account becomes B, D or Z
    excused constant int := 512 + 65536 + 262144 + 524288 + ending; -- by an event, or not
    keeping constant int := 896 + 262144 + 524288 + 1048576 + 67108864;
    jumps constant int := 7 * 128 + 7 * 16384;
    steps constant int := 262144 + 524288 + 4194304; -- between this month and the latest before it
    same constant int := 33554432; -- the month is known with this content
    review constant int := 67108864; -- by a rule of the record
    found_places int[];
    slots int[]; -- by place: position in the arrays of accounts below, which are in locking order
    a_subject bigint[];
    a_id bigint[];
    a_type smallint[];
    a_opened int[];
    a_closed int[];
    a_begun date[]; -- the day of opening
    a_limit bigint[];
    a_amount bigint[];
    a_last int[];
    a_known int[]; -- the latest month of which any report may be known, one that is taken back too
    a_status bytea[];
    a_month bytea[];
    a_currency text[];
    a_product text[];
    a_region text[];
    a_industry text[];
    a_channel smallint[];
    a_dealer text[];
    a_segment smallint[];
    a_birth int[]; -- year; 0 for organisations and where it is not known
    a_balance bigint[]; -- of the latest month, as is a_terms
    a_terms int[];
    a_bad boolean[]; -- M036: other accounts of the debtor are bad
    member_type smallint;
    jump_unit int; -- 128: a jump of a month is a remark of the member's, as it is for R2 and R3
    masks int[];
    old_ids bigint[]; -- the report of the same month that counted until now; 0 for none
    latest_ids bigint[]; -- the latest version of the month, one that takes it back too; 0 for none
    old_cells bigint[];
    old_balances bigint[];
    old_overdues bigint[];
    backs int[]; -- months back to the latest known status of the account
    lasts boolean[]; -- it is the last accepted report of its month in this chunk
    newests boolean[]; -- and its month the newest of the account in this chunk
    month record;
    last_n int; -- position of the accepted month that the loop saw last
    last_content bigint;
    known_n int; -- the same, of which the status is known
    seen_periods int[]; -- the accepted months of the account before it, as far as rules look at them
    seen_repays int[];
    has_histories constant boolean := cardinality(histories) > 0;
    broken_lines int[];
    broken_rules text[];
    broken_severities smallint[];
    broken_fields text[];
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 2, 0) then
        return;
    end if;
    select m.type, case when m.profile & 1 = 1 then 128 else 1 end into member_type, jump_unit
    from cix.member as m where m.member_id = caller;
    select array_agg(x.place), array_agg(x.subject_id), array_agg(x.account_id), array_agg(x.type),
        array_agg(x.opened), array_agg(x.closed), array_agg(x.credit_limit),
        array_agg(x.original_amount), array_agg(x.last_period), array_agg(x.status_ring),
        array_agg(x.month_ring), array_agg(x.currency), array_agg(x.business_type),
        array_agg(x.region), array_agg(x.industry), array_agg(x.channel), array_agg(x.dealer_code),
        array_agg(x.segment), array_agg(x.birth), array_agg(x.balance),
        array_agg(x.remaining_terms), array_agg(x.is_bad), array_agg(x.known_until),
        array_agg(x.opened_on)
    into found_places, a_subject, a_id, a_type, a_opened, a_closed, a_limit, a_amount, a_last,
        a_status, a_month, a_currency, a_product, a_region, a_industry, a_channel, a_dealer,
        a_segment, a_birth, a_balance, a_terms, a_bad, a_known, a_begun
    from (
        select g.place, a.subject_id, a.account_id, a.type, a.credit_limit, a.original_amount,
            a.last_period, greatest(a.last_period, a.deleted_until) as known_until,
            a.status_ring, a.month_ring, a.currency, a.business_type,
            case when a.region <> '' then a.region else s.region end as region,
            case when a.industry <> '' then a.industry else s.industry end as industry,
            a.channel, a.dealer_code, s.segment, a.balance, a.remaining_terms,
            exists (
                select from cix.account as b
                where b.member_id = caller and b.subject_id = a.subject_id
                    and b.five_category between 3 and 5 and b.account_id <> a.account_id)
                and cix.debtor_is_bad(a.subject_id, caller) as is_bad,
            case when s.kind = 1 then coalesce(s.birth_year, 0) else 0 end as birth, a.opened_on,
            (extract(year from a.opened_on) * 12 + extract(month from a.opened_on) - 1)::int as opened,
            (extract(year from a.closed_on) * 12 + extract(month from a.closed_on) - 1)::int as closed
        from unnest(account_indexes) with ordinality as g (account_index, place)
            cross join lateral (
                select k.subject_id, k.account_id from cix.account_key as k
                where k.member_id = caller and k.account_index = g.account_index
                offset 0) as k -- offset 0: looked up by the whole key, one by one
            join cix.account as a on a.subject_id = k.subject_id and a.account_id = k.account_id
            join cix.subject as s on s.subject_id = a.subject_id
        order by a.subject_id, a.account_id
        for no key update of a) as x;
    slots := array_fill(0, array[cardinality(account_indexes)]);
    for n in 1 .. coalesce(cardinality(found_places), 0) loop
        slots[found_places[n]] := n;
    end loop;

    -- Judge every month by its account; neighbours in the chunk come below.
    select array_agg(
            case when j.type is null then 1
                when j.period < j.opened and j.repay <> ascii('/') then 1 else 0 end
            + case when j.balance < 0 and j.type not in (2, 3, 4) then 2 else 0 end
            + case when j.is_ended and (j.balance <> 0 or j.overdue <> 0
                or j.repay not in (ascii('C'), ascii('G'))) then 4 else 0 end
            + case when j.repay in (ascii('C'), ascii('G')) and (j.closed is null
                or j.closed <> j.period or j.last_period > j.period) then 8 else 0 end
            + case when j.period > j.closed and j.type <> 6 and j.stage <> 5 then 16 else 0 end
            + case when j.account_status = 0 or case j.type
                when 3 then j.account_status in (1, 2, 3, 31, 4, 5, 6, 8)
                when 4 then j.account_status in (1, 2, 3, 31, 4, 5, 6, 8)
                when 5 then j.account_status in (1, 2, 3, 4, 6, 8)
                when 6 then j.account_status in (1, 2)
                when 2 then j.account_status in (1, 2, 3, 4, 5, 6, 8)
                else j.account_status between 1 and 8 end then 0 else 32 end
            + case when j.repay = ascii('N') and (j.is_bad_debt
                or j.old_id = 0 and j.status_before = ascii('B') and j.correction = 0)
                then 64 else 0 end
            -- Without a digit above 1 or other days than before no rule between months can speak.
            + case when j.old_id = 0 and j.type <> 6 and j.status_before <> 0
                    and (j.repay between 50 and 55 or j.day <> j.days_before)
                then cix.performance_jump(j.period, j.back, j.status_before, j.days_before, j.repay,
                        j.day, j.paid) * case when j.type in (3, 4) then 128 else jump_unit end
                else 0 end
            + case when j.type in (3, 4) and j.balance > j.credit_limit + j.credit_limit / 10
                then 1024 else 0 end
            + case when (j.type in (1, 5) or j.type > 6)
                and j.balance > j.original_amount + j.original_amount / 10 then 2048 else 0 end
            + case when j.used > j.credit_limit + j.credit_limit / 10 then 4096 else 0 end
            + case when j.repay = ascii('/') and j.period >= j.opened
                or j.repay = ascii('#') and cix.performance_unknown_months(j.status_ring,
                    j.last_period, j.period, '{}', '{}') >= 3
                then 8192 else 0 end
            + case when j.old_id = 0 then case when j.correction = 1 then 134217728 else 0 end
                when j.correction = 1 then 0
                when j.is_same then same else 131072 end
            + case when j.terms > j.terms_before and j.period > j.last_period and j.type <> 6
                then 262144 else 0 end
            + case when j.type = 1 and j.period = j.last_period + 1 and j.balance_before > 0
                and j.balance > j.balance_before + j.balance_before / 5 then 524288 else 0 end
            + case when j.history <> '' and cix.performance_history_differs(j.status_ring,
                j.last_period, j.period, j.repay, j.history) then 1048576 else 0 end
            + case when j.period > j.last_period + 1 and j.type <> 6 then 4194304 else 0 end
            + case when j.is_bad_debtor and j.category in (1, 2) then 8388608 else 0 end
            + case when j.type in (1, 5) and j.due = 0 and j.repay = ascii('N')
                then 16777216 else 0 end
            + case when j.paid_on < a_begun[j.slot] then 536870912 else 0 end
            + case when j.is_quarantined then review else 0 end
            + case when j.repay in (66, 68, 90) and j.old_id = 0
                and not coalesce(j.status_before = j.repay, false)
                then ending else 0 end),
        array_agg(j.old_id), array_agg(j.latest_id), array_agg(j.old_cell),
        array_agg(j.old_balance), array_agg(j.old_overdue), array_agg(j.back)
    into masks, old_ids, latest_ids, old_cells, old_balances, old_overdues, backs
    from (
        select g.*, s.slot, a_type[s.slot] as type, a_opened[s.slot] as opened, a_closed[s.slot] as closed,
            a_limit[s.slot] as credit_limit, a_amount[s.slot] as original_amount,
            a_last[s.slot] as last_period, a_status[s.slot] as status_ring,
            a_terms[s.slot] as terms_before, a_balance[s.slot] as balance_before,
            a_bad[s.slot] as is_bad_debtor,
            (a_type[s.slot] in (1, 2, 5, 7, 8, 9, 10, 11) and g.account_status = 3)
                or (a_type[s.slot] in (1, 7, 8, 9, 10, 11) and g.account_status = 5)
                or (a_type[s.slot] in (3, 4) and g.account_status = 4)
                or (a_type[s.slot] = 6 and g.account_status = 2) as is_ended,
            (a_type[s.slot] in (1, 2, 5, 7, 8, 9, 10, 11) and g.account_status = 4)
                or (a_type[s.slot] in (3, 4) and g.account_status = 5) as is_bad_debt,
            b.back, get_byte(a_status[s.slot], (g.period - b.back) % 60) as status_before,
            case when g.period - b.back > a_last[s.slot] - 24
                    and get_byte(a_month[s.slot], (g.period - b.back) % 24 * 40) & 32 = 32
                then get_byte(a_month[s.slot], (g.period - b.back) % 24 * 40 + 2) * 256
                    + get_byte(a_month[s.slot], (g.period - b.back) % 24 * 40 + 3) end as days_before,
            case when d.is_deleted then 0 else coalesce(d.delta_id, 0) end as old_id,
            coalesce(d.delta_id, 0) as latest_id, coalesce(d.cell_id, 0) as old_cell,
            coalesce(d.balance, 0) as old_balance, coalesce(d.overdue_amount, 0) as old_overdue,
            d.is_same
        from unnest(places, delta_ids, periods, account_statuses, repays, balances, overdues, paids,
            days, used, stages, dues, principals, overdue_terms, categories, classified, remaining,
            paid_ons, corrections, quarantined, bills, unbilled, overdue_2, overdue_3, overdue_6,
            overdue_7, overdrafts, last_paids, ratios, settled, provisions, recovered, written_off,
            histories)
            as g (place, delta_id, period, account_status, repay, balance, overdue, paid, day,
                used, stage, due, principal, overdue_terms, category, classified_on, terms, paid_on, correction,
                is_quarantined, bill, unbilled, overdue_2, overdue_3, overdue_6, overdue_7,
                overdraft, last_paid, ratio, settled_on, provision, recovered, written_off, history)
            cross join lateral (select slots[g.place] as slot offset 0) as s
            cross join lateral (
                -- Mostly the month before is the latest, and known.
                select case when g.period - 1 = a_last[s.slot]
                        and get_byte(a_status[s.slot], (g.period - 1) % 60) not in (0, 35) then 1
                    when a_last[s.slot] is not null
                    then cix.ring_back(a_status[s.slot], a_last[s.slot], g.period) end as back offset 0) as b
            left join lateral (
                -- A month that was taken back is not known.
                select d.delta_id, d.cell_id, d.balance, d.overdue_amount, d.is_deleted,
                    (d.account_status, d.repay_status, d.balance, d.due_amount, d.paid_amount,
                        d.overdue_amount, d.overdue_principal, d.days_overdue, d.overdue_terms,
                        d.five_category, d.classified_on, d.remaining_terms, d.used_limit,
                        d.paid_on, d.collection_stage, d.bill_amount, d.unbilled_instalments,
                        d.overdue_31_60, d.overdue_61_90, d.overdue_91_180, d.overdue_over_180,
                        d.overdraft_over_180, d.last_paid_amount, d.pay_ratio_bps, d.settled_on,
                        d.provision_amount, d.recovered_amount, d.written_off_amount)
                    is not distinct from
                    (g.account_status, g.repay::int::"char", g.balance, g.due, g.paid, g.overdue,
                        g.principal, g.day, g.overdue_terms, g.category, g.classified_on, g.terms,
                        g.used, g.paid_on, g.stage, g.bill, g.unbilled, g.overdue_2, g.overdue_3,
                        g.overdue_6, g.overdue_7, g.overdraft, g.last_paid, g.ratio, g.settled_on,
                        g.provision, g.recovered, g.written_off) as is_same
                from cix.performance_delta as d
                where g.period <= a_known[s.slot] and d.subject_id = a_subject[s.slot]
                    and d.account_id = a_id[s.slot] and d.period = g.period
                order by d.delta_id desc limit 1) as d on true) as j;

    -- What a review waives keeps no month aside; a month that was put right since it was kept stays so.
    if exists (
        select from cix.quarantine_waiver as w
        where w.member_id = caller and w.submission_id = submission and w.chunk = chunk_number)
    then
        masks := array(
            select g.mask & ~coalesce((
                    select bit_or(r.mask)
                    from cix.performance_rule() as r
                    where r.severity = 3
                        and cix.quarantine_waives(caller, submission, chunk_number, g.line, r.rule)), 0)
                | case when g.old_id <> 0 and not exists (
                    select from cix.performance_delta as d
                    where d.subject_id = a_subject[slots[g.place]] and d.account_id = a_id[slots[g.place]]
                        and d.period = g.period and d.delta_id = g.old_id and d.is_quarantined)
                    then same else 0 end
            from unnest(masks, lines, old_ids, places, periods) with ordinality
                as g (mask, line, old_id, place, period, n)
            order by g.n);
    end if;

    -- Several months of one account: each month meets the one before it, as if it had come alone.
    lasts := array_fill(true, array[cardinality(lines)]);
    newests := lasts;
    if cardinality(account_indexes) < cardinality(lines) then
        last_n := 0;
        known_n := 0;
        seen_periods := '{}';
        seen_repays := '{}';
        for month in
            select g.n::int, slots[g.place] as slot, g.period, g.repay, g.day, g.paid, g.balance,
                g.terms, coalesce(g.correction, 0) as correction, coalesce(g.history, '') as history,
                hash_record_extended(row(g.account_status, g.repay, g.balance, g.due, g.paid,
                    g.overdue, g.principal, g.day, g.overdue_terms, g.category, g.classified_on,
                    g.terms, g.used, g.paid_on, g.stage, g.bill, g.unbilled, g.overdue_2,
                    g.overdue_3, g.overdue_6, g.overdue_7, g.overdraft, g.last_paid, g.ratio,
                    g.settled_on, g.provision, g.recovered, g.written_off), 0) as content
            from unnest(places, periods, repays, days, paids, account_statuses, balances, dues,
                overdues, principals, overdue_terms, categories, classified, remaining, used,
                paid_ons, stages, corrections, bills, unbilled, overdue_2, overdue_3, overdue_6,
                overdue_7, overdrafts, last_paids, ratios, settled, provisions, recovered,
                written_off, histories) with ordinality
                as g (place, period, repay, day, paid, account_status, balance, due, overdue,
                    principal, overdue_terms, category, classified_on, terms, used, paid_on, stage,
                    correction, bill, unbilled, overdue_2, overdue_3, overdue_6, overdue_7,
                    overdraft, last_paid, ratio, settled_on, provision, recovered, written_off, history, n)
            where slots[g.place] <> 0
            order by slots[g.place], g.period, delta_ids[g.n]
        loop
            if last_n > 0 and slots[places[last_n]] <> month.slot then
                last_n := 0;
                known_n := 0;
                seen_periods := '{}';
                seen_repays := '{}';
            end if;
            if last_n > 0 and periods[last_n] = month.period then
                -- The same month again in the chunk: no jump, and a correction takes its place.
                masks[month.n] := masks[month.n] & ~(jumps + steps + 131072 + same + ending)
                    | case when month.content = last_content then same
                        when month.correction = 1 then 0 else 131072 end;
                masks[month.n] := masks[month.n] & ~134217728;
            elsif last_n > 0 and old_ids[month.n] = 0 and a_type[month.slot] <> 6 then
                -- Behind the account's latest month, the latest before it is one of the chunk.
                if month.period > coalesce(a_last[month.slot], 0) then
                    masks[month.n] := masks[month.n] & ~steps
                        | case when month.terms > remaining[last_n] then 262144 else 0 end
                        | case when a_type[month.slot] = 1 and balances[last_n] > 0
                            and periods[last_n] = month.period - 1
                            and month.balance > balances[last_n] + balances[last_n] / 5
                            then 524288 else 0 end
                        | case when month.period > greatest(periods[last_n], a_last[month.slot]) + 1
                            then 4194304 else 0 end;
                end if;
                if known_n > 0 and periods[known_n] >= month.period - coalesce(backs[month.n], 60) then
                    masks[month.n] := masks[month.n] & ~(jumps + ending)
                        | case when month.repay in (66, 68, 90) and month.repay <> repays[known_n]
                            then ending else 0 end
                        | cix.performance_jump(month.period, month.period - periods[known_n],
                            repays[known_n], days[known_n], month.repay, month.day, month.paid)
                        * case when a_type[month.slot] in (3, 4) then 128 else jump_unit end
                        | case when repays[known_n] = ascii('B') and month.repay = ascii('N')
                            and month.correction = 0 then 64 else 0 end;
                end if;
            end if;
            if month.repay = 35 and cardinality(seen_periods) > 0
                and cix.performance_unknown_months(a_status[month.slot], a_last[month.slot], month.period,
                    seen_periods, seen_repays) >= 3
            then
                masks[month.n] := masks[month.n] | 8192;
            end if;
            if month.history <> '' and exists (
                select from unnest(seen_periods, seen_repays) as s (period, repay)
                where s.period between month.period - length(month.history) + 1 and month.period - 1
                    and substr(month.history, length(month.history) - month.period + s.period, 1)
                        <> chr(s.repay))
            then
                masks[month.n] := masks[month.n] | 1048576;
            end if;
            if masks[month.n] & excused <> 0 then
                masks[month.n] := cix.performance_excuse(masks[month.n], a_subject[month.slot],
                    a_id[month.slot], month.period, month.repay);
            end if;
            if masks[month.n] & (refusing + same) <> 0 then
                lasts[month.n] := false;
                newests[month.n] := false;
                continue;
            end if;
            if last_n > 0 then
                newests[last_n] := false;
                lasts[last_n] := periods[last_n] <> month.period;
            end if;
            last_n := month.n;
            last_content := month.content;
            if month.repay <> 35 then
                known_n := month.n;
            end if;
            if month.repay = 35 or has_histories then
                seen_periods := seen_periods || month.period;
                seen_repays := seen_repays || month.repay;
            end if;
        end loop;
    else
        for n in 1 .. cardinality(lines) loop
            if masks[n] & excused <> 0 and slots[places[n]] <> 0 then
                masks[n] := cix.performance_excuse(masks[n], a_subject[slots[places[n]]],
                    a_id[slots[places[n]]], periods[n], repays[n]);
            end if;
        end loop;
    end if;

    perform cix.version_follow(g.latest_id, g.delta_id)
    from unnest(masks, latest_ids, delta_ids) as g (mask, latest_id, delta_id)
    where g.latest_id >= g.delta_id and g.mask & (refusing + same) = 0;
    with given as materialized (
        select g.*, a_subject[s.slot] as subject_id, a_id[s.slot] as account_id,
            a_currency[s.slot] as currency, a_product[s.slot] as product,
            a_region[s.slot] as region, a_industry[s.slot] as industry,
            a_channel[s.slot] as channel, a_dealer[s.slot] as dealer, a_segment[s.slot] as segment,
            case when a_birth[s.slot] = 0 or g.period / 12 - a_birth[s.slot] < 18 then 0
                when g.period / 12 - a_birth[s.slot] < 25 then 1
                else least(6, 2 + (g.period / 12 - a_birth[s.slot] - 25) / 10) end as age_band,
            case when g.repay in (ascii('B'), ascii('G')) then 8
                when g.repay in (ascii('C'), ascii('D'), ascii('Z')) then 9
                when g.repay between 49 and 55 then g.repay - 48
                when g.day is not null then least(7, (greatest(g.day, 0) + 29) / 30)
                when g.repay in (ascii('#'), ascii('/')) then 10
                else 0 end as bucket,
            case when g.category between 1 and 5 then g.category >= 3
                when g.day is not null then g.day >= 90
                else g.repay in (ascii('4'), ascii('5'), ascii('6'), ascii('7'), ascii('B'))
                end as is_non_performing
        from unnest(places, lines, delta_ids, periods, account_statuses, repays, balances, dues,
            paids, overdues, principals, days, overdue_terms, categories, classified, remaining,
            used, paid_ons, stages, reported, masks, old_ids, old_cells, old_balances, old_overdues,
            lasts, newests, bills, unbilled, overdue_2, overdue_3, overdue_6, overdue_7, overdrafts,
            last_paids, ratios, settled, provisions, recovered, written_off)
            as g (place, line, delta_id, period, account_status, repay, balance, due, paid, overdue,
                principal, day, overdue_terms, category, classified_on, remaining_terms, used,
                paid_on, stage, reported_on, mask, old_id, old_cell, old_balance, old_overdue,
                is_last, is_newest, bill, unbilled, overdue_2, overdue_3, overdue_6, overdue_7,
                overdraft, last_paid, ratio, settled_on, provision, recovered, written_off)
            cross join lateral (select slots[g.place] as slot offset 0) as s
        where g.mask & (refusing + same) = 0
    ), celled as (
        select g.*, hash_record_extended(row(g.currency, caller, member_type, g.region,
                g.industry, g.product, g.channel, g.dealer, g.category, g.bucket,
                g.is_non_performing, g.segment, g.age_band), 0) as cell_id
        from given as g
    ), taken as materialized (
        -- What counted until now: an earlier report of this chunk, or the one of another.
        select c.*,
            case when lag(c.line) over same is not null then lag(c.cell_id) over same
                when c.old_id <> 0 then c.old_cell end as counted_cell,
            case when lag(c.line) over same is not null then coalesce(lag(c.balance) over same, 0)
                else c.old_balance end as counted_balance,
            case when lag(c.line) over same is not null then coalesce(lag(c.overdue) over same, 0)
                else c.old_overdue end as counted_overdue
        from celled as c
        window same as (partition by c.subject_id, c.account_id, c.period order by c.delta_id)
    ), cell as (
        insert into cix.cell (
            cell_id, currency, member_id, member_type, region, industry, product, channel, dealer,
            five_category, bucket, is_non_performing, segment, age_band)
        select distinct on (t.cell_id) t.cell_id, t.currency, caller, member_type, t.region,
            t.industry, t.product, t.channel, t.dealer, t.category, t.bucket,
            t.is_non_performing, t.segment, t.age_band
        from taken as t
        where not exists (select from cix.cell as c where c.cell_id = t.cell_id)
        order by t.cell_id
        on conflict do nothing
    ), delta as (
        insert into cix.performance_delta (
            subject_id, account_id, period, delta_id, member_id, submission_id, chunk, line,
            account_status, repay_status, balance, due_amount, paid_amount, overdue_amount,
            overdue_principal, days_overdue, overdue_terms, five_category, classified_on,
            remaining_terms, used_limit, paid_on, collection_stage, reported_on, cell_id,
            recorded_at, bill_amount, unbilled_instalments, overdue_31_60, overdue_61_90,
            overdue_91_180, overdue_over_180, overdraft_over_180, last_paid_amount, pay_ratio_bps,
            settled_on, provision_amount, recovered_amount, written_off_amount, is_quarantined)
        select t.subject_id, t.account_id, t.period, t.delta_id, caller, submission, chunk_number,
            t.line, t.account_status, t.repay::int::"char", t.balance, t.due, t.paid, t.overdue,
            t.principal, t.day, t.overdue_terms, t.category, t.classified_on, t.remaining_terms,
            t.used, t.paid_on, t.stage, t.reported_on, t.cell_id, at, t.bill, t.unbilled,
            t.overdue_2, t.overdue_3, t.overdue_6, t.overdue_7, t.overdraft, t.last_paid, t.ratio,
            t.settled_on, t.provision, t.recovered, t.written_off,
            case when t.mask & keeping <> 0 then true end
        from taken as t
    ), counted as (
        insert into cix.rollup_delta (
            subject_id, delta_id, period, cell_id, accounts, balance, overdue)
        select t.subject_id, t.delta_id, t.period, t.cell_id, 1, coalesce(t.balance, 0),
            coalesce(t.overdue, 0)
        from taken as t
        union all
        select t.subject_id, t.delta_id, t.period, t.counted_cell, -1, -t.counted_balance,
            -t.counted_overdue
        from taken as t
        where t.counted_cell is not null
    ), months as (
        select t.subject_id, t.account_id, max(t.period) as newest, count(*) as months,
            array_agg(t.period) as periods, 
            array_agg(set_byte('\x00', 0, t.repay::int)) as statuses,
            array_agg(int2send((
                    (1 + case when t.balance is null then 0 else 2 end
                    + case when t.due is null then 0 else 4 end
                    + case when t.paid is null then 0 else 8 end
                    + case when t.overdue is null then 0 else 16 end
                    + case when t.day is null then 0 else 32 end
                    + case when t.mask & keeping <> 0 then 64 else 0 end) * 256
                    + t.category)::smallint)
                || int2send(least(coalesce(t.day, 0), 32767)::smallint)
                || substring(int8send(extract(epoch from at)::bigint) from 5)
                || int8send(coalesce(t.balance, 0)) || int8send(coalesce(t.due, 0))
                || int8send(coalesce(t.paid, 0)) || int8send(coalesce(t.overdue, 0))) as entries,
            max(t.account_status) filter (where t.is_newest) as account_status,
            max(t.category) filter (where t.is_newest) as category,
            max(t.day) filter (where t.is_newest) as day,
            max(t.balance) filter (where t.is_newest) as balance,
            max(t.overdue) filter (where t.is_newest) as overdue,
            max(t.remaining_terms) filter (where t.is_newest) as remaining_terms,
            max(case when num_nonnulls(t.bill, t.unbilled, t.overdue_2, t.overdue_3, t.overdue_6,
                    t.overdue_7, t.overdraft, t.last_paid, t.ratio, t.provision, t.recovered,
                    t.written_off, t.principal, t.overdue_terms, t.used, t.paid_on,
                    nullif(t.stage, 0), t.reported_on, t.classified_on, t.settled_on) > 0
                then array[t.bill, t.unbilled, t.overdue_2, t.overdue_3, t.overdue_6, t.overdue_7,
                    t.overdraft, t.last_paid, t.ratio, t.provision, t.recovered, t.written_off,
                    t.principal, t.overdue_terms, t.used, t.paid_on - date '1970-01-01',
                    nullif(t.stage, 0), t.reported_on - date '1970-01-01',
                    t.classified_on - date '1970-01-01', t.settled_on - date '1970-01-01'] end)
                filter (where t.is_newest) as latest_amounts
        from taken as t
        where t.is_last
        group by t.subject_id, t.account_id
    ), kept as (
        update cix.account as a
        set last_period = greatest(a.last_period, m.newest),
            recorded_at = case when m.newest < a.last_period then a.recorded_at else at end,
            account_status = case when m.newest < a.last_period
                then a.account_status else m.account_status end,
            five_category = case when m.newest < a.last_period
                then a.five_category else m.category end,
            days_overdue = case when m.newest < a.last_period then a.days_overdue else m.day end,
            balance = case when m.newest < a.last_period then a.balance else m.balance end,
            overdue_amount = case when m.newest < a.last_period
                then a.overdue_amount else m.overdue end,
            remaining_terms = case when m.newest < a.last_period
                then a.remaining_terms else m.remaining_terms end,
            latest_amounts = case when m.newest < a.last_period
                then a.latest_amounts else m.latest_amounts end,
            -- Mostly it is one month, the next or an old one; then nothing is skipped.
            status_ring = case
                when m.months > 1 or m.newest > a.last_period + 1 then cix.ring_put(a.status_ring,
                    60, coalesce(a.last_period, m.newest), greatest(a.last_period, m.newest),
                    m.periods, m.statuses)
                when m.newest <= a.last_period - 60 then a.status_ring
                else set_byte(a.status_ring, m.newest % 60, get_byte(m.statuses[1], 0)) end,
            month_ring = case
                when m.months > 1 or m.newest > a.last_period + 1 then cix.ring_put(a.month_ring,
                    24, coalesce(a.last_period, m.newest), greatest(a.last_period, m.newest),
                    m.periods, m.entries)
                when m.newest <= a.last_period - 24 then a.month_ring
                else overlay(a.month_ring placing m.entries[1] from m.newest % 24 * 40 + 1 for 40)
                end
        from months as m
        where a.subject_id = m.subject_id and a.account_id = m.account_id
    ), touched as (
        insert into cix.rating_change (subjects)
        select array_agg(distinct m.subject_id) from months as m having count(*) > 0
    )
    select coalesce(array_agg(b.line), '{}'), coalesce(array_agg(b.rule), '{}'),
        coalesce(array_agg(b.severity), '{}'), coalesce(array_agg(b.field), '{}')
    into broken_lines, broken_rules, broken_severities, broken_fields
    from (select g.line, r.rule, r.severity, r.field
        from unnest(lines, masks) as g (line, mask)
            join cix.performance_rule() as r on g.mask & r.mask <> 0
        where g.mask <> 0) as b;
    return query select v.line, v.rule, v.severity, v.field, ''
        from unnest(broken_lines, broken_rules, broken_severities, broken_fields)
            as v (line, rule, severity, field);
    perform cix.submission_verdict_put(caller, submission, chunk_number, at, broken_lines,
        broken_rules, broken_severities, broken_fields,
        array_fill(''::text, array[cardinality(broken_lines)]));
end;
$$;
comment on function cix.performance_put is 'Takes months of an open chunk. Granted to cix_submit.';
