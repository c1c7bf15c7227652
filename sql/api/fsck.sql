-- The check of a whole database, and the mending of what is derived: cixd fsck on the owner's
-- connection, granted to no role. Findings name rows by ids, never by what they say of a person.
--
-- Each fsck_ function answers at most p_limit rows a part, and in found how many there are of it. They
-- read whole tables with hashes and sorts that go to temporary files, and lock nothing: the caller
-- gives all of them one snapshot.

-- cix.fsck_freeze: the subjects whose freeze is not that of their protections, and what it should be.
create or replace function cix.fsck_freeze()
returns table (subject_id bigint, freeze_level smallint, freeze_from date, freeze_to date)
language sql stable
begin atomic
    select s.subject_id, (case when p.subject_id is null then 0 else 1 end)::smallint, p.from_on,
        p.until_on
    from cix.subject as s
        left join (
            select p.subject_id, min(p.from_on) as from_on,
                case when bool_and(p.until_on is not null) then max(p.until_on) end as until_on
            from cix.protection as p
            where p.kind = 2 and p.ended_at is null
            group by p.subject_id) as p on p.subject_id = s.subject_id
    where (s.freeze_level = 1, s.freeze_from, s.freeze_to)
        is distinct from (p.subject_id is not null, p.from_on, p.until_on);
end;
comment on function cix.fsck_freeze() is 'Subjects with another freeze than their protections. Owner only.';

-- cix.fsck_derived: where accounts and roll-ups differ from what performance_delta and
--   account_version give (rebuild.sql), and freezes. member_id, submission_id and chunk are null.
create or replace function cix.fsck_derived(p_limit int)
returns table (part text, found bigint, subject_id bigint, key_id bigint, period int,
    member_id int, submission_id uuid, chunk int)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set enable_nestloop = off set work_mem = '32MB'
as $$
#variable_conflict use_column
begin
    return query
    select r.part, r.found, r.subject_id, r.key, r.period, null::int, null::uuid, null::int
    from (select c.part, c.subject_id, c.key, c.period,
            count(*) over (partition by c.part) as found,
            row_number() over (partition by c.part) as place
        from (select c.part, c.subject_id, c.key, c.period from cix.rebuild_check() as c
            union all
            select 'subject_freeze', f.subject_id, null, null from cix.fsck_freeze() as f) as c) as r
    where r.place <= p_limit;
end;
$$;
comment on function cix.fsck_derived is 'Derived rows that differ. Owner only.';

-- cix.alias_has_rest: whether anything stands under an alias that a merge should have moved. Of facts a deletion
--   stays that one left behind when it went to the survivor, and what waits below zero.
create or replace function cix.alias_has_rest(alias bigint, survivor bigint)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select exists (select from cix.account_key as t where t.subject_id = alias)
        or exists (select from cix.account as t where t.subject_id = alias)
        or exists (select from cix.account_version as t where t.subject_id = alias)
        or exists (select from cix.account_creditor as t where t.subject_id = alias)
        or exists (select from cix.account_removed as t where t.subject_id = alias)
        or exists (select from cix.performance_delta as t where t.subject_id = alias)
        or exists (select from cix.rollup_delta as t where t.subject_id = alias)
        or exists (select from cix.flag_key as t where t.subject_id = alias)
        or exists (select from cix.flag as t where t.subject_id = alias)
        or exists (select from cix.flag_event as t where t.subject_id = alias)
        or exists (select from cix.flag_version as t where t.subject_id = alias)
        or exists (select from cix.flag_detail as t where t.subject_id = alias)
        or exists (select from cix.subject_version as t where t.subject_id = alias)
        or exists (select from cix.subject_name as t where t.subject_id = alias)
        or exists (select from cix.subject_identifier as t where t.subject_id = alias)
        or exists (select from cix.subject_name_removed as t where t.subject_id = alias)
        or exists (select from cix.subject_identifier_removed as t where t.subject_id = alias)
        or exists (select from cix.account_event as t where t.subject_id = alias)
        or exists (select from cix.party as t where t.subject_id = alias)
        or exists (select from cix.public_record as t where t.subject_id = alias)
        or exists (select from cix.fraud_case as t where t.subject_id = alias)
        or exists (select from cix.behaviour as t where t.subject_id = alias)
        or exists (select from cix.statement as t where t.subject_id = alias)
        or exists (select from cix.collection as t where t.subject_id = alias)
        or exists (select from cix.member_grade as t where t.subject_id = alias)
        or exists (select from cix.mark_key as t where t.subject_id = alias)
        or exists (select from cix.annotation as t where t.subject_id = alias)
        or exists (select from cix.protection as t where t.subject_id = alias)
        or exists (select from cix.operator_act as t where t.subject_id = alias)
        or exists (select from cix.inquiry as t where t.subject_id = alias)
        or exists (select from cix.finding as t where t.subject_id = alias)
        or exists (
            select from cix.fact as t
            where t.subject_id = alias and not (t.is_deleted and exists (
                select from cix.fact as o
                where o.subject_id = survivor and o.fact_id = t.fact_id and o.record_id = t.record_id)));
