-- Facts: how they are put, what other facts say about them, and the findings that come of it; what is shown
-- of them is in fact_report.sql.
-- As in record.sql: arrays of equal length, one item a record, in the order of the chunk; a put
-- answers only what it did not simply accept, and stores those verdicts.

-- cix.fact_class: the data class that a member needs to contribute and to see a kind.
create or replace function cix.fact_class(kind smallint) returns int
language sql immutable parallel safe
return case kind when 6 then 2 when 7 then 2 when 8 then 4 when 9 then 16 when 10 then 32
                 when 11 then 2 when 12 then 128 when 13 then 2 when 14 then 64 when 15 then 64 when 16 then 2 end;
comment on function cix.fact_class is 'Data class of a kind of fact. Not granted to anyone.';

-- cix.fact_name: the kind's name, which begins the path of its fields.
create or replace function cix.fact_name(kind smallint) returns text
language sql immutable parallel safe
return (array['account_event', 'party', 'public_record', 'fraud_case', 'behaviour', 'statement',
    'fund_report', 'collection', 'member_grade', 'grade_map', 'dealer'])[kind - 5];
comment on function cix.fact_name is 'Name of a kind of fact. Not granted to anyone.';

-- cix.fact_is_current: whether a version is the latest of its fact, and not a deletion.
create or replace function cix.fact_is_current(subject bigint, fact bigint, record bigint)
returns boolean language sql stable
begin atomic
    select coalesce((select f.record_id = record and not f.is_deleted from cix.fact f
        where f.subject_id = subject and f.fact_id = fact
        order by f.record_id desc limit 1), false);
end;
comment on function cix.fact_is_current is 'Whether a version of a fact counts. Not granted to anyone.';

-- cix.fact_documents: whom public records are about. An unknown identifier makes a subject of the
-- name, as a listing does. Few and precious: one after the other, in the order of lookups.
-- Answers one item each: the subject, 0 when it is known by other names alone (S016), null for what
-- is no public record or is to be deleted.
create or replace function cix.fact_documents(
    caller int, at timestamptz, kinds smallint[], actions smallint[], subject_ids bigint[],
    subject_kinds smallint[], birth_years smallint[], lookups bytea[], types smallint[],
    identifier_ids bigint[], identifiers bytea[], name_indexes bytea[], name_ids bigint[],
    names bytea[])
returns bigint[] language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
declare
    answer bigint[] := array_fill(null::bigint, array[cardinality(kinds)]);
    owner_id bigint;
    n int;
begin
    for n in select g.place
        from unnest(kinds, actions, lookups) with ordinality as g (kind, action, lookup, place)
        where g.kind = 8 and g.action <> 2
        order by g.lookup, g.place
    loop
        owner_id := cix.subject_owner(subject_ids[n], lookups[n], types[n], at);
        if owner_id = subject_ids[n] then
            insert into cix.subject (subject_id, kind, birth_year, region, recorded_at)
            values (owner_id, subject_kinds[n], birth_years[n], '', at);
            insert into cix.subject_identifier (
                subject_id, lookup, member_id, record_id, type, sealed_value, recorded_at)
            values (owner_id, lookups[n], caller, identifier_ids[n], types[n], identifiers[n], at);
            insert into cix.subject_name (
                subject_id, name_index, member_id, record_id, sealed_name, recorded_at)
            values (owner_id, name_indexes[n], caller, name_ids[n], names[n], at);
        else
            select case when exists (
                select from cix.subject_name m
                where m.subject_id = any (array[s.subject_id, s.alias_of])
                    and m.name_index = name_indexes[n])
                or cix.name_is_accepted(lookups[n], name_indexes[n])
                then coalesce(s.alias_of, s.subject_id) else 0 end
            into owner_id
            from cix.subject s where s.subject_id = owner_id;
        end if;
        answer[n] := coalesce(owner_id, 0);
    end loop;
    return answer;
end;
$$;
comment on function cix.fact_documents is 'Resolves the subjects of public records. Not granted to anyone.';

-- cix.fact_documents_forget: subjects that this transaction made for public records, none of which was taken; but who
--   answers for an account by another record of the chunk stays.
create or replace function cix.fact_documents_forget(candidates bigint[])
returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off
as $$
declare
    unused bigint[] := array(
        select s.subject_id from unnest(candidates) as g (subject_id)
            join cix.subject as s on s.subject_id = g.subject_id
        where not exists (select from cix.fact as f where f.subject_id = s.subject_id)
            and not exists (select from cix.liability as l where l.subject_id = s.subject_id));
begin
    if unused = '{}' then
        return;
    end if;
    with gone as (
        delete from cix.subject_identifier as i where i.subject_id = any (unused) returning i.lookup
    )
    delete from cix.identifier as i using gone as g where i.lookup = g.lookup;
    delete from cix.subject_name as n where n.subject_id = any (unused);
    delete from cix.subject as s where s.subject_id = any (unused);
