-- Accounts of a chunk: what they are, and from whom they came.
-- Conventions of record.sql: arrays of equal length in the order of the chunk, total functions, rows
-- written in the order of their keys, plans by nested loops over keys.

-- cix.account_rekey: accounts behind a credit bureau that stand under their number alone, as all did until origin was part
--   of the key, move under the digest of origin and number: those that the institution itself gave, which the
--   first version tells. Months of other institutions that had come to one stay there. Always without rows.
create or replace function cix.account_rekey(
    caller int, submission uuid, chunk_number int, at timestamptz,
    members int[], plain bytea[], account_indexes bytea[], origins text[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 0, 0) then
        return;
    end if;
    perform from (select distinct g.member, g.old from unnest(members, plain) as g (member, old)) as g
        cross join lateral (
            select k.ctid from cix.account_key as k
            where k.member_id = g.member and k.account_index = g.old
            for no key update) as k
    order by g.member, g.old;
    update cix.account_key as k
    set account_index = g.new
    from (select distinct g.member, g.old, g.new, g.origin
        from unnest(members, plain, account_indexes, origins) as g (member, old, new, origin)) as g
    where k.member_id = g.member and k.account_index = g.old
        and g.origin = (
            select v.origin from cix.account_version as v
            where v.subject_id = k.subject_id and v.account_id = k.account_id
            order by v.record_id limit 1)
        and not exists (
            select from cix.account_key as o where o.member_id = g.member and o.account_index = g.new);
end;
$$;
comment on function cix.account_rekey is 'Moves accounts behind a bureau under origin and number. Granted to cix_submit.';

-- cix.account_held: rules of the store that keep a whole account out before its number is given
--   away. One rule a record, null for none. A009: the parent is no account of the caller and the
--   subject, in this chunk or before. A018: the account taken over is not known as the seller's, of
--   the same subject and ended by transfer in the month in which this one was opened, or another account, in this chunk or before,
--   continues it; a seller that is no member has none. Which of these it is, the caller does not learn.
create or replace function cix.account_held(
    caller int, account_indexes bytea[], lookups bytea[], opened date[], parents bytea[],
    sellers int[], sold bytea[])
returns text[]
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
declare
    answer text[] := array_fill(null::text, array[cardinality(account_indexes)]);
    one record;
begin
    for one in
        select g.place, g.account_index, g.sold,
            case when g.parent is not null and g.parent <> g.account_index and (
                exists (
                    select from cix.account_key as k
                    where k.member_id = caller and k.account_index = g.parent
                        and k.subject_id = i.subject_id)
                or exists (
                    select from unnest(account_indexes, lookups) as c (account_index, lookup)
                        join cix.identifier as o on o.lookup = c.lookup
                    where c.account_index = g.parent and o.subject_id = i.subject_id))
                or g.parent is null then null else 'A009' end as parent_rule,
            case when g.sold is null or exists (
                select from cix.account_key as k
                    join cix.account as a
                        on a.subject_id = k.subject_id and a.account_id = k.account_id
                where k.member_id = g.seller and k.account_index = g.sold
                    and k.subject_id = i.subject_id
                    and case when a.type in (1, 7, 8, 9, 10, 11)
                        then a.account_status = 5 and a.last_period
                            = extract(year from g.opened_on) * 12 + extract(month from g.opened_on) - 1
                        else date_trunc('month', a.closed_on) = date_trunc('month', g.opened_on) end
                    and coalesce((
                        select bool_or(o.member_id = caller and o.account_index = g.account_index)
                        from cix.account as n
                            join cix.account_key as o
                                on o.subject_id = n.subject_id and o.account_id = n.account_id
                        where n.subject_id = a.subject_id
                            and n.transferred_from_account_id = a.account_id), true))
            then null else 'A018' end as sale_rule
        from unnest(account_indexes, lookups, opened, parents, sellers, sold) with ordinality
                as g (account_index, lookup, opened_on, parent, seller, sold, place)
            left join cix.identifier as i on i.lookup = g.lookup
        where g.parent is not null or g.sold is not null
        order by g.place
    loop
        answer[one.place] := coalesce(one.parent_rule, one.sale_rule, case when exists (
            select from unnest(account_indexes, sold, answer) with ordinality as g (account_index, sold, rule, place)
            where g.place < one.place and g.sold = one.sold and g.account_index <> one.account_index
                and g.rule is null) then 'A018' end);
    end loop;
    return answer;
end;
$$;
comment on function cix.account_held is 'Rules that keep accounts of a chunk out. Not granted to anyone.';

-- cix.account_sold_hold: accounts taken over are locked by their keys until this transaction ends, so that of two
--   who take one over at one instant the second sees what the first did (A018). One that is not there is
--   refused anyway.
create or replace function cix.account_sold_hold(sellers int[], sold bytea[])
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
begin
    perform from (select distinct g.seller, g.sold from unnest(sellers, sold) as g (seller, sold)) as g
        join cix.account_key as k on k.member_id = g.seller and k.account_index = g.sold
    order by k.member_id, k.account_index
    for no key update of k;
end;
$$;
comment on function cix.account_sold_hold is 'Locks accounts that are taken over. Not granted to anyone.';

-- cix.dealer_days: the days for which the caller's dealers of these codes are registered, for each institution. The
--   latest version of each counts, and is looked at once, however many there are.
create or replace function cix.dealer_days(caller int, codes text[])
returns table (dealer_code text, origin text, days datemultirange)
language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
begin atomic
    select d.dealer_code, f.origin, range_agg(daterange(d.from_on, d.until_on, '[]'))
    from (select distinct u.code from unnest(codes) as u (code)) as c
        cross join lateral (
            select distinct o.fact_id from cix.dealer as o
            where o.subject_id = caller and o.dealer_code = c.code offset 0) as k
        cross join lateral (
            select v.record_id, v.is_deleted, v.origin from cix.fact as v
            where v.subject_id = caller and v.fact_id = k.fact_id
            order by v.record_id desc limit 1) as f
        cross join lateral (
            select o.dealer_code, o.from_on, o.until_on from cix.dealer as o
            where o.subject_id = caller and o.fact_id = k.fact_id and o.record_id = f.record_id
            offset 0) as d -- offset 0: looked up by the whole key, one by one
    where not f.is_deleted and d.dealer_code = c.code and coalesce(d.until_on >= d.from_on, true)
    group by d.dealer_code, f.origin;
end;
comment on function cix.dealer_days is 'Days for which dealers are registered. Not granted to anyone.';

-- cix.dealer_hold: dealers of the caller stay as they are until this transaction ends; if it is to write some, no other
--   looks at them meanwhile. The first of a chunk's functions that lock: others have subjects and accounts locked when
--   they look at dealers. No verdicts.
create or replace function cix.dealer_hold(
    caller int, submission uuid, chunk_number int, at timestamptz, is_written boolean)
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 0, 0) then
        return;
    end if;
    if is_written then
        perform pg_advisory_xact_lock(hashtextextended('cix.dealer', caller));
    else
        perform pg_advisory_xact_lock_shared(hashtextextended('cix.dealer', caller));
    end if;