end;
comment on function cix.alias_has_rest is 'Whether an alias has rows still. Not granted to anyone.';

-- cix.fsck_reference: rows that point at a row which is not there.
create or replace function cix.fsck_reference(p_limit int)
returns table (part text, found bigint, subject_id bigint, key_id bigint, period int,
    member_id int, submission_id uuid, chunk int)
language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_nestloop = off set work_mem = '32MB'
begin atomic
    with broken as (
        select 'account_subject' as part, a.subject_id, a.account_id as key_id,
            null::int as period, a.member_id, null::uuid as submission_id, null::int as chunk
        from cix.account as a
        where not exists (select from cix.subject as s where s.subject_id = a.subject_id)
        union all
        select 'account_key', k.subject_id, k.account_id, null, k.member_id, null, null
        from cix.account_key as k
        where not exists (
            select from cix.account as a
            where a.subject_id = k.subject_id and a.account_id = k.account_id)
            and not exists ( -- taken back
            select from cix.account_removed as r
            where r.subject_id = k.subject_id and r.account_id = k.account_id)
        union all
        select 'account_lost', a.subject_id, a.account_id, null, a.member_id, null, null
        from cix.account as a
        where not exists (
            select from cix.account_key as k
            where k.subject_id = a.subject_id and k.account_id = a.account_id)
        union all
        select 'name_subject', n.subject_id, n.record_id, null, n.member_id, null, null
        from cix.subject_name as n
        where not exists (select from cix.subject as s where s.subject_id = n.subject_id)
        union all
        select 'identifier_subject', i.subject_id, i.record_id, null, i.member_id, null, null
        from cix.subject_identifier as i
        where not exists (select from cix.subject as s where s.subject_id = i.subject_id)
        union all
        select 'identifier_lost', i.subject_id, i.record_id, null, i.member_id, null, null
        from cix.subject_identifier as i
        where not exists (select from cix.identifier as k where k.lookup = i.lookup)
        union all
        select 'version_subject', v.subject_id, v.record_id, null, v.member_id, v.submission_id,
            null
        from cix.subject_version as v
        where not exists (select from cix.subject as s where s.subject_id = v.subject_id)
        union all
        select 'flag_subject', f.subject_id, f.flag_id, null, f.member_id, null, null
        from cix.flag as f
        where not exists (select from cix.subject as s where s.subject_id = f.subject_id)
        union all
        select 'flag_key', k.subject_id, k.flag_id, null, k.member_id, null, null
        from cix.flag_key as k
        where not exists (
            select from cix.flag as f
            where f.subject_id = k.subject_id and f.flag_id = k.flag_id)
        union all
        select 'flag_lost', f.subject_id, f.flag_id, null, f.member_id, null, null
        from cix.flag as f
        where not exists (
            select from cix.flag_key as k
            where k.subject_id = f.subject_id and k.flag_id = f.flag_id)
        union all
        select 'flag_detail', v.subject_id, v.flag_id, null, f.member_id, null, null
        from (select o.subject_id, o.flag_id, o.record_id from cix.flag as o
            where o.detail_index is not null
            union
            select o.subject_id, o.flag_id, o.record_id from cix.flag_version as o
            where o.detail_index is not null) as v
            left join cix.flag as f on f.subject_id = v.subject_id and f.flag_id = v.flag_id
        where not exists (
            select from cix.flag_detail as d
            where d.subject_id = v.subject_id and d.flag_id = v.flag_id and d.record_id = v.record_id)
        union all
        select 'flag_detail_lost', d.subject_id, d.flag_id, null, f.member_id, null, null
        from cix.flag_detail as d
            left join cix.flag as f on f.subject_id = d.subject_id and f.flag_id = d.flag_id
        where (f.record_id = d.record_id and f.detail_index is not null) is not true and not exists (
            select from cix.flag_version as v
            where v.subject_id = d.subject_id and v.flag_id = d.flag_id and v.record_id = d.record_id
                and v.detail_index is not null)
        union all
        select 'flag_status', f.subject_id, f.flag_id, null, f.member_id, null, null
        from cix.flag as f
            left join (
                select distinct on (e.subject_id, e.flag_id) e.subject_id, e.flag_id, e.status
                from cix.flag_event as e
                order by e.subject_id, e.flag_id, e.event_id desc) as e
                on e.subject_id = f.subject_id and e.flag_id = f.flag_id
        where e.status is distinct from f.status
        union all
        select 'mark_subject', m.subject_id, m.mark_id, null, m.member_id, null, null
        from (select n.subject_id, n.annotation_id as mark_id, n.member_id from cix.annotation as n
            union all
            select p.subject_id, p.protection_id, p.member_id from cix.protection as p) as m
        where not exists (select from cix.subject as s where s.subject_id = m.subject_id)
        union all
        select 'mark_key', k.subject_id, k.mark_id, null, k.member_id, null, null
        from cix.mark_key as k
        where not exists (
                select from cix.annotation as n
                where n.subject_id = k.subject_id and n.annotation_id = k.mark_id)
            and not exists (
                select from cix.protection as p
                where p.subject_id = k.subject_id and p.protection_id = k.mark_id)
        union all
        select 'subject_alias', s.subject_id, s.alias_of, null, null, null, null
        from cix.subject as s
        where s.alias_of is not null
            and not exists (
                select from cix.subject as t where t.subject_id = s.alias_of and t.alias_of is null)
        union all
        select 'alias_rest', s.subject_id, s.alias_of, null, null, null, null
        from cix.subject as s
        where s.alias_of is not null and cix.alias_has_rest(s.subject_id, s.alias_of)
        union all
        select 'identifier_home', i.subject_id, i.home_id, null, null, null, null
        from cix.identifier as i
            join cix.subject as s on s.subject_id = coalesce(i.home_id, i.subject_id)
        where s.alias_of is distinct from case when i.home_id is not null then i.subject_id end
    )
    select r.part, r.found, r.subject_id, r.key_id, r.period, r.member_id, r.submission_id, r.chunk
    from (select b.*, count(*) over (partition by b.part) as found,
            row_number() over (partition by b.part order by b.subject_id, b.key_id) as place
        from broken as b) as r
    where r.place <= p_limit;
