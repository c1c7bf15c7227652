-- Taking back: months, accounts and whole submissions. performance_delta and account_version stay the
-- source of truth and only grow: what is taken back gets a newer version that says so, and what counted
-- before may get a newer copy. Then the account's kept row is made anew from its versions. Rare work, one
-- account after the other; nothing here is on the way of ordinary records.

-- cix.ring_month: the slot of a month in the month ring (core/domain/ring.h).
create or replace function cix.ring_month(d cix.performance_delta)
returns bytea language sql immutable parallel safe
return int2send(((1 + case when d.balance is null then 0 else 2 end
            + case when d.due_amount is null then 0 else 4 end
            + case when d.paid_amount is null then 0 else 8 end
            + case when d.overdue_amount is null then 0 else 16 end
            + case when d.days_overdue is null then 0 else 32 end
            + case when d.is_quarantined then 64 else 0 end) * 256 + d.five_category)::smallint)
    || int2send(least(coalesce(d.days_overdue, 0), 32767)::smallint)
    || substring(int8send(extract(epoch from d.recorded_at)::bigint) from 5)
    || int8send(coalesce(d.balance, 0)) || int8send(coalesce(d.due_amount, 0))
    || int8send(coalesce(d.paid_amount, 0)) || int8send(coalesce(d.overdue_amount, 0));
comment on function cix.ring_month is 'A month as its slot of the ring. Not granted to anyone.';

-- cix.account_settle: state and rings of one account, made anew from its months. Locked before.
create or replace function cix.account_settle(subject bigint, account bigint)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off
as $$
declare
    months cix.performance_delta[];
    latest cix.performance_delta;
begin
    select array_agg(m.d order by (m.d).period) into months
    from (select distinct on (d.period) d
        from cix.performance_delta as d
        where d.subject_id = subject and d.account_id = account
        order by d.period, d.delta_id desc) as m
    where (m.d).is_deleted is not true;
    latest := months[cardinality(months)];
    update cix.account as a
    set last_period = latest.period, recorded_at = latest.recorded_at,
        account_status = latest.account_status, five_category = latest.five_category,
        days_overdue = latest.days_overdue, balance = latest.balance,
        overdue_amount = latest.overdue_amount, remaining_terms = latest.remaining_terms,
        latest_amounts = cix.latest_amounts(latest),
        status_ring = r.status_ring, month_ring = r.month_ring,
        deleted_until = (
            select max(d.period) from cix.performance_delta as d
            where d.subject_id = subject and d.account_id = account and d.is_deleted)
    from (select case when latest.period is null then decode(repeat('00', 60), 'hex')
                else cix.ring_put(decode(repeat('00', 60), 'hex'), 60, latest.period, latest.period,
                    array_agg((m).period), array_agg(set_byte('\x00', 0, ascii((m).repay_status::text))))
                end as status_ring,
            case when latest.period is null then decode(repeat('00', 960), 'hex')
                else cix.ring_put(decode(repeat('00', 960), 'hex'), 24, latest.period, latest.period,
                    array_agg((m).period), array_agg(cix.ring_month(m))) end as month_ring
        from unnest(months) as m) as r
    where a.subject_id = subject and a.account_id = account;
end;
$$;
comment on function cix.account_settle is 'Makes the state of an account anew from its months. Not granted to anyone.';

-- cix.account_attribute_settle: attributes of one account from a version of it.
create or replace function cix.account_attribute_settle(v cix.account_version)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    update cix.account as a
    set type = (v).type, business_type = (v).business_type, currency = (v).currency,
        original_amount = (v).original_amount, credit_limit = (v).credit_limit,
        opened_on = (v).opened_on, matures_on = (v).matures_on, closed_on = (v).closed_on,
        term_months = (v).term_months, annual_rate_bps = (v).annual_rate_bps,
        repay_frequency = (v).repay_frequency, security = (v).security, region = (v).region,
        industry = (v).industry, channel = (v).channel, dealer_code = (v).dealer_code,
        platform_id = (v).platform_id, repay_method = (v).repay_method,
        rate_type = (v).rate_type, collateral_value = (v).collateral_value,
        shared_limit = (v).shared_limit, parent_account_id = (v).parent_account_id,
        transferred_from_id = (v).transferred_from_id,
        transferred_from_account_id = (v).transferred_from_account_id,
        state_at_transfer = (v).state_at_transfer, creditor_id = (v).creditor_id,
        original_creditor_index = (v).original_creditor_index, attributes_at = (v).recorded_at
    where a.subject_id = (v).subject_id and a.account_id = (v).account_id;
    insert into cix.rating_change (subjects) values (array[(v).subject_id]);