end;
$$;
comment on function cix.dealer_hold is 'Keeps the dealers of a chunk''s member. Granted to cix_submit.';

-- cix.dealer_missing: places of accounts by a dealer (channel 4) that the caller has not registered, for the institution
--   and the day on which the account was opened (A016). What an account had already stands, whatever became of the
--   dealer: asked is what is new or names another dealer or day. Dealers stay as they are until this transaction ends
--   (dealer_hold).
create or replace function cix.dealer_missing(
    caller int, account_indexes bytea[], opened date[], channels smallint[], dealers text[], origins text[])
returns int[] language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
begin atomic
    with registered as materialized (
        select r.dealer_code, r.origin, r.days
        from cix.dealer_days(caller, array(
            select g.dealer_code from unnest(channels, dealers) as g (channel, dealer_code)
            where g.channel = 4)) as r
    )
    select array(
        select g.place::int
        from unnest(account_indexes, opened, channels, dealers, origins) with ordinality
                as g (account_index, opened_on, channel, dealer_code, origin, place)
        where g.channel = 4
            and not exists (
                select from registered as r
                where r.dealer_code = g.dealer_code and r.origin = coalesce(g.origin, '')
                    and r.days @> g.opened_on)
            and not exists (
                select from cix.account_key as k
                    join cix.account as a on a.subject_id = k.subject_id and a.account_id = k.account_id
                where k.member_id = caller and k.account_index = g.account_index
                    and (a.channel, a.dealer_code, a.opened_on) = (4, g.dealer_code, g.opened_on)));