end;
comment on function cix.fsck_reference is 'Rows that point at nothing. Owner only.';

-- cix.fsck_submission: submissions, chunks and verdicts that do not agree with one another, and
--   records of chunks that are not there.
create or replace function cix.fsck_submission(p_limit int)
returns table (part text, found bigint, subject_id bigint, key_id bigint, period int,
    member_id int, submission_id uuid, chunk int)
language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_nestloop = off set work_mem = '32MB'
begin atomic
    with broken as (
        select 'submission_totals' as part, s.member_id, s.submission_id, null::int as chunk
        from cix.submission as s
            left join (
                select c.member_id, c.submission_id, count(*) as chunks, sum(c.accepted) as accepted,
                    sum(c.rejected) as rejected, sum(c.quarantined) as quarantined,
                    sum(c.warned) as warned
                from cix.submission_chunk as c
                group by c.member_id, c.submission_id) as c
                on c.member_id = s.member_id and c.submission_id = s.submission_id
        where (s.next_chunk, s.accepted, s.rejected, s.quarantined, s.warned) is distinct from
            (coalesce(c.chunks, 0) + 1, coalesce(c.accepted, 0), coalesce(c.rejected, 0),
                coalesce(c.quarantined, 0), coalesce(c.warned, 0))
        union all
        select 'chunk_counts', c.member_id, c.submission_id, c.number
        from cix.submission_chunk as c
        where c.accepted + c.rejected + c.quarantined <> c.record_count
        union all
        select 'chunk_verdicts', c.member_id, c.submission_id, c.number
        from cix.submission_chunk as c
            left join (
                select v.member_id, v.submission_id, v.chunk, count(distinct v.line) as lines
                from cix.submission_verdict as v
                where v.severity <= 2
                group by v.member_id, v.submission_id, v.chunk) as v
                on v.member_id = c.member_id and v.submission_id = c.submission_id
                    and v.chunk = c.number
        where c.rejected <> coalesce(v.lines, 0)
        union all
        select 'chunk_submission', c.member_id, c.submission_id, c.number
        from cix.submission_chunk as c
        where not exists (
            select from cix.submission as s
            where s.member_id = c.member_id and s.submission_id = c.submission_id)
        union all
        select 'quarantine_chunk', q.member_id, q.submission_id, q.chunk
        from (select distinct q.member_id, q.submission_id, q.chunk from cix.quarantine as q) as q
        where not exists (
            select from cix.submission_chunk as c
            where c.member_id = q.member_id and c.submission_id = q.submission_id
                and c.number = q.chunk)
        union all
        select 'feed_gaps', f.member_id, null::uuid, null::int
        from cix.flag_feed as f
            left join (
                select g.member_id, g.source, sum(g.last_seq - g.first_seq + 1) as missing,
                    min(g.opened_at) as gap_since
                from cix.flag_feed_gap as g
                group by g.member_id, g.source) as g
                on g.member_id = f.member_id and g.source = f.source
        where (f.missing, f.gap_since) is distinct from (coalesce(g.missing, 0), g.gap_since)
        union all
        select 'month_chunk', d.member_id, d.submission_id, d.chunk
        from (select distinct d.member_id, d.submission_id, d.chunk
            from cix.performance_delta as d) as d
        where not exists (
            select from cix.submission_chunk as c
            where c.member_id = d.member_id and c.submission_id = d.submission_id
                and c.number = d.chunk)
    )
    select r.part, r.found, null::bigint, null::bigint, null::int, r.member_id, r.submission_id,
        r.chunk
    from (select b.*, count(*) over (partition by b.part) as found,
            row_number() over (partition by b.part
                order by b.member_id, b.submission_id, b.chunk) as place
        from broken as b) as r
    where r.place <= p_limit;