end;
comment on function cix.account_attribute_settle is 'Attributes of an account from a version. Not granted to anyone.';

-- cix.account_restore: the row of an account that was taken back, from its version; nothing when there is
--   a row. State and rings are empty until account_settle.
create or replace function cix.account_restore(v cix.account_version)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    gone cix.account_removed;
begin
    delete from cix.account_removed as r
    where r.subject_id = v.subject_id and r.account_id = v.account_id
    returning r.* into gone;
    if not found then
        return;
    end if;
    insert into cix.account (
        subject_id, account_id, member_id, type, business_type, currency, opened_on,
        repay_frequency, security, region, industry, channel, dealer_code, record_id,
        sealed_account_no, attributes_at, status_ring, month_ring)
    values (v.subject_id, v.account_id, v.member_id, v.type, v.business_type, v.currency,
        v.opened_on, v.repay_frequency, v.security, v.region, v.industry, v.channel, v.dealer_code,
        gone.record_id, gone.sealed_account_no, v.recorded_at, decode(repeat('00', 60), 'hex'),
        decode(repeat('00', 960), 'hex'))
    on conflict do nothing;
    perform cix.account_attribute_settle(v);
end;
$$;
comment on function cix.account_restore is 'Brings the row of an account back. Not granted to anyone.';

-- cix.account_remove: takes the row of an account away; its number waits in account_removed.
create or replace function cix.account_remove(subject bigint, account bigint, at timestamptz)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    with gone as (
        delete from cix.account as a
        where a.subject_id = subject and a.account_id = account
        returning a.subject_id, a.account_id, a.record_id, a.sealed_account_no
    )
    insert into cix.account_removed (subject_id, account_id, record_id, sealed_account_no, recorded_at)
    select g.subject_id, g.account_id, g.record_id, g.sealed_account_no, at from gone as g
    on conflict (subject_id, account_id) do update
    set record_id = excluded.record_id, sealed_account_no = excluded.sealed_account_no,
        recorded_at = excluded.recorded_at;
    insert into cix.rating_change (subjects) values (array[subject]);
end;
comment on function cix.account_remove is 'Takes the row of an account away. Not granted to anyone.';

-- cix.month_append: a newer version of a month, and what the roll-ups make of it: what counted until now
--   (null: nothing) no longer counts, what is appended does unless it is a deletion.
create or replace function cix.month_append(old cix.performance_delta, new cix.performance_delta)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into cix.performance_delta values (new.*);
    perform cix.rating_touch(array[new.subject_id]);
    if old.delta_id is not null and old.is_deleted is not true then
        insert into cix.rollup_delta (subject_id, delta_id, period, cell_id, accounts, balance, overdue)
        values (new.subject_id, new.delta_id, old.period, old.cell_id, -1, -coalesce(old.balance, 0),
            -coalesce(old.overdue_amount, 0));
    end if;
    if new.is_deleted is not true then
        insert into cix.rollup_delta (subject_id, delta_id, period, cell_id, accounts, balance, overdue)
        values (new.subject_id, new.delta_id, new.period, new.cell_id, 1, coalesce(new.balance, 0),
            coalesce(new.overdue_amount, 0));
    end if;
end;
$$;
comment on function cix.month_append is 'Appends a version of a month. Not granted to anyone.';

-- cix.month_latest: the version of a month that counts; null when there is none.
create or replace function cix.month_latest(subject bigint, account bigint, month int)
returns cix.performance_delta language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select d from cix.performance_delta as d
    where d.subject_id = subject and d.account_id = account and d.period = month
    order by d.delta_id desc limit 1;
end;
comment on function cix.month_latest is 'The version of a month that counts. Not granted to anyone.';