end;
comment on function cix.dealer_missing is 'Accounts by dealers that are not registered. Not granted to anyone.';

-- cix.dealer_advice: the reasons of broken rules of a chunk's accounts: what the caller does about a dealer that is missing
--   (A016), which it may have registered for other days. Empty for other rules. broken: a line each.
create or replace function cix.dealer_advice(
    caller int, rules text[], broken int[], lines int[], dealers text[], origins text[])
returns text[] language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
begin atomic
    with registered as materialized (
        select r.dealer_code, r.origin
        from cix.dealer_days(caller, array(
            select g.dealer from unnest(lines, dealers) as g (line, dealer)
                join unnest(rules, broken) as b (rule, line) on b.line = g.line
            where b.rule = 'A016')) as r
    )
    select array(
        select case when b.rule <> 'A016' then ''
            when exists (
                select from unnest(lines, dealers, origins) as g (line, dealer, origin)
                    join registered as r
                        on r.dealer_code = g.dealer and r.origin = coalesce(g.origin, '')
                where g.line = b.line)
            then 'the dealer is registered, but not for the day on which the account was opened'
            else 'register the dealer first' end
        from unnest(rules, broken) with ordinality as b (rule, line, place)
        order by b.place);
end;
comment on function cix.dealer_advice is 'What to do about a dealer that is missing. Not granted to anyone.';

-- cix.exposure_hold: locks the borrowers of platform loans of a chunk until it ends, so that of two who lend at one
--   instant the second sees what the first lends.
create or replace function cix.exposure_hold(lookups bytea[], business text[], currencies text[])
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set jit = off
as $$
begin
    if 'P1' = any (business) then
        perform from cix.subject as s
        where s.subject_id = any (array(
            select distinct i.subject_id
            from unnest(lookups, business, currencies) as g (lookup, product, currency)
                join cix.identifier as i on i.lookup = g.lookup
            where g.product = 'P1' and g.currency = 'CNY'))
        order by s.subject_id
        for no key update of s;
    end if;
end;
$$;
comment on function cix.exposure_hold is 'Locks borrowers of platform loans. Not granted to anyone.';

-- cix.exposure_sums: what the borrower of each platform loan of a chunk owes on its platform and on all, once for the
--   warning (A020) and for the findings; null for other accounts (supervision.sql).
create or replace function cix.exposure_sums(
    caller int, lookups bytea[], business text[], currencies text[], platforms int[],
    out own bigint[], out overall bigint[])
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set jit = off
as $$
begin
    if 'P1' = any (business) then
        select array_agg(e.own order by g.place), array_agg(e.overall order by g.place)
        into own, overall
        from unnest(lookups, business, currencies, platforms) with ordinality
                as g (lookup, product, currency, platform_id, place)
            left join cix.identifier as i
                on i.lookup = g.lookup and g.product = 'P1' and g.currency = 'CNY'
            left join lateral (
                select cix.exposure_sum(sum(e.amount)
                        filter (where e.platform_id = coalesce(g.platform_id, caller))) as own,
                    cix.exposure_sum(sum(e.amount)) as overall
                from cix.platform_exposure(array[i.subject_id]) as e) as e on i.subject_id is not null;
    end if;