end;
$$;
comment on function cix.fact_documents_forget is 'Forgets subjects that no public record names. Not granted to anyone.';

-- cix.fact_content_put: the content of versions, into the tables of their kinds.
create or replace function cix.fact_content_put(written cix.fact_item[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    kinds smallint[] := array(select distinct i.kind from unnest(written) as i where i.action <> 2);
    contents jsonb[] := array(
        select i.content || jsonb_build_object('kind', i.kind, 'subject_id', i.subject_id,
            'fact_id', i.fact_id, 'record_id', i.record_id, 'party_subject_id', i.party_id)
        from unnest(written) as i where i.action <> 2 order by i.subject_id, i.fact_id);
begin
    if 6 = any (kinds) then
        insert into cix.account_event select c.* from unnest(contents) as i (content)
            cross join lateral jsonb_populate_record(null::cix.account_event, i.content) as c
        where i.content ->> 'kind' = '6';
    end if;
    if 7 = any (kinds) then
        insert into cix.party select c.* from unnest(contents) as i (content)
            cross join lateral jsonb_populate_record(null::cix.party, i.content) as c
        where i.content ->> 'kind' = '7';
    end if;
    if 8 = any (kinds) then
        insert into cix.public_record select c.* from unnest(contents) as i (content)
            cross join lateral jsonb_populate_record(null::cix.public_record, i.content) as c
        where i.content ->> 'kind' = '8';
    end if;
    if 9 = any (kinds) then
        insert into cix.fraud_case select c.* from unnest(contents) as i (content)
            cross join lateral jsonb_populate_record(null::cix.fraud_case, i.content) as c
        where i.content ->> 'kind' = '9';
    end if;
    if 10 = any (kinds) then
        insert into cix.behaviour select c.* from unnest(contents) as i (content)
            cross join lateral jsonb_populate_record(null::cix.behaviour, i.content) as c
        where i.content ->> 'kind' = '10';
    end if;
    if 11 = any (kinds) then
        insert into cix.statement select c.* from unnest(contents) as i (content)
            cross join lateral jsonb_populate_record(null::cix.statement, i.content) as c
        where i.content ->> 'kind' = '11';
    end if;
    if 12 = any (kinds) then
        insert into cix.fund_report select c.* from unnest(contents) as i (content)
            cross join lateral jsonb_populate_record(null::cix.fund_report, i.content) as c
        where i.content ->> 'kind' = '12';
    end if;
    if 13 = any (kinds) then
        insert into cix.collection select c.* from unnest(contents) as i (content)
            cross join lateral jsonb_populate_record(null::cix.collection, i.content) as c
        where i.content ->> 'kind' = '13';
    end if;
    if 14 = any (kinds) then
        insert into cix.member_grade select c.* from unnest(contents) as i (content)
            cross join lateral jsonb_populate_record(null::cix.member_grade, i.content) as c
        where i.content ->> 'kind' = '14';
    end if;
    if 15 = any (kinds) then
        insert into cix.grade_map select c.* from unnest(contents) as i (content)
            cross join lateral jsonb_populate_record(null::cix.grade_map, i.content) as c
        where i.content ->> 'kind' = '15';
    end if;
    if 16 = any (kinds) then
        insert into cix.dealer select c.* from unnest(contents) as i (content)
            cross join lateral jsonb_populate_record(null::cix.dealer, i.content) as c
        where i.content ->> 'kind' = '16';
    end if;
end;
$$;
comment on function cix.fact_content_put is 'Writes the content of facts. Not granted to anyone.';

-- cix.fact_consented: whether a consent to the member is in force and covers a data class.
create or replace function cix.fact_consented(
    p_lookup bytea, caller int, consent uuid, class int, today date)
returns boolean language sql stable
begin atomic
    select exists (
        select from cix.consent v
        where v.lookup = p_lookup and v.member_id = caller and v.consent_id = consent
            and v.data_classes & class = class and not v.is_revoked
            and today between v.effective_on and v.expires_on
            and (v.scope_index is null
                or cix.consent_scope_holds(v.lookup, v.member_id, v.scope_index, today))
            and not exists (
                select from cix.consent n
                where n.lookup = v.lookup and n.member_id = v.member_id
                    and n.consent_id = v.consent_id
                    and (n.is_revoked or n.record_id > v.record_id)));
end;
comment on function cix.fact_consented is 'Whether a consent covers. Not granted to anyone.';

-- cix.fact_credit_faults: what the account says about events, parties and collection.
--   A021: before the account was opened. A012: the party is the borrower. A013: liable for more
--   than was lent.
create or replace function cix.fact_credit_faults(items cix.fact_item[])
returns setof cix.fact_fault language sql stable
begin atomic
    select i.place, 'A021'::text, 2::smallint,
        case i.kind when 6 then 'happened_on' else 'started_on' end, 0::smallint, null::bigint,
        null::bigint
    from unnest(items) as i
        join cix.account a on a.subject_id = i.subject_id and a.account_id = i.account_id
    where i.kind in (6, 13)
        and coalesce(i.content ->> 'happened_on', i.content ->> 'started_on')::date < a.opened_on
    union all
    select i.place, 'A012', 2, 'identifier', 0, null, null
    from unnest(items) as i
    where i.kind = 7 and i.party_id = i.subject_id
    union all
    select i.place, 'A013', 4, 'liability_amount', 0, null, null
    from unnest(items) as i
        join cix.account a on a.subject_id = i.subject_id and a.account_id = i.account_id
    where i.kind = 7 and not (i.content ->> 'is_joint')::boolean
        and (i.content ->> 'liability_amount')::bigint
            > greatest(a.original_amount, a.credit_limit);
end;
comment on function cix.fact_credit_faults is 'Rules of facts about accounts. Not granted to anyone.';

-- cix.fact_subject_faults: consents, and the month before.
--   A024: a person's statement without a consent. B002: behaviour without one. B003 (quarantine):
--   more than ten times the month before, or less than a tenth.
create or replace function cix.fact_subject_faults(caller int, today date, items cix.fact_item[])
returns setof cix.fact_fault language sql stable
begin atomic
    select i.place, 'A024'::text, 2::smallint, 'consent_id', 0::smallint, null::bigint, null::bigint
    from unnest(items) as i
        join cix.subject s on s.subject_id = i.subject_id
    where i.kind = 11 and s.kind = 1
        and not cix.fact_consented(i.lookup, caller, (i.content ->> 'consent_id')::uuid, 2, today)
    union all
    select i.place, 'B002', 2, 'consent_id', 0, null, null
    from unnest(items) as i
    where i.kind = 10
        and not cix.fact_consented(i.lookup, caller, (i.content ->> 'consent_id')::uuid, 32, today)
    union all
    select i.place, 'B003', 3, 'transaction_amount', 0, null, null
    from unnest(items) as i
        join cix.behaviour b on b.subject_id = i.subject_id
            and b.period = (i.content ->> 'period')::int - 1
            and b.role = (i.content ->> 'role')::smallint
            and b.currency = i.content ->> 'currency'
        join cix.fact f on f.subject_id = b.subject_id and f.fact_id = b.fact_id
            and f.record_id = b.record_id and f.member_id = caller and f.origin = i.origin
    where i.kind = 10 and i.action = 0
        and ((i.content ->> 'transaction_amount')::numeric > 10 * b.transaction_amount::numeric
            or (i.content ->> 'transaction_amount')::numeric * 10 < b.transaction_amount)
        and cix.fact_is_current(b.subject_id, b.fact_id, b.record_id);
end;
comment on function cix.fact_subject_faults is 'Rules of facts about subjects. Not granted to anyone.';

-- cix.fact_member_faults: G005: a grade would mean two things on a day.
create or replace function cix.fact_member_faults(items cix.fact_item[])
returns setof cix.fact_fault language sql stable
begin atomic
    select i.place, 'G005'::text, 2::smallint, 'from_on', 0::smallint, null::bigint, null::bigint
    from unnest(items) as i
    where i.kind = 15 and exists (
        select from cix.grade_map m
            join cix.fact f on f.subject_id = m.subject_id and f.fact_id = m.fact_id
                and f.record_id = m.record_id and f.origin = i.origin
        where m.subject_id = i.subject_id and m.grade = i.content ->> 'grade'
            and m.from_on <> (i.content ->> 'from_on')::date
            and m.from_on <= coalesce((i.content ->> 'until_on')::date, 'infinity')
            and coalesce(m.until_on, 'infinity') >= (i.content ->> 'from_on')::date
            and cix.fact_is_current(m.subject_id, m.fact_id, m.record_id));
end;
comment on function cix.fact_member_faults is 'Rules of grades. Not granted to anyone.';

-- cix.fact_fund_standing: the reports on the platforms of items, in their currencies; every version.
create or replace function cix.fact_fund_standing(items cix.fact_item[])
returns setof cix.fund_report language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off
begin atomic
    select r from cix.fund_report as r
    where r.subject_id = any (array(select distinct i.subject_id from unnest(items) as i where i.kind = 12))
        and r.currency = any (array(
            select distinct i.content ->> 'currency' from unnest(items) as i where i.kind = 12));
end;
comment on function cix.fact_fund_standing is 'Fund reports beside those of items. Not granted to anyone.';

-- cix.fact_fund_compared: fund reports beside those that stand. All versions of these are compared first; which of
-- them count is asked of those alone that differ.
--   U004: platform and custodian name different custody accounts, or differ in what lies there by more than 0.1 %;
--   a field that a side leaves out it does not know. Told is the account, else the largest difference; both reports are kept. U006: a cumulative figure below an earlier month's or above a later one's. U008: a custodian that the
--   platform has named in no report of its own, whatever became of that report since.
create or replace function cix.fact_fund_compared(caller int, items cix.fact_item[])
returns setof cix.fact_fault language sql stable
begin atomic
    with given as materialized (
        select i.place, i.origin, i.action, r.* from unnest(items) as i
            cross join lateral jsonb_populate_record(null::cix.fund_report,
                i.content || jsonb_build_object('subject_id', i.subject_id)) as r
        where i.kind = 12
    ), standing as materialized (
        select r.* from cix.fact_fund_standing(items) as r
    ), falling as materialized (
        select g.place, g.origin, v.field, r.subject_id, r.fact_id, r.record_id
        from given as g
            join standing as r on r.currency = g.currency and r.side = g.side
                and r.period <> g.period and r.subject_id = g.subject_id
            cross join lateral (values
                ('lenders_cumulative', g.lenders_cumulative, r.lenders_cumulative),
                ('borrowers_cumulative', g.borrowers_cumulative, r.borrowers_cumulative),
                ('cumulative_amount', g.cumulative_amount, r.cumulative_amount),
                ('cumulative_count', g.cumulative_count, r.cumulative_count))
                as v (field, own, other)
        where case when r.period < g.period then v.own < v.other else v.own > v.other end
    ), differing as materialized (
        select g.place, v.field, v.own, v.other, r.subject_id, r.fact_id, r.record_id
        from given as g
            join standing as r on r.period = g.period and r.currency = g.currency
                and r.side = 3 - g.side and r.custodian_id = g.custodian_id
                and r.subject_id = g.subject_id
            cross join lateral (values
                ('custody_account', '' not in (g.custody_account, r.custody_account)
                    and g.custody_account <> r.custody_account, null::bigint, null::bigint),
                ('segregation', nullif(g.segregation, 0) <> nullif(r.segregation, 0), null, null),
                ('client_liability', false, g.client_liability, r.client_liability),
                ('custody_balance', false, g.custody_balance, r.custody_balance),
                ('own_funds_balance', false, g.own_funds_balance, r.own_funds_balance),
                ('in_transit', false, g.in_transit, r.in_transit),
                ('guarantee_fund_balance', false, g.guarantee_fund_balance, r.guarantee_fund_balance),
                ('compensation_amount', false, g.compensation_amount, r.compensation_amount))
                as v (field, is_other, own, other)
        where v.is_other or abs(v.own - v.other)::numeric * 1000 > greatest(v.own, v.other)
    )
    select distinct b.place, 'U006'::text, 2::smallint, b.field, 0::smallint, null::bigint, null::bigint
    from falling as b
        join cix.fact as f on f.subject_id = b.subject_id and f.fact_id = b.fact_id
            and f.record_id = b.record_id and f.member_id = caller and f.origin = b.origin
    where cix.fact_is_current(b.subject_id, b.fact_id, b.record_id)
    union all
    select d.place, 'U004', 4, d.field, 4, d.own, d.other
    from (
        select distinct on (b.place) b.place, b.field, b.own, b.other
        from differing as b
        where cix.fact_is_current(b.subject_id, b.fact_id, b.record_id)
        order by b.place, b.own is not null, abs(b.own - b.other) desc, b.field) as d
    union all
    select g.place, 'U008', 2, 'custodian_code', 0, null, null
    from given as g
    where g.side = 2 and g.action <> 2 and not exists (
        select from cix.fund_report as r
        where r.subject_id = g.subject_id and r.side = 1 and r.custodian_id = g.custodian_id);
end;
comment on function cix.fact_fund_compared is 'Rules of fund reports beside others. Not granted to anyone.';

-- cix.fact_fund_faults: what a fund report shows by itself.
--   U002: client money is not kept apart: refused, and a finding all the same. U001, U003: the
--   member was told by the server; here they become findings.
create or replace function cix.fact_fund_faults(items cix.fact_item[])
returns setof cix.fact_fault language sql stable
begin atomic
    select i.place, 'U002'::text, 2::smallint, 'segregation', 2::smallint, null::bigint, null::bigint
    from unnest(items) as i
        cross join lateral jsonb_populate_record(null::cix.fund_report, i.content) as r
    where i.kind = 12 and r.side = 1
        and (r.segregation <> 1 or r.custody_account <> '' and r.custody_account = r.own_funds_account)
    union all
    select i.place, 'U001', 0, '', 1, r.custody_balance + coalesce(r.in_transit, 0), r.client_liability
    from unnest(items) as i
        cross join lateral jsonb_populate_record(null::cix.fund_report, i.content) as r
    where i.kind = 12 and r.custody_balance + coalesce(r.in_transit, 0) < r.client_liability
    union all
    select i.place, 'U003', 0, '', 3, r.guarantee_fund_balance,
        trunc(r.loans_outstanding::numeric * r.guarantee_required_bps / 10000)::bigint
    from unnest(items) as i
        cross join lateral jsonb_populate_record(null::cix.fund_report, i.content) as r
    where i.kind = 12 and r.guarantee_fund_balance
        < trunc(r.loans_outstanding::numeric * r.guarantee_required_bps / 10000);
end;
comment on function cix.fact_fund_faults is 'Rules and findings of fund reports. Not granted to anyone.';

-- cix.fact_faults: every rule of the store that facts of one turn break.
create or replace function cix.fact_faults(caller int, today date, items cix.fact_item[])
returns cix.fact_fault[] language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
declare
    kinds smallint[] := array(select distinct i.kind from unnest(items) as i);
    answer cix.fact_fault[] := '{}';
begin
    if kinds && '{6, 7, 13}' then
        answer := answer || array(select f from cix.fact_credit_faults(items) as f);
    end if;
    if kinds && '{10, 11}' then
        answer := answer || array(select f from cix.fact_subject_faults(caller, today, items) as f);
    end if;
    if kinds && '{12, 15}' then
        answer := answer || array(select f from cix.fact_member_faults(items) as f)
            || array(select f from cix.fact_fund_compared(caller, items) as f)
            || array(select f from cix.fact_fund_faults(items) as f);
    end if;
    return answer;
end;
$$;
comment on function cix.fact_faults is 'Rules of the store for facts. Not granted to anyone.';

-- cix.fact_findings: the findings of one turn. Those that stood of the same facts are put right by
-- what was written now in their place; so is a difference with the other side's report of the month
-- between the same two. A report that was refused (U002) left no fact: the platform's next of that month and
-- currency puts it right. What is taken back puts nothing right.
create or replace function cix.fact_findings(
    caller int, submission uuid, at timestamptz, items cix.fact_item[], written cix.fact_item[],
    faults cix.fact_fault[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update cix.finding as f set state = 2
    from unnest(written) as w
    where w.kind = 12 and w.action <> 2 and f.subject_id = w.subject_id and f.state = 1
        and case when f.kind in (1, 3) then f.fact_id = w.fact_id
            when f.kind = 2 then (w.content ->> 'side')::int = 1 and f.reporter_id = caller
                and f.currency = w.content ->> 'currency'
                and f.period = (w.content ->> 'period')::int
            when f.kind = 4 then f.currency = w.content ->> 'currency'
                and f.period = (w.content ->> 'period')::int
                and (w.content ->> 'custodian_id')::int = (
                    select r.custodian_id from cix.fund_report as r
                    where r.subject_id = f.subject_id and r.fact_id = f.fact_id
                        and r.record_id = f.finding_id) end;
    perform cix.finding_put(at, submission, array_agg(i.subject_id), array_agg(i.record_id),
        array_agg(t.finding), array_agg(t.rule), array_agg(i.subject_id::int),
        array_agg(w.fact_id), array_agg((i.content ->> 'period')::int),
        array_agg(i.content ->> 'currency'), array_agg(t.measured), array_agg(t.bound), caller,
        array_agg(case when t.finding = 4 then t.field end))
    from unnest(faults) as t
        join unnest(items) as i on i.place = t.place
        left join unnest(written) as w on w.place = t.place
    where t.finding > 0 and (w.place is not null or t.severity = 2);
end;
$$;
comment on function cix.fact_findings is 'Writes what fund reports show. Not granted to anyone.';

-- cix.fact_hold: what facts are judged by stays until this transaction ends. Accounts, whose months are judged by
-- facts in turn, are locked as for a month; so are, for behaviour, the caller's names of the subject, one month of
-- which is judged by another; the other facts keep those names.
create or replace function cix.fact_hold(
    caller int, kinds smallint[], lookups bytea[], account_indexes bytea[])
returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
begin
    if kinds && '{6, 7, 13}' then
        perform from unnest(account_indexes) as g (account_index)
            cross join lateral (
                select k.subject_id, k.account_id from cix.account_key as k
                where k.member_id = caller and k.account_index = g.account_index
                offset 0) as k -- offset 0: looked up by the whole key, one by one
            join cix.account as a on a.subject_id = k.subject_id and a.account_id = k.account_id
        order by a.subject_id, a.account_id
        for no key update of a;
    end if;
    if 10 = any (kinds) then
        perform from cix.subject_name as n
        where n.member_id = caller and n.subject_id = any (array(
            select i.subject_id from unnest(kinds, lookups) as g (kind, lookup)
                join cix.identifier as i on i.lookup = g.lookup
            where g.kind = 10))
        order by n.subject_id, n.name_index
        for no key update;
    end if;
    perform cix.subject_names_hold(caller, lookups);
end;
$$;
comment on function cix.fact_hold is 'Keeps what facts are judged by. Not granted to anyone.';

-- cix.fact_place: under whom each fact stands, and the first rule that this breaks. One item each.
--   M001: the account is not known. A022: the caller gave no subject with the identifier; whether
--   others did, it does not learn (account_put). S016: a document's name is another, which is in
--   doubt then (kind 3). A fact that is to be deleted
--   stands where its key says. Facts that speak of each other (months of one role and currency, reports in one
--   currency, days of one grade) go one by one, as do those of one key; all others share turns. A deletion does
--   not say of which it is: beside others of its kind it waits for all of its subject.
create or replace function cix.fact_place(
    caller int, lines int[], kinds smallint[], key_indexes bytea[], content_indexes bytea[],
    fact_ids bigint[], record_ids bigint[], lookups bytea[], account_indexes bytea[],
    member_ids int[], documents bigint[], contents text[], sealed_texts bytea[], origins text[],
    actions smallint[], reasons smallint[], sealed_notes bytea[])
returns cix.fact_item[] language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
begin atomic
    with found as materialized (
        select g.*, k.account_id, w.subject_id as named,
            case when g.kind in (6, 7, 13) then k.subject_id when g.kind = 8 then nullif(g.document, 0)
                when g.kind in (12, 15, 16) then g.member_id else w.subject_id end as subject_id
        from unnest(lines, kinds, key_indexes, content_indexes, fact_ids, record_ids, lookups,
            account_indexes, member_ids, documents, contents, sealed_texts, origins, actions,
            reasons, sealed_notes) with ordinality
            as g (line, kind, key_index, content_index, fact_id, record_id, lookup, account_index,
                member_id, document, content, sealed_text, origin, action, reason, sealed_note,
                place)
            left join lateral (
                select a.subject_id, a.account_id from cix.account_key a
                where a.member_id = caller and a.account_index = g.account_index
                offset 0) as k on true
            left join lateral (
                select coalesce(s.alias_of, s.subject_id) as subject_id
                from cix.identifier i
                    join cix.subject s on s.subject_id = i.subject_id
                where i.lookup = g.lookup and g.kind <> 8 and exists (
                    select from cix.subject_name n
                    where n.subject_id = any (array[s.subject_id, s.alias_of])
                        and n.member_id = caller
                        and coalesce(n.identifier_head = cix.lookup_head(g.lookup), true))
                offset 0) as w on true
    ), turned as (
        select f.*, row_number() over (partition by f.kind, f.circle order by f.place) as turn
        from (
            select f.*, case
                when f.kind not in (10, 12, 15) or bool_and(f.action = 2) over of_kind
                    then encode(f.key_index, 'hex')
                when bool_or(f.action = 2) over of_kind then f.subject_id::text
                else concat_ws(' ', f.subject_id, c.content ->> 'role', c.content ->> 'currency',
                    c.content ->> 'grade') end as circle
            from found as f
                cross join lateral (select f.content::jsonb as content offset 0) as c
            window of_kind as (partition by f.kind)) as f
    )
    select array_agg(row(f.place, f.turn, f.line, f.kind, f.key_index, f.content_index, f.fact_id,
            f.record_id, f.subject_id,
            f.account_id, case when f.kind = 7 then f.named end, f.lookup, f.content::jsonb,
            f.sealed_text, f.origin, f.action, f.reason, f.sealed_note,
            case when f.action = 2 then null
                when f.kind in (6, 7, 13) and f.account_id is null then 'M001'
                when f.kind in (7, 9, 10, 11, 14) and f.named is null then 'A022'
                when f.kind = 8 and f.subject_id is null then 'S016' end,
            null::bigint, null::bigint)::cix.fact_item order by f.place)
    from turned as f;
end;
comment on function cix.fact_place is 'Finds under whom facts stand. Not granted to anyone.';

-- cix.fact_write: versions of facts whose keys are locked: the spine, the content, where a party is
-- liable, and the bits of the subjects. A fact that moved to another subject is deleted under the
-- one before. A correction ends disputes on the fact.
create or replace function cix.fact_write(
    caller int, submission uuid, chunk_number int, at timestamptz, written cix.fact_item[])
returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
begin
    insert into cix.fact (
        subject_id, fact_id, record_id, member_id, kind, account_id, origin, content_index,
        sealed_text, is_deleted, supersedes, reason, sealed_note, submission_id, chunk, line,
        recorded_at)
    select v.subject_id, w.fact_id, w.record_id, caller, w.kind, w.account_id, w.origin,
        w.content_index, case when not v.is_deleted then w.sealed_text end, v.is_deleted,
        w.supersedes, w.reason, case when not v.is_moved then w.sealed_note end, submission,
        chunk_number, w.line, at
    from unnest(written) as w
        cross join lateral (
            select w.subject_id, w.action = 2 as is_deleted, false as is_moved
            union all
            select w.old_subject_id, true, true where w.old_subject_id <> w.subject_id) as v
    order by v.subject_id, w.fact_id, w.record_id;
    perform cix.rating_touch(array(
        select u.id from unnest(written) as w
            cross join unnest(array[w.subject_id, w.old_subject_id]) as u (id)));
    perform cix.fact_content_put(written);
    -- Rule T004: a fact that was put right has no open dispute any more, nor has one that moved away.
    update cix.annotation as a
    set ended_at = at, ended_by = caller, outcome = 2, before_id = w.supersedes, after_id = w.record_id
    from (select i.* from unnest(written) as i where i.action <> 0) as w
    where a.subject_id = any (array[w.subject_id, w.old_subject_id]
            || cix.mark_parties(w.old_subject_id, w.fact_id)) and a.target = 6
        and a.target_id = w.fact_id and a.holder_id = caller and a.kind = 1 and a.ended_at is null;
    update cix.fact_key as k set subject_id = w.subject_id
    from (select i.* from unnest(written) as i where i.subject_id <> i.old_subject_id offset 0) as w
    where k.member_id = caller and k.kind = w.kind and k.key_index = w.key_index
        and k.subject_id <> w.subject_id;
    insert into cix.liability (subject_id, fact_id, owner_subject_id, recorded_at)
    select w.party_id, w.fact_id, w.subject_id, at
    from unnest(written) as w where w.kind = 7 and w.action <> 2
    order by w.party_id, w.fact_id
    on conflict do nothing;
    -- In the order of their keys: subjects are locked by many.
    perform from cix.subject as s
        where s.subject_id = any (array(
            select v.subject_id from unnest(written) as w
                cross join lateral (values (w.subject_id, w.kind), (w.party_id, 0)) as v (subject_id, bit)
            join cix.subject as t on t.subject_id = v.subject_id and t.facts >> v.bit & 1 = 0))
        order by s.subject_id for no key update;
    update cix.subject as s set facts = s.facts | g.bits
    from (
        select v.subject_id, bit_or(1 << v.bit) as bits
        from unnest(written) as w
            cross join lateral (values (w.subject_id, w.kind), (w.party_id, 0)) as v (subject_id, bit)
        group by v.subject_id) as g
    where s.subject_id = g.subject_id and s.facts & g.bits <> g.bits;
end;
$$;
comment on function cix.fact_write is 'Writes versions of facts. Not granted to anyone.';

-- cix.fact_put: facts of the caller. kinds: numbers of the records. content: what the kind's table
-- holds, as JSON. content_indexes: keyed digest of everything, sealed texts included. member_ids: the
-- member that a fact without a person is about. actions: 0 none, 1 replace, 2 delete (then only the
-- key counts). subject_ids to names: of a public record, whose subject may be new; else null.
--   K001: nothing is known under the key that is to be put right. K003: other content is known under
--   the key, unless the submission that it came with was taken back. The others as the functions above say.
create or replace function cix.fact_put(
    caller int, submission uuid, chunk_number int, at timestamptz, today date,
    lines int[], kinds smallint[], key_indexes bytea[], content_indexes bytea[], fact_ids bigint[],
    record_ids bigint[], lookups bytea[], account_indexes bytea[], member_ids int[],
    contents text[], sealed_texts bytea[], origins text[], actions smallint[], reasons smallint[],
    sealed_notes bytea[], subject_ids bigint[], subject_kinds smallint[], birth_years smallint[],
    types smallint[], identifier_ids bigint[], identifiers bytea[], name_indexes bytea[],
    name_ids bigint[], names bytea[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    items cix.fact_item[]; -- in the order of their turns
    ends int[]; -- of the turns
    turn cix.fact_item[]; -- those of one
    mine cix.fact_item[]; -- of these what no rule refused yet
    written cix.fact_item[];
    faults cix.fact_fault[];
    broken cix.fact_fault[];
begin
    if not cix.submission_is_open(caller, submission, chunk_number,
        (select bit_or(cix.fact_class(g.kind)) from unnest(kinds) as g (kind)), 0)
    then
        return;
    end if;
    perform cix.fact_hold(caller, kinds, lookups, account_indexes);
    items := cix.fact_place(caller, lines, kinds, key_indexes, content_indexes, fact_ids,
        record_ids, lookups, account_indexes, member_ids,
        cix.fact_documents(caller, at, kinds, actions, subject_ids, subject_kinds, birth_years,
            lookups, types, identifier_ids, identifiers, name_indexes, name_ids, names),
        contents, sealed_texts, origins, actions, reasons, sealed_notes);
    -- Facts of a member speak of each other: one chunk about a member after the other.
    perform pg_advisory_xact_lock(k.key)
    from (select distinct hashtextextended('cix.fact', i.subject_id) as key
        from unnest(items) as i where i.kind in (12, 15) order by key) as k;
    broken := array(
        select row(i.place, i.rule, case i.rule when 'S016' then 3 else 2 end,
            case i.rule when 'M001' then 'account_no' when 'S016' then 'name' else 'identifier' end,
            0, null, null)::cix.fact_fault
        from unnest(items) as i where i.rule is not null);
    items := array(select i from unnest(items) as i order by i.turn, i.kind, i.key_index);
    ends := array(
        select sum(count(*)) over (order by i.turn) from unnest(items) as i
        group by i.turn order by i.turn);
    for now in 1 .. cardinality(ends) loop
        turn := items[coalesce(ends[now - 1], 0) + 1 : ends[now]];
        mine := array(select i from unnest(turn) as i where i.rule is null);
        faults := array(
            select f from unnest(cix.fact_faults(caller, today, array(
                select i from unnest(mine) as i where i.action <> 2))) as f
                join unnest(mine) as i on i.place = f.place
            where f.severity <> 3
                or not cix.quarantine_waives(caller, submission, chunk_number, i.line, f.rule));
        broken := broken || faults;
        mine := array(
            select i from unnest(mine) as i
            where not exists (
                select from unnest(faults) as f
                where f.place = i.place and f.severity between 1 and 3)
            order by i.kind, i.key_index);
        insert into cix.fact_key (member_id, kind, key_index, subject_id, fact_id, recorded_at)
        select caller, i.kind, i.key_index, i.subject_id, i.fact_id, at
        from unnest(mine) as i where i.action = 0
        on conflict do nothing;
        perform from cix.fact_key as k
        where k.ctid = any (array(
            select l.at from unnest(mine) as i
                cross join lateral (
                    select f.ctid as at from cix.fact_key as f
                    where f.member_id = caller and f.kind = i.kind and f.key_index = i.key_index
                    offset 0) as l))
        order by k.kind, k.key_index
        for no key update;
        -- Of each the version that counts now.
        mine := array(
            select row(i.place, i.turn, i.line, i.kind, i.key_index, i.content_index,
                coalesce(k.fact_id, i.fact_id), i.record_id,
                case when i.action = 2 then k.subject_id else i.subject_id end,
                case when i.action = 2 then old.account_id else i.account_id end, i.party_id,
                i.lookup, i.content, i.sealed_text, i.origin, i.action, i.reason, i.sealed_note,
                case when old.record_id is null then case when i.action <> 0 then 'K001' end
                    when i.action = 0 and old.is_deleted and old.restored_by is not null then null
                    when i.action = 0
                        and (old.is_deleted or old.content_index <> i.content_index) then 'K003'
                    when case i.action when 2 then old.is_deleted
                        else not old.is_deleted and old.content_index = i.content_index end
                        then '' end,
                k.subject_id, old.record_id)::cix.fact_item
            from unnest(mine) as i
                left join lateral (
                    select f.subject_id, f.fact_id from cix.fact_key as f
                    where f.member_id = caller and f.kind = i.kind and f.key_index = i.key_index
                    offset 0) as k on true -- offset 0: looked up by the whole key, one by one
                left join lateral (
                    select f.record_id, f.is_deleted, f.content_index, f.account_id, f.restored_by
                    from cix.fact as f
                    where f.subject_id = k.subject_id and f.fact_id = k.fact_id
                    order by f.record_id desc limit 1) as old on true);
        broken := broken || array(
            select row(i.place, i.rule, 2, case i.rule when 'K001' then 'correction' else 'record' end,
                0, null, null)::cix.fact_fault
            from unnest(mine) as i where i.rule in ('K001', 'K003'));
        written := array(select i from unnest(mine) as i where i.rule is null);
        perform cix.version_follow(w.supersedes, w.record_id) from unnest(written) as w;
        perform cix.fact_write(caller, submission, chunk_number, at, written);
        perform cix.alias_note_facts(written);
        perform cix.name_take(caller, w.subject_id, w.lookup, name_indexes[w.place], name_ids[w.place],
            names[w.place], at)
        from unnest(written) as w where w.kind = 8 and w.action <> 2;
        if 12 = any (kinds) then
            perform cix.fact_findings(caller, submission, at, turn, written, faults);
        end if;
    end loop;
    if 8 = any (kinds) then
        perform cix.fact_documents_forget(subject_ids);
        perform cix.conflict_keep(caller, submission, chunk_number, at, 3::smallint,
            array_agg(i.line), array_agg(i.record_id), array_agg(i.lookup),
            array_agg(null::smallint), array_agg(name_indexes[i.place]))
        from unnest(items) as i where i.rule = 'S016';
    end if;
    -- One verdict a record and rule.
    broken := array(
        select distinct on (t.place, t.rule) t from unnest(broken) as t
        where t.severity > 0 order by t.place, t.rule, t.field);
    return query
        select i.line, b.rule, b.severity,
            case when b.field in ('record', 'correction') then b.field
                else cix.fact_name(i.kind) || '.' || b.field end, ''
        from unnest(broken) as b
            join unnest(items) as i on i.place = b.place;
    perform cix.submission_verdict_put(caller, submission, chunk_number, at, array_agg(i.line),
        array_agg(b.rule), array_agg(b.severity),
        array_agg(case when b.field in ('record', 'correction') then b.field
            else cix.fact_name(i.kind) || '.' || b.field end), array_agg(''::text))
    from unnest(broken) as b
        join unnest(items) as i on i.place = b.place;
end;
$$;
comment on function cix.fact_put is 'Takes facts of an open chunk. Granted to cix_submit.';