end;
comment on function cix.fsck_submission is 'Submissions that do not add up. Owner only.';

-- cix.fsck_trace: audit rows whose leaf is not the hash of what they say, and inquiries without their
--   audit row. key_id: the audit id.
create or replace function cix.fsck_trace(p_limit int)
returns table (part text, found bigint, subject_id bigint, key_id bigint, period int,
    member_id int, submission_id uuid, chunk int)
language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_nestloop = off set work_mem = '32MB'
begin atomic
    with broken as (
        select 'audit_leaf' as part, null::bigint as subject_id, a.audit_id as key_id, a.member_id
        from cix.audit as a
        where a.layout = 1 and a.leaf <> cix.audit_leaf(a.audit_id,
            (extract(epoch from a.at) * 1000000)::bigint, a.member_id, a.method, a.certificate,
            a.subject_commitment, a.purpose, a.consent_id, a.outcome, a.records_hash)
        union all
        select 'inquiry_audit', q.subject_id, q.inquiry_id, q.member_id
        from cix.inquiry as q
        where not exists (select from cix.audit as a where a.audit_id = q.inquiry_id)
    )
    select r.part, r.found, r.subject_id, r.key_id, null::int, r.member_id, null::uuid, null::int
    from (select b.*, count(*) over (partition by b.part) as found,
            row_number() over (partition by b.part order by b.key_id) as place
        from broken as b) as r
    where r.place <= p_limit;