-- cix.correction_put: why records of an open chunk put earlier ones right. record_ids: of the versions that
--   they make, if their rules let them.
create or replace function cix.correction_put(
    caller int, submission uuid, chunk_number int, at timestamptz, lines int[], kinds smallint[],
    record_ids bigint[], actions smallint[], reasons smallint[], notes bytea[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if cix.submission_is_open(caller, submission, chunk_number, 0, 0) then
        insert into cix.correction (
            member_id, submission_id, record_id, kind, action, reason, sealed_note, chunk, line,
            recorded_at)
        select caller, submission, c.record_id, c.kind, c.action, c.reason, c.note, chunk_number,
            c.line, at
        from unnest(lines, kinds, record_ids, actions, reasons, notes)
            as c (line, kind, record_id, action, reason, note)
        on conflict do nothing;
        -- Rule T004: a record that was put right has no open dispute any more.
        update cix.annotation as a
        set ended_at = at, ended_by = caller, outcome = 2, before_id = v.before, after_id = v.after
        from (select o.subject_id, o.annotation_id, n.after, n.before
            from cix.annotation as o
                cross join lateral (
                    select d.delta_id as after, (
                        select max(e.delta_id) from cix.performance_delta as e
                        where e.subject_id = d.subject_id and e.account_id = d.account_id
                            and e.period = d.period and e.delta_id < d.delta_id) as before
                    from cix.performance_delta as d
                    where o.target = 3 and d.subject_id = o.subject_id
                        and d.account_id = o.target_id and d.period = o.period
                        and d.delta_id = any (record_ids)
                    union all
                    select d.record_id, (
                        select max(e.record_id) from cix.account_version as e
                        where e.subject_id = d.subject_id and e.account_id = d.account_id
                            and e.record_id < d.record_id)
                    from cix.account_version as d
                    where o.target = 2 and d.subject_id = o.subject_id
                        and d.account_id = o.target_id and d.record_id = any (record_ids)) as n
            where o.holder_id = caller and o.ended_at is null and o.kind = 1) as v
        where a.subject_id = v.subject_id and a.annotation_id = v.annotation_id;
    end if;
end;
$$;
comment on function cix.correction_put is 'Takes the reasons of corrections of an open chunk. Granted to cix_submit.';

-- cix.performance_delete: takes months back, behind everything else of the chunk. delta_ids: above every
--   other id of the chunk. K001: nothing is known of the month.
create or replace function cix.performance_delete(
    caller int, submission uuid, chunk_number int, at timestamptz, lines int[],
    account_indexes bytea[], periods int[], delta_ids bigint[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off
as $$
declare
    refused int[] := '{}';
    item record;
    old cix.performance_delta;
    new cix.performance_delta;
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 2, 0) then
        return;
    end if;
    for item in
        select g.line, g.period, g.delta_id, k.subject_id, k.account_id
        from unnest(lines, account_indexes, periods, delta_ids)
                as g (line, account_index, period, delta_id)
            left join cix.account_key as k
                on k.member_id = caller and k.account_index = g.account_index
        order by k.subject_id, k.account_id, g.delta_id
    loop
        perform from cix.account as a
        where a.subject_id = item.subject_id and a.account_id = item.account_id
        for no key update;
        old := case when found then cix.month_latest(item.subject_id, item.account_id, item.period)
            end;
        if old.delta_id is null or old.is_deleted then
            refused := refused || item.line;
            continue;
        end if;
        new := old;
        new.delta_id := cix.version_follow(old.delta_id, item.delta_id);
        new.submission_id := submission;
        new.chunk := chunk_number;
        new.line := item.line;
        new.is_deleted := true;
        new.restored_by := null;
        new.recorded_at := at;
        perform cix.month_append(old, new);
        perform cix.account_settle(item.subject_id, item.account_id);
        perform cix.annotation_corrected(item.subject_id, item.account_id, item.period,
            old.delta_id, new.delta_id, at, caller);
    end loop;
    return query select v.line, 'K001', 2::smallint, 'correction', '' from unnest(refused) as v (line);
    perform cix.submission_verdict_put(caller, submission, chunk_number, at, refused,
        array_fill('K001'::text, array[cardinality(refused)]),
        array_fill(2::smallint, array[cardinality(refused)]),
        array_fill('correction'::text, array[cardinality(refused)]),
        array_fill(''::text, array[cardinality(refused)]));
end;
$$;
comment on function cix.performance_delete is 'Takes months of an open chunk back. Granted to cix_submit.';

-- cix.account_delete: takes accounts back with all their months, behind everything else of the chunk.
--   first_ids: of 4,096 ids a record, for its months. K001: no such account.
create or replace function cix.account_delete(
    caller int, submission uuid, chunk_number int, at timestamptz, lines int[],
    account_indexes bytea[], record_ids bigint[], first_ids bigint[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off
as $$
declare
    refused int[] := '{}';
    item record;
    old cix.performance_delta;
    new cix.performance_delta;
    version cix.account_version;
    n int;
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 2, 0) then
        return;
    end if;
    for item in
        select g.line, g.record_id, g.first_id, k.subject_id, k.account_id
        from unnest(lines, account_indexes, record_ids, first_ids)
                as g (line, account_index, record_id, first_id)
            left join cix.account_key as k
                on k.member_id = caller and k.account_index = g.account_index
        order by k.subject_id, k.account_id, g.record_id
    loop
        perform from cix.account as a
        where a.subject_id = item.subject_id and a.account_id = item.account_id
        for update;
        if not found then
            refused := refused || item.line;
            continue;
        end if;
        n := 0;
        for old in
            select (m.d).* from (
                select distinct on (d.period) d from cix.performance_delta as d
                where d.subject_id = item.subject_id and d.account_id = item.account_id
                order by d.period, d.delta_id desc) as m
            where (m.d).is_deleted is not true
        loop
            new := old;
            new.delta_id := cix.version_follow(old.delta_id, item.first_id + n);
            new.submission_id := submission;
            new.chunk := chunk_number;
            new.line := item.line;
            new.is_deleted := true;
            new.restored_by := null;
            new.recorded_at := at;
            perform cix.month_append(old, new);
            n := n + 1;
        end loop;
        select v.* into version from cix.account_version as v
        where v.subject_id = item.subject_id and v.account_id = item.account_id
        order by v.record_id desc limit 1;
        perform cix.annotation_corrected(item.subject_id, item.account_id, 0, version.record_id,
            item.record_id, at, caller);
        version.record_id := cix.version_follow(version.record_id, item.record_id);
        version.submission_id := submission;
        version.is_deleted := true;
        version.restored_by := null;
        version.recorded_at := at;
        insert into cix.account_version values (version.*);
        perform cix.account_remove(item.subject_id, item.account_id, at);
    end loop;
    return query select v.line, 'K001', 2::smallint, 'correction', '' from unnest(refused) as v (line);
    perform cix.submission_verdict_put(caller, submission, chunk_number, at, refused,
        array_fill('K001'::text, array[cardinality(refused)]),
        array_fill(2::smallint, array[cardinality(refused)]),
        array_fill('correction'::text, array[cardinality(refused)]),
        array_fill(''::text, array[cardinality(refused)]));
end;
$$;
comment on function cix.account_delete is 'Takes accounts of an open chunk back. Granted to cix_submit.';

-- cix.annotation_corrected: rule T004. A correction of a record ends the disputes on it. month 0: the
--   account and all its months.
create or replace function cix.annotation_corrected(
    subject bigint, account bigint, month int, before bigint, after bigint, at timestamptz, caller int)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    update cix.annotation as a
    set ended_at = at, ended_by = caller, outcome = 2, before_id = before, after_id = after
    where a.subject_id = subject and a.ended_at is null and a.kind = 1 and a.target_id = account
        and (a.target = 3 and (a.period = month or month = 0) or a.target = 2 and month = 0);
end;
comment on function cix.annotation_corrected is 'Ends disputes on a record that was put right. Not granted to anyone.';

-- cix.subject_lock: locks a subject and the caller's names of it, which are about to go: whoever writes because
--   of them (subject_names_hold, subject_owner) has ended then, and is seen.
create or replace function cix.subject_lock(caller int, subject bigint)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
begin
    perform from cix.subject as s where s.subject_id = subject for no key update;
    perform from cix.subject_name as n where n.subject_id = subject and n.member_id = caller
    order by n.name_index
    for update;
end;
$$;
comment on function cix.subject_lock is 'Locks a subject whose names go. Not granted to anyone.';

-- cix.subject_settle: what is known of a subject in plain codes, from the records of it that stand.
create or replace function cix.subject_settle(subject bigint)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    update cix.subject as s
    set segment = coalesce(k.segment, 0), birth_year = coalesce(k.birth_year, s.birth_year),
        region = coalesce(k.region, ''), industry = coalesce(k.industry, ''), founded_on = k.founded_on,
        status = case when s.status > 4 then s.status
            else cix.subject_status(s.subject_id, 0, 1::smallint) end
    from (select (array_agg(v.segment order by v.record_id desc) filter (where v.segment <> 0))[1]
                as segment,
            (array_agg(v.birth_year order by v.record_id desc)
                filter (where v.birth_year is not null))[1] as birth_year,
            (array_agg(v.region order by v.record_id desc) filter (where v.region <> ''))[1] as region,
            (array_agg(v.industry order by v.record_id desc) filter (where v.industry <> ''))[1]
                as industry,
            (array_agg(v.founded_on order by v.record_id desc)
                filter (where v.founded_on > '-infinity'))[1] as founded_on
        from cix.subject_version as v
        where v.subject_id = subject and v.is_deleted is not true
            and not cix.back_out_gone(v.member_id, v.submission_id)
            and not exists ( -- replaced or taken back by its member
                select from cix.subject_version as r
                where r.subject_id = subject and r.member_id = v.member_id
                    and (r.is_replacing or r.is_deleted) and r.record_id > v.record_id
                    and not cix.back_out_gone(r.member_id, r.submission_id)
                    and cix.alias_home(subject, r.record_id)
                        is not distinct from cix.alias_home(subject, v.record_id))) as k
    where s.subject_id = subject;
    insert into cix.rating_change (subjects) values (array[subject]);
end;
comment on function cix.subject_settle is 'Plain codes of a subject from its records. Not granted to anyone.';

-- cix.subject_delete: takes what the caller said of subjects back, behind everything else of the chunk; of a
--   merged subject what it said of the one whose identifier is named.
--   K001: it said nothing, or it has an account of the subject, which has to be taken back first.
create or replace function cix.subject_delete(
    caller int, submission uuid, chunk_number int, at timestamptz, lines int[], lookups bytea[],
    record_ids bigint[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off
as $$
declare
    refused int[] := '{}';
    reasons text[] := '{}';
    item record;
    old cix.subject_version;
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 1, 0) then
        return;
    end if;
    for item in
        select g.line, g.record_id, i.subject_id, i.home_id
        from unnest(lines, lookups, record_ids) as g (line, lookup, record_id)
            left join cix.identifier as i on i.lookup = g.lookup
        order by i.subject_id, g.line
    loop
        perform cix.subject_lock(caller, item.subject_id);
        old := cix.subject_latest(caller, item.subject_id, item.home_id);
        if old.record_id is null or old.is_deleted then
            refused := refused || item.line;
            reasons := reasons || ''::text;
        elsif exists (
            select from cix.account as a
            where a.subject_id = item.subject_id and a.member_id = caller
                and cix.alias_home(item.subject_id, a.account_id) is not distinct from item.home_id)
        then
            refused := refused || item.line;
            reasons := reasons || 'expected that the accounts of the subject are taken back first'::text;
        else
            perform cix.subject_forget(caller, item.subject_id, item.home_id, '{}', submission, at);
            perform cix.alias_note_version(old.record_id, item.record_id);
            old.record_id := cix.version_follow(old.record_id, item.record_id);
            old.submission_id := submission;
            old.is_deleted := true;
            old.recorded_at := at;
            old.sealed_birth := null;
            old.sealed_mobiles := null;
            old.sealed_address := null;
            old.identifier_details := null;
            old.sealed_details := null;
            insert into cix.subject_version values (old.*);
            perform cix.subject_settle(item.subject_id);
        end if;
    end loop;
    return query select v.line, 'K001', 2::smallint, 'correction', v.reason
        from unnest(refused, reasons) as v (line, reason);
    perform cix.submission_verdict_put(caller, submission, chunk_number, at, refused,
        array_fill('K001'::text, array[cardinality(refused)]),
        array_fill(2::smallint, array[cardinality(refused)]),
        array_fill('correction'::text, array[cardinality(refused)]), reasons);
end;
$$;
comment on function cix.subject_delete is 'Takes subjects of an open chunk back. Granted to cix_submit.';