end;
$$;
comment on function cix.exposure_sums is 'What borrowers of a chunk owe on platforms. Not granted to anyone.';

-- cix.account_put: accounts of the caller and what changed of them. account_indexes, parents, sold: digests
--   of account numbers, at a credit bureau of origin and number, at the caller and at the seller; creditor_indexes: of an original creditor.
--   A001: the number belongs to an account of another subject. A008: a closed account would be open
--   again. A022: the caller gave no subject with the identifier; whether others did, or joined it
--   to one that the caller knows by another, it does not learn. A023: type or currency would change.
--   S021 (quarantine): a new account of a subject that died or was deregistered. A009, A018:
--   account_held, behind account_sold_hold. A016: dealer_missing, asked when the chunk has an account by a dealer. Warnings: A020 (exposure_sums beyond a cap), S019 (opened before the subject was founded).
create or replace function cix.account_put(
    caller int, submission uuid, chunk_number int, at timestamptz,
    lines int[], account_indexes bytea[], account_ids bigint[], record_ids bigint[],
    lookups bytea[], types smallint[], business text[], currencies text[], originals bigint[],
    limits bigint[], opened date[], matures date[], closed date[], terms smallint[], rates int[],
    frequencies smallint[], securities smallint[], regions text[], industries text[],
    channels smallint[], dealers text[], platforms int[], numbers bytea[],
    methods smallint[] default '{}', rate_types smallint[] default '{}',
    collaterals bigint[] default '{}', shared bigint[] default '{}', parents bytea[] default '{}',
    sellers int[] default '{}', sold bytea[] default '{}', transfers smallint[] default '{}',
    creditors int[] default '{}', original_creditors bytea[] default '{}',
    creditor_indexes bytea[] default '{}', origins text[] default '{}',
    corrections smallint[] default '{}')
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    turns int[];
    held text[];
    last_id bigint; -- of the versions written
    broken_lines int[] := '{}';
    broken_rules text[] := '{}';
    broken_severities smallint[];
    broken_fields text[];
    broken_reasons text[];
    owned bigint[];
    overall bigint[];
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 2, 0) then
        return;
    end if;
    perform cix.subject_names_hold(caller, lookups);
    perform cix.account_sold_hold(sellers, sold);
    held := array(
        select case when h.rule is not null
            and not cix.quarantine_waives(caller, submission, chunk_number, h.line, h.rule) then h.rule end
        from unnest(cix.account_held(caller, account_indexes, lookups, opened, parents, sellers, sold),
            lines) with ordinality as h (rule, line, place)
        order by h.place);
    if 4 = any (channels) then
        held := array(
            select coalesce(h.rule, case when h.place = any (missing) then 'A016' end)
            from cix.dealer_missing(caller, account_indexes, opened, channels, dealers, origins) as missing
                cross join unnest(held) with ordinality as h (rule, place)
            order by h.place);
    end if;
    -- The same account twice in one chunk: one turn after the other.
    select array_agg(t.turn order by t.place) into turns
    from (select g.place, row_number() over (partition by g.account_index order by g.place) as turn
        from unnest(account_indexes) with ordinality as g (account_index, place)) as t;
    for now in 1 .. coalesce((select max(t) from unnest(turns) as t), 0) loop
        insert into cix.account_key (member_id, account_index, subject_id, account_id, recorded_at)
        select caller, g.account_index, s.subject_id, g.account_id, at
        from unnest(turns, lines, account_indexes, account_ids, lookups, held, corrections)
            as g (turn, line, account_index, account_id, lookup, held, correction)
            join cix.identifier as i on i.lookup = g.lookup
            join cix.subject as s on s.subject_id = i.subject_id
        where g.turn = now and g.held is null and g.correction is distinct from 1
            and (s.status not in (2, 3, 4)
                or cix.quarantine_waives(caller, submission, chunk_number, g.line, 'S021'))
            and exists (
                select from cix.subject_name as n
                where n.subject_id = i.subject_id and n.member_id = caller
                    and coalesce(n.identifier_head = cix.lookup_head(g.lookup), true))
        order by g.account_index
        on conflict do nothing;
        -- Accounts that were there already are locked in order before they change.
        perform from unnest(turns, account_indexes, account_ids) as g (turn, account_index, account_id)
            cross join lateral (
                select k.subject_id, k.account_id from cix.account_key as k
                where k.member_id = caller and k.account_index = g.account_index
                offset 0) as k
            join cix.account as a on a.subject_id = k.subject_id and a.account_id = k.account_id
        where g.turn = now and k.account_id <> g.account_id
        order by a.subject_id, a.account_id
        for no key update of a;
        with given as materialized (
            select g.*, k.subject_id, k.account_id,
                case when exists (
                    select from cix.subject_name as n
                    where n.subject_id = i.subject_id and n.member_id = caller
                        and coalesce(n.identifier_head = cix.lookup_head(g.lookup), true))
                then i.subject_id end as owner,
                (select p.account_id from cix.account_key as p
                    where p.member_id = caller and p.account_index = g.parent) as parent_account_id,
                (select p.account_id from cix.account_key as p
                    where p.member_id = g.transferred_from_id and p.account_index = g.sold)
                    as transferred_from_account_id
            from unnest(turns, lines, account_indexes, account_ids, record_ids, lookups, types,
                business, currencies, originals, limits, opened, matures, closed, terms, rates,
                frequencies, securities, regions, industries, channels, dealers, platforms, numbers,
                held, methods, rate_types, collaterals, shared, parents, sellers, sold, transfers,
                creditors, original_creditors, creditor_indexes, origins, corrections)
                as g (turn, line, account_index, candidate, record_id, lookup, type, business_type,
                    currency, original_amount, credit_limit, opened_on, matures_on, closed_on,
                    term_months, annual_rate_bps, repay_frequency, security, region, industry,
                    channel, dealer_code, platform_id, sealed_account_no, held, repay_method,
                    rate_type, collateral_value, shared_limit, parent, transferred_from_id, sold,
                    state_at_transfer, creditor_id, sealed_original_creditor,
                    original_creditor_index, origin, correction)
                left join cix.identifier as i on i.lookup = g.lookup
                left join lateral (
                    select k.subject_id, k.account_id from cix.account_key as k
                    where k.member_id = caller and k.account_index = g.account_index
                    offset 0) as k on true -- offset 0: looked up by the whole key, one by one
            where g.turn = now
        ), judged as materialized (
            select g.*, a.account_id is null as is_new,
                case when g.owner is null then 'A022'
                    when g.held is not null then g.held
                    when g.account_id is null then case g.correction when 1 then 'K001' else 'S021' end
                    when g.subject_id <> g.owner then 'A001'
                    when a.currency <> g.currency or a.type <> g.type then 'A023'
                    when a.account_id is null and g.correction = 1 then 'K001'
                    when a.closed_on is not null and g.closed_on is null
                        and g.correction is distinct from 1 then 'A008'
                end as rule,
                (a.business_type, a.original_amount, a.credit_limit, a.opened_on, a.matures_on,
                    a.closed_on, a.term_months, a.annual_rate_bps, a.repay_frequency, a.security,
                    a.region, a.industry, a.channel, a.dealer_code, a.platform_id, a.repay_method,
                    a.rate_type, a.collateral_value, a.shared_limit, a.parent_account_id,
                    a.transferred_from_id, a.transferred_from_account_id, a.state_at_transfer,
                    a.creditor_id, a.original_creditor_index)
                is distinct from
                (g.business_type, g.original_amount, g.credit_limit, g.opened_on, g.matures_on,
                    g.closed_on, g.term_months, g.annual_rate_bps, g.repay_frequency, g.security,
                    g.region, g.industry, g.channel, g.dealer_code, g.platform_id,
                    nullif(g.repay_method, 0), nullif(g.rate_type, 0), g.collateral_value,
                    g.shared_limit, g.parent_account_id, g.transferred_from_id,
                    g.transferred_from_account_id, g.state_at_transfer, g.creditor_id,
                    g.original_creditor_index) as is_other,
                (select max(v.record_id) from cix.account_version as v
                    where v.subject_id = g.subject_id and v.account_id = g.account_id) as latest_id
            from given as g
                left join cix.account as a
                    on a.subject_id = g.subject_id and a.account_id = g.account_id
        ), version as (
            insert into cix.account_version (
                subject_id, account_id, record_id, member_id, submission_id, type, business_type,
                currency, original_amount, credit_limit, opened_on, matures_on, closed_on,
                term_months, annual_rate_bps, repay_frequency, security, region, industry, channel,
                dealer_code, platform_id, recorded_at, repay_method, rate_type, collateral_value,
                shared_limit, parent_account_id, transferred_from_id, transferred_from_account_id,
                state_at_transfer, creditor_id, original_creditor_index, origin)
            select j.subject_id, j.account_id, j.record_id, caller, submission, j.type,
                j.business_type, j.currency, j.original_amount, j.credit_limit, j.opened_on,
                j.matures_on, j.closed_on, j.term_months, j.annual_rate_bps, j.repay_frequency,
                j.security, j.region, j.industry, j.channel, j.dealer_code, j.platform_id, at,
                nullif(j.repay_method, 0), nullif(j.rate_type, 0), j.collateral_value,
                j.shared_limit, j.parent_account_id, j.transferred_from_id,
                j.transferred_from_account_id, j.state_at_transfer, j.creditor_id,
                j.original_creditor_index, nullif(j.origin, '')
            from judged as j
            where j.rule is null and (j.is_new or j.is_other)
            order by j.subject_id, j.account_id
        ), creditor as (
            insert into cix.account_creditor (
                subject_id, account_id, record_id, member_id, sealed_original_creditor, recorded_at)
            select j.subject_id, j.account_id, j.record_id, caller, j.sealed_original_creditor, at
            from judged as j
            where j.rule is null and (j.is_new or j.is_other)
                and j.sealed_original_creditor is not null
            order by j.subject_id, j.record_id
        ), put as (
            insert into cix.account (
                subject_id, account_id, member_id, type, business_type, currency, original_amount,
                credit_limit, opened_on, matures_on, closed_on, term_months, annual_rate_bps,
                repay_frequency, security, region, industry, channel, dealer_code, platform_id,
                record_id, sealed_account_no, attributes_at, status_ring, month_ring, repay_method,
                rate_type, collateral_value, shared_limit, parent_account_id, transferred_from_id,
                transferred_from_account_id, state_at_transfer, creditor_id,
                original_creditor_index)
            select j.subject_id, j.account_id, caller, j.type, j.business_type, j.currency,
                j.original_amount, j.credit_limit, j.opened_on, j.matures_on, j.closed_on,
                j.term_months, j.annual_rate_bps, j.repay_frequency, j.security, j.region,
                j.industry, j.channel, j.dealer_code, j.platform_id, j.record_id,
                j.sealed_account_no, at, decode(repeat('00', 60), 'hex'),
                decode(repeat('00', 960), 'hex'), nullif(j.repay_method, 0),
                nullif(j.rate_type, 0), j.collateral_value, j.shared_limit, j.parent_account_id,
                j.transferred_from_id, j.transferred_from_account_id, j.state_at_transfer,
                j.creditor_id, j.original_creditor_index
            from judged as j
            where j.rule is null and j.is_new
            order by j.subject_id, j.account_id
        ), changed as (
            update cix.account as a
            set business_type = j.business_type, original_amount = j.original_amount,
                credit_limit = j.credit_limit, opened_on = j.opened_on, matures_on = j.matures_on,
                closed_on = j.closed_on, term_months = j.term_months,
                annual_rate_bps = j.annual_rate_bps, repay_frequency = j.repay_frequency,
                security = j.security, region = j.region, industry = j.industry,
                channel = j.channel, dealer_code = j.dealer_code, platform_id = j.platform_id,
                repay_method = nullif(j.repay_method, 0), rate_type = nullif(j.rate_type, 0),
                collateral_value = j.collateral_value, shared_limit = j.shared_limit,
                parent_account_id = j.parent_account_id,
                transferred_from_id = j.transferred_from_id,
                transferred_from_account_id = j.transferred_from_account_id,
                state_at_transfer = j.state_at_transfer, creditor_id = j.creditor_id,
                original_creditor_index = j.original_creditor_index, attributes_at = at
            from judged as j
            where j.rule is null and not j.is_new and j.is_other
                and a.subject_id = j.subject_id and a.account_id = j.account_id
        ), touched as (
            insert into cix.rating_change (subjects)
            select array_agg(distinct j.subject_id) from judged as j
            where j.rule is null and (j.is_new or j.is_other) having count(*) > 0
        )
        select broken_lines || coalesce(array_agg(j.line) filter (where j.rule is not null), '{}'),
            broken_rules || coalesce(array_agg(j.rule) filter (where j.rule is not null), '{}'),
            max(cix.version_follow(j.latest_id, j.record_id))
                filter (where j.rule is null and (j.is_new or j.is_other))
        into broken_lines, broken_rules, last_id
        from judged as j;
    end loop;
    perform cix.exposure_hold(lookups, business, currencies);
    -- Warnings about what was taken: they see all of the chunk.
    select e.own, e.overall into owned, overall
    from cix.exposure_sums(caller, lookups, business, currencies, platforms) as e;
    select broken_lines || coalesce(array_agg(w.line order by w.line), '{}'),
        broken_rules || coalesce(array_agg(w.rule order by w.line), '{}')
    into broken_lines, broken_rules
    from (select g.line, r.rule
        from unnest(lines, lookups, opened, owned, overall) as g (line, lookup, opened_on, own, overall)
            join cix.identifier as i on i.lookup = g.lookup
            join cix.subject as s on s.subject_id = i.subject_id
            cross join lateral (
                select 'S019' as rule where g.opened_on < s.founded_on
                union all
                select 'A020' from cix.exposure_caps(s.kind = 1, at::date) as c
                where g.own > c.one_platform or g.overall > c.all_platforms) as r
        where g.line <> all (broken_lines)) as w;
    select array_agg((case when r in ('S021', 'A018') then 3 when r in ('S019', 'A020') then 4
            else 2 end)::smallint),
        array_agg(case r when 'K001' then 'correction'
            when 'A001' then 'account.account_no' when 'A008' then 'account.closed_on'
            when 'A023' then 'account.type' when 'A009' then 'account.parent_account_no'
            when 'A018' then 'account.transferred_from_account_no'
            when 'A016' then 'account.dealer_code'
            when 'A020' then 'account.original_amount' when 'S019' then 'account.opened_on'
            else 'account.identifier' end)
    into broken_severities, broken_fields
    from unnest(broken_rules) as r;
    broken_reasons := cix.dealer_advice(caller, broken_rules, broken_lines, lines, dealers, origins);
    return query select v.line, v.rule, v.severity, v.field, v.reason
        from unnest(broken_lines, broken_rules, broken_severities, broken_fields, broken_reasons)
            as v (line, rule, severity, field, reason);
    perform cix.submission_verdict_put(caller, submission, chunk_number, at, broken_lines,
        broken_rules, broken_severities, broken_fields, broken_reasons);
    perform cix.alias_note(account_ids, lookups);
    perform cix.account_findings(caller, submission, at, account_indexes, account_ids, record_ids,
        owned, overall);
end;
$$;
comment on function cix.account_put is 'Takes accounts of an open chunk. Granted to cix_submit.';