end;
comment on function cix.fsck_trace is 'Audit rows that were altered, inquiries without one. Owner only.';

-- cix.fsck_rating: the kept ratings behind one, by subject and id. What they should be is the engine's to
--   say (G001-G004), by cix.fsck_standard.
create or replace function cix.fsck_rating(p_subject_id bigint, p_rating_id bigint, p_limit int)
returns setof cix.rating
language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select r.* from cix.rating as r
    where (r.subject_id, r.rating_id) > (p_subject_id, p_rating_id)
    order by r.subject_id, r.rating_id
    limit p_limit;
end;
comment on function cix.fsck_rating is 'Kept ratings in the order of their key. Owner only.';

-- cix.fsck_standard: the text of a standard, whatever became of it.
create or replace function cix.fsck_standard(p_standard_no int)
returns bytea
language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select s.content from cix.standard as s where s.standard_no = p_standard_no;
end;
comment on function cix.fsck_standard is 'The text of a standard. Owner only.';

-- cix.fsck_repair: writes the accounts' state and attributes, the roll-ups and freezes anew where they
--   differ, in the caller's transaction, with one audit row (method 200, an act on this host).
--   Whoever's account or freeze is mended is rated again (a note a row, so that notes count rows).
--   Records wait meanwhile; reports and statistics do not. What the source of truth cannot give stays:
--   an account without its row (the sealed number is nowhere else) or without versions.
create or replace function cix.fsck_repair(p_at timestamptz, p_audit_id bigint, p_salt bytea)
returns table (part text, mended bigint)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_nestloop = off set work_mem = '32MB'
as $$
#variable_conflict use_column
declare
    v_count bigint;
    v_parts text[] := '{}';
    v_counts bigint[] := '{}';
begin
    perform pg_advisory_xact_lock(hashtextextended('cix.rollup_merge', 0));
    -- In the order in which records take them.
    lock table cix.account_version, cix.performance_delta, cix.rollup_delta, cix.account, cix.rollup,
        cix.rollup_subject, cix.protection in share row exclusive mode;

    with mended as (
        update cix.account as a
        set last_period = b.last_period, recorded_at = b.recorded_at,
            account_status = b.account_status, five_category = b.five_category,
            days_overdue = b.days_overdue, balance = b.balance, overdue_amount = b.overdue_amount,
            status_ring = b.status_ring, month_ring = b.month_ring,
            remaining_terms = b.remaining_terms, latest_amounts = b.latest_amounts
        from cix.rebuild_account() as b
        where a.subject_id = b.subject_id and a.account_id = b.account_id
            and (a.last_period, a.recorded_at, a.account_status, a.five_category, a.days_overdue,
                a.balance, a.overdue_amount, a.status_ring, a.month_ring, a.remaining_terms,
                a.latest_amounts)
            is distinct from (b.last_period, b.recorded_at, b.account_status, b.five_category,
                b.days_overdue, b.balance, b.overdue_amount, b.status_ring, b.month_ring,
                b.remaining_terms, b.latest_amounts)
        returning a.subject_id)
    insert into cix.rating_change (subjects) select array[m.subject_id] from mended as m;
    get diagnostics v_count = row_count;
    v_parts := v_parts || 'account'::text;
    v_counts := v_counts || v_count;

    with mended as (
        update cix.account as a
        set member_id = v.member_id, type = v.type, business_type = v.business_type,
            currency = v.currency, original_amount = v.original_amount, credit_limit = v.credit_limit,
            opened_on = v.opened_on, matures_on = v.matures_on, closed_on = v.closed_on,
            term_months = v.term_months, annual_rate_bps = v.annual_rate_bps,
            repay_frequency = v.repay_frequency, security = v.security, region = v.region,
            industry = v.industry, channel = v.channel, dealer_code = v.dealer_code,
            platform_id = v.platform_id, repay_method = v.repay_method, rate_type = v.rate_type,
            collateral_value = v.collateral_value, shared_limit = v.shared_limit,
            parent_account_id = v.parent_account_id, transferred_from_id = v.transferred_from_id,
            transferred_from_account_id = v.transferred_from_account_id,
            state_at_transfer = v.state_at_transfer, creditor_id = v.creditor_id,
            original_creditor_index = v.original_creditor_index, attributes_at = v.recorded_at
        from cix.rebuild_attribute() as v
        where a.subject_id = v.subject_id and a.account_id = v.account_id
            and (a.member_id, a.type, a.business_type, a.currency, a.original_amount, a.credit_limit,
                a.opened_on, a.matures_on, a.closed_on, a.term_months, a.annual_rate_bps,
                a.repay_frequency, a.security, a.region, a.industry, a.channel, a.dealer_code,
                a.platform_id, a.attributes_at, a.repay_method, a.rate_type, a.collateral_value,
                a.shared_limit, a.parent_account_id, a.transferred_from_id,
                a.transferred_from_account_id, a.state_at_transfer, a.creditor_id,
                a.original_creditor_index)
            is distinct from (v.member_id, v.type, v.business_type, v.currency, v.original_amount,
                v.credit_limit, v.opened_on, v.matures_on, v.closed_on, v.term_months,
                v.annual_rate_bps, v.repay_frequency, v.security, v.region, v.industry, v.channel,
                v.dealer_code, v.platform_id, v.recorded_at, v.repay_method, v.rate_type,
                v.collateral_value, v.shared_limit, v.parent_account_id, v.transferred_from_id,
                v.transferred_from_account_id, v.state_at_transfer, v.creditor_id,
                v.original_creditor_index)
        returning a.subject_id)
    insert into cix.rating_change (subjects) select array[m.subject_id] from mended as m;
    get diagnostics v_count = row_count;
    v_parts := v_parts || 'attributes'::text;
    v_counts := v_counts || v_count;

    -- What is pending stays pending: the merged part takes the whole difference.
    insert into cix.rollup as r (period, cell_id, accounts, balance, overdue, merged_at)
    select c.period, c.cell_id, c.accounts - c.kept_accounts, c.balance - c.kept_balance,
        c.overdue - c.kept_overdue, p_at
    from cix.rebuild_cell() as c
    on conflict (period, cell_id) do update
    set accounts = r.accounts + excluded.accounts, balance = r.balance + excluded.balance,
        overdue = r.overdue + excluded.overdue, merged_at = excluded.merged_at;
    get diagnostics v_count = row_count;
    v_parts := v_parts || 'rollup'::text;
    v_counts := v_counts || v_count;

    insert into cix.rollup_subject as r (subject_id, period, cell_id, accounts)
    select u.subject_id, u.period, u.cell_id, (u.accounts - u.kept_accounts)::int
    from cix.rebuild_subject() as u
    on conflict (subject_id, period, cell_id) do update
    set accounts = r.accounts + excluded.accounts;
    get diagnostics v_count = row_count;
    v_parts := v_parts || 'rollup_subject'::text;
    v_counts := v_counts || v_count;
    -- Rows that count nobody go, as in the merge.
    delete from cix.rollup as r where r.accounts = 0 and r.balance = 0 and r.overdue = 0;
    delete from cix.rollup_subject as r where r.accounts = 0;

    with mended as (
        update cix.subject as s
        set freeze_level = f.freeze_level, freeze_from = f.freeze_from, freeze_to = f.freeze_to
        from cix.fsck_freeze() as f
        where s.subject_id = f.subject_id
        returning s.subject_id)
    insert into cix.rating_change (subjects) select array[m.subject_id] from mended as m;
    get diagnostics v_count = row_count;
    v_parts := v_parts || 'subject_freeze'::text;
    v_counts := v_counts || v_count;

    perform cix.audit_act(p_audit_id, p_at, 200::smallint, p_salt, null, 0::smallint,
        sha256(convert_to(array_to_string(v_parts || v_counts::text[], ' '), 'UTF8')));
    return query select u.part, u.mended from unnest(v_parts, v_counts) as u (part, mended);
end;
$$;
comment on function cix.fsck_repair is 'Writes derived rows anew where they differ. Owner only.';
