-- Credit reports: the ask and the read half. See inquiry.sql for what they promise together.
-- Arrays of equal length, one item an element; elements are numbered from 1.

-- cix.report_consent_put: stores consents that came with their inquiries. An element has one when
-- record_id is not null. The same consent again changes nothing; other content under its id answers
-- the element's number. Members that may not ask store nothing.
create or replace function cix.report_consent_put(
    lookup bytea[], caller int[], purpose smallint[], consent_id uuid[], record_id bigint[],
    purposes bigint[], data_classes int[], form smallint[], signed_on date[], effective_on date[],
    expires_on date[], document_hash bytea[], scope_index bytea[])
returns int[] language plpgsql volatile as $$
#variable_conflict use_column
declare
    v_conflicts int[];
begin
    -- The same consent in two transactions at once: one behind the other, so that the second sees
    -- what the first stored. In the order of their keys, so that two batches never deadlock.
    perform pg_advisory_xact_lock(k.key)
       from (select distinct hashtextextended(encode(u.lookup, 'hex') || u.consent_id, u.member_id) as key
               from unnest(report_consent_put.lookup, report_consent_put.caller,
                           report_consent_put.consent_id, report_consent_put.record_id)
                    as u (lookup, member_id, consent_id, record_id)
              where u.record_id is not null order by key) k;
    with given as materialized (
        select u.*, (select array_agg(b.bit::smallint order by b.bit)
                       from generate_series(0, 62) b (bit) where u.bits >> b.bit & 1 = 1) as purposes
          from unnest(report_consent_put.lookup, report_consent_put.caller,
                      report_consent_put.purpose, report_consent_put.consent_id,
                      report_consent_put.record_id, report_consent_put.purposes,
                      report_consent_put.data_classes, report_consent_put.form,
                      report_consent_put.signed_on, report_consent_put.effective_on,
                      report_consent_put.expires_on, report_consent_put.document_hash,
                      report_consent_put.scope_index)
                   with ordinality
                   as u (lookup, member_id, purpose, consent_id, record_id, bits, data_classes, form,
                         signed_on, effective_on, expires_on, document_hash, scope_index, element)
          join cix.member m on m.member_id = u.member_id and (m.state = 4 or cix.member_serves(m.state))
                           and m.roles & 2 = 2
                           and u.purpose = any (m.purposes)
         where u.record_id is not null
    ), known as materialized (
        -- The latest version that is stored, else the first of this batch.
        select g.*, coalesce(v.content, first_value(
                   row (g.purposes, g.data_classes, g.form, g.signed_on, g.effective_on, g.expires_on,
                        g.document_hash, g.scope_index)::text)
                   over (partition by g.lookup, g.member_id, g.consent_id order by g.element)) as content,
               v.content is null and row_number() over (
                   partition by g.lookup, g.member_id, g.consent_id order by g.element) = 1 as is_new
          from given g
          left join lateral (
               select row (c.purposes, c.data_classes, c.form, c.signed_on, c.effective_on,
                           c.expires_on, c.document_hash, c.scope_index)::text as content
                 from cix.consent c
                where c.lookup = g.lookup and c.member_id = g.member_id
                  and c.consent_id = g.consent_id
                order by c.record_id desc limit 1) v on true
    ), put as (
        insert into cix.consent (lookup, member_id, consent_id, record_id, purposes, data_classes,
                form, signed_on, effective_on, expires_on, document_hash, is_revoked, recorded_at,
                scope_index)
        select k.lookup, k.member_id, k.consent_id, k.record_id, k.purposes, k.data_classes, k.form,
               k.signed_on, k.effective_on, k.expires_on, k.document_hash, false, clock_timestamp(),
               k.scope_index
          from known k where k.is_new
         order by k.lookup, k.member_id, k.consent_id
            on conflict do nothing
    )
    select array_agg(k.element::int) into v_conflicts
      from known k
     where k.content is distinct from row (k.purposes, k.data_classes, k.form, k.signed_on,
                                           k.effective_on, k.expires_on, k.document_hash,
                                           k.scope_index)::text;
    return coalesce(v_conflicts, '{}');
end
$$;
comment on function cix.report_consent_put is 'Stores consents given with inquiries. Not granted to anyone.';

-- cix.report_ask: decides, and writes the trace. Tells nothing about the subject. Role cix_inquire.
--   operator       keyed digest of who asks inside the member
--   consent_id     the consent meant; null: any that covers
--   certificate, salt, method   for the audit row, whose id is the inquiry's
--   product        1 report, 3 platform exposure, 4 rating
--   persons        whether an identifier is a person's
--   inline_*       a consent that comes with the inquiry; inline_record_id null: none. purposes:
--                  bits 1 << purpose
-- Outcomes as cix.inquiry_decide, and 6: the consent's id is known with other content (C004).
create or replace function cix.report_ask(
    lookup bytea[], name_index bytea[], caller int[], purpose smallint[], inquiry_id bigint[],
    operator bytea[], consent_id uuid[], certificate bytea[], salt bytea[], method smallint,
    today date, product smallint, persons boolean[],
    inline_record_id bigint[], inline_purposes bigint[], inline_data_classes int[],
    inline_form smallint[], inline_signed_on date[], inline_effective_on date[],
    inline_expires_on date[], inline_document_hash bytea[], inline_scope_index bytea[])
returns table (element int, outcome smallint, rule text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_conflicts int[] := '{}';
    v_subjects bigint[];
    v_consents uuid[];
    v_outcomes smallint[];
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_ask', 0));
    if inline_record_id is not null then
        v_conflicts := cix.report_consent_put(lookup, caller, purpose, consent_id,
            inline_record_id, inline_purposes, inline_data_classes, inline_form, inline_signed_on,
            inline_effective_on, inline_expires_on, inline_document_hash,
            inline_scope_index);
    end if;
    select array_agg(s.subject_id),
           array_agg(coalesce(s.consent_id, report_ask.consent_id[s.element])),
           array_agg(case when s.outcome in (0, 3, 4, 5) and s.element = any (v_conflicts) then 6
                          else s.outcome end)
      into v_subjects, v_consents, v_outcomes
      from (select d.element, d.subject_id, d.consent_id, d.outcome
              from cix.inquiry_decide(report_ask.lookup, report_ask.name_index, report_ask.caller,
                       report_ask.purpose, report_ask.consent_id, report_ask.product,
                       report_ask.today, report_ask.persons) d
             order by d.element) s;
    perform cix.inquiry_trace(v_subjects, inquiry_id, caller, purpose, product, operator,
        v_consents, v_outcomes, lookup, certificate, salt, method);
    return query
        select u.element::int, u.outcome, cix.inquiry_rule(u.outcome)
          from unnest(v_outcomes) with ordinality u (outcome, element);
end
$$;
comment on function cix.report_ask is 'First half of a report: decide, trace. Granted to cix_inquire.';

-- cix.report_read: what is known of the subjects of committed inquiries. Role cix_inquire.
-- Rows come by section; an element without a row of section 1 was not served.
--   1 element: subject_id null when nobody was found (a report without a file). Else the subject's
--     plain facts, and who asked for reports and ratings before (cix.inquiry_before), newest first. The server
--     counts them: aggregates with a sort cost more than the arrays
--   2 name as a member gave it (sealed); member 0 and the epoch: whose it is is not told
--   3 identifier (sealed); status: how it was verified, ground by how many; status_ring: where it was issued and its
--     validity, sealed under id, account_id the place of its line (cix.identifier_told)
--   4 account, with both rings; account_id: the one that it was taken over from; court: its dealer, content:
--     its origin; details: term in months, yearly rate, repayment frequency, security, repayment method, kind
--     of rate, collateral, shared limit, parent account, seller, state at its transfer, creditor, platform,
--     terms left; latest: latest_amounts of the table. What is not given is null, and so is what is over
--     (adverse.sql)
--   5 flag that is in force or suspended today; content: who made its document, details: its term in months,
--     status_ring: what the document says (sealed)
--   6 fact, its plain fields in content      7 another's account that the subject answers for; court: its origin
--  20 open annotation: record_id its id, type its kind, ground its code, status what it stands on and id
--     which, last_period the month, expires_on the day it is due. Also of a party of the subject's accounts, on
--     the fact that makes it one, without the text
--  21 protection in force: record_id its id, type its kind, filed_on and expires_on its days
-- Sections 2 and further belong to every element of their subject_id. Flags only for members with the data
-- class DISHONEST, which section 1 tells; classes there says which facts the element may show. While a
-- standard is in force, its status says what ratings have to know (cix.rating_facts); null: none is shown.
-- Section 1 has in grade the member's level of reciprocity: 1 says that of others it may be shown accounts in default,
-- public records and flags alone. What no element may show is left out.
create or replace function cix.report_read(
    lookup bytea[], name_index bytea[], caller int[], purpose smallint[], consent_id uuid[],
    inquiry_id bigint[], today date)
returns table (
    section smallint, element int, subject_id bigint, id bigint, member_id int, record_id bigint,
    sealed bytea, recorded_at timestamptz, type smallint, region text, industry text,
    segment smallint, birth_year smallint, has_flags boolean,
    inquiry_at timestamptz[], inquiry_member int[], inquiry_purpose smallint[], inquiry_ids bigint[],
    business_type text, currency text, original_amount bigint, credit_limit bigint, opened_on date,
    matures_on date, closed_on date, channel smallint, last_period int, account_status smallint,
    five_category smallint, days_overdue int, balance bigint, overdue_amount bigint,
    status_ring bytea, month_ring bytea,
    external_id uuid, court text, filed_on date, published_on date, expires_on date, ground smallint,
    performance smallint, grade smallint, status smallint, restrictions smallint[],
    classes int, account_id bigint, content text, details bigint[], latest bigint[])
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_elements int[];
    v_subjects bigint[];
    v_inquiries bigint[];
    v_flagged boolean[];
    v_kinds smallint[];
    v_segments smallint[];
    v_years smallint[];
    v_regions text[];
    v_industries text[];
    v_found bigint[];
    v_listed bigint[];
    v_members int[];
    v_facts int[];
    v_classes int[];
    v_informed bigint[];
    v_liable bigint[];
    v_bureaus int[]; -- who reports for others
    v_persons bigint[]; -- whose adverse items end (adverse.sql)
    v_oldest int := cix.adverse_oldest(today);
    v_rating smallint[];
    v_is_rated boolean;
    v_is_told boolean; -- whether anybody says something of their identifiers
    v_now timestamptz := clock_timestamp();
    v_levels smallint[];
    v_narrow bigint[] := '{}'; -- of whom nobody who asks sees more than defaults
begin
    select array_agg(v.element), array_agg(v.subject_id), array_agg(v.footprint),
           array_agg(m.data_classes & 8 = 8), array_agg(v.kind), array_agg(v.segment),
           array_agg(v.birth_year), array_agg(v.region), array_agg(v.industry),
           array_agg(v.subject_id) filter (where v.subject_id > 0),
           array_agg(v.subject_id) filter (where v.subject_id > 0 and m.data_classes & 8 = 8),
           array_agg(m.data_classes), array_agg(v.facts),
           coalesce(array_agg(v.subject_id) filter (where v.subject_id > 0 and cix.adverse_covers(v.kind)), '{}'),
           array_agg(cix.inquiry_level(m, v.kind = 1))
      into v_elements, v_subjects, v_inquiries, v_flagged, v_kinds, v_segments, v_years, v_regions,
           v_industries, v_found, v_listed, v_members, v_facts, v_persons, v_levels
      from cix.inquiry_served(report_read.lookup, report_read.name_index, report_read.caller,
               report_read.purpose, report_read.consent_id, report_read.inquiry_id, 1::smallint,
               report_read.today) v
      join cix.member m on m.member_id = v.member_id;
    if 1 = any (v_levels) then
        v_narrow := array(
            select u.id from unnest(v_subjects, v_levels) u (id, level) group by u.id having max(u.level) < 2);
    end if;
    -- Facts and ratings: what member and consent both allow. Subjects without facts cost nothing here, nor
    -- do ratings while there is no standard to rate by.
    v_is_rated := exists (select from cix.standard s where s.state = 2);
    if v_is_rated or exists (select from unnest(v_facts) f (bits) where f.bits <> 0) then
        select array_agg(case when u.facts <> 0 or v_is_rated and u.classes & 64 = 64
                   then u.classes & cix.inquiry_classes(report_read.lookup[u.element],
                       report_read.caller[u.element], report_read.purpose[u.element],
                       report_read.consent_id[u.element], report_read.today) else 0 end
                   order by u.place),
               array_agg(u.subject_id) filter (where u.facts & -2 <> 0),
               array_agg(u.subject_id) filter (where u.facts & 1 = 1)
          into v_classes, v_informed, v_liable
          from unnest(v_elements, v_subjects, v_members, v_facts) with ordinality
                   u (element, subject_id, classes, facts, place);
    end if;
    if v_is_rated and v_found is not null then
        select array_agg(case when u.classes & 64 = 64 and u.level = 2 then f.facts end order by u.place)
          into v_rating
          from unnest(v_subjects, v_classes, v_levels) with ordinality u (subject_id, classes, level, place)
          left join cix.rating_facts(array(select distinct d.id from unnest(v_found) d (id)),
                        report_read.today) f on f.subject_id = u.subject_id;
    end if;

    return query
        select 1::smallint, e.element, nullif(greatest(e.subject_id, 0), 0), null::bigint, null::int,
               null::bigint, null::bytea, null::timestamptz, e.kind, e.region, e.industry,
               e.segment, e.birth_year, e.is_flagged,
               i.at, i.member, i.purpose, i.ids,
               null::text, null::text, null::bigint, null::bigint, null::date,
               null::date, null::date, null::smallint, null::int, null::smallint,
               null::smallint, null::int, null::bigint, null::bigint,
               null::bytea, null::bytea,
               null::uuid, null::text, null::date, null::date, null::date, null::smallint,
               null::smallint, e.level, e.rating, null::smallint[],
               e.classes, null::bigint, null::text, null::bigint[], null::bigint[]
          from unnest(v_elements, v_subjects, v_inquiries, v_flagged, v_kinds, v_segments, v_years,
                      v_regions, v_industries, v_classes, v_rating, v_levels)
                   e (element, subject_id, inquiry_id, is_flagged, kind, segment, birth_year, region,
                      industry, classes, rating, level)
         cross join lateral (
               select array_agg(q.at) as at, array_agg(q.member_id) as member,
                      array_agg(q.purpose) as purpose, array_agg(q.inquiry_id) as ids
                 from cix.inquiry_before(case e.level when 2 then e.subject_id else 0 end, e.inquiry_id,
                          v_now) q) i;
    if v_found is null then
        return;
    end if;

    return query
        select 2::smallint, null::int, n.subject_id, null::bigint, case when w.is_told then n.member_id else 0 end,
               n.record_id, n.sealed_name, case when w.is_told then n.recorded_at else 'epoch' end,
               null::smallint, null::text, null::text,
               null::smallint, null::smallint, null::boolean,
               null::timestamptz[], null::int[], null::smallint[], null::bigint[],
               null::text, null::text, null::bigint, null::bigint, null::date,
               null::date, null::date, null::smallint, null::int, null::smallint,
               null::smallint, null::int, null::bigint, null::bigint,
               null::bytea, null::bytea,
               null::uuid, null::text, null::date, null::date, null::date, null::smallint,
               null::smallint, null::smallint, null::smallint, null::smallint[],
               null::int, null::bigint, null::text, null::bigint[], null::bigint[]
          from cix.subject_name n
         cross join lateral (
               select n.subject_id <> all (v_narrow) or n.member_id = any (report_read.caller) as is_told) w
         where n.subject_id = any (v_found);

    v_is_told := exists (select from cix.subject_version v
                          where v.subject_id = any (v_found) and v.identifier_details is not null);
    return query
        select 3::smallint, null::int, i.subject_id, t.record_id, i.member_id, i.record_id,
               i.sealed_value, i.recorded_at, i.type, null::text, null::text,
               null::smallint, null::smallint, null::boolean,
               null::timestamptz[], null::int[], null::smallint[], null::bigint[],
               null::text, null::text, null::bigint, null::bigint, null::date,
               null::date, null::date, null::smallint, null::int, null::smallint,
               null::smallint, null::int, null::bigint, null::bigint,
               t.sealed_details, null::bytea,
               null::uuid, null::text, null::date, null::date, null::date, t.members::smallint,
               null::smallint, null::smallint, t.verification, null::smallint[],
               null::int, t.place::bigint, null::text, null::bigint[], null::bigint[]
          from cix.subject_identifier i
          left join lateral (
               select o.* from cix.identifier_told(i.subject_id, i.lookup) o
                where v_is_told and i.subject_id <> all (v_narrow)) t on true
         where i.subject_id = any (v_found);

    select array_agg(m.member_id) into v_bureaus from cix.member m where m.type = 71;
    return query
        select 4::smallint, null::int, a.subject_id, a.account_id, a.member_id, null::bigint,
               null::bytea, case when l.is_shown then a.recorded_at end, a.type, a.region, a.industry,
               null::smallint, null::smallint, null::boolean,
               null::timestamptz[], null::int[], null::smallint[], null::bigint[],
               a.business_type, a.currency, a.original_amount, a.credit_limit, a.opened_on,
               a.matures_on, a.closed_on, a.channel, case when l.is_shown then a.last_period end,
               case when l.is_shown then a.account_status end,
               case when l.is_shown then a.five_category end,
               case when l.is_shown then a.days_overdue end,
               case when l.is_shown then a.balance end, case when l.is_shown then a.overdue_amount end,
               case when c.month is null then a.status_ring
                    else cix.ring_after(a.status_ring, 60, a.last_period, c.month) end,
               case when c.month is null then a.month_ring
                    else cix.ring_after(a.month_ring, 24, a.last_period, c.month) end,
               null::uuid, a.dealer_code, null::date, null::date, null::date, null::smallint,
               null::smallint, null::smallint, null::smallint, null::smallint[],
               null::int, a.transferred_from_account_id,
               case when a.member_id = any (v_bureaus) then (
                   select v.origin from cix.account_version v
                    where v.subject_id = a.subject_id and v.account_id = a.account_id
                    order by v.record_id desc limit 1) end,
               array[a.term_months, a.annual_rate_bps, a.repay_frequency, a.security, a.repay_method,
                     a.rate_type, a.collateral_value, a.shared_limit, a.parent_account_id,
                     a.transferred_from_id, a.state_at_transfer, a.creditor_id, a.platform_id,
                     case when l.is_shown then a.remaining_terms end],
               case when l.is_shown then a.latest_amounts end
          from cix.account a
          left join lateral (
               select cix.adverse_cut(a.status_ring, a.last_period, v_oldest) as month
                where a.last_period <= v_oldest + 58 and a.subject_id = any (v_persons)) c on true
         cross join lateral (
               select coalesce(c.month < a.last_period, true) as is_shown) l
         where a.subject_id = any (v_found)
           and not (a.closed_on is not null and a.subject_id = any (v_persons)
               and cix.account_is_over(a.closed_on, a.status_ring, a.last_period, report_read.today))
           and (a.subject_id <> all (v_narrow) or a.member_id = any (report_read.caller)
               or cix.account_was_default(a, case when c.month is null then a.status_ring
                      else cix.ring_after(a.status_ring, 60, a.last_period, c.month) end, l.is_shown)
               or cix.ring_was_90_days(case when c.month is null then a.month_ring
                      else cix.ring_after(a.month_ring, 24, a.last_period, c.month) end));

    return query
        select 5::smallint, null::int, f.subject_id, f.flag_id, f.member_id, f.record_id,
               f.sealed_case_no, f.recorded_at, null::smallint, f.region, null::text,
               null::smallint, null::smallint, null::boolean,
               null::timestamptz[], null::int[], null::smallint[], null::bigint[],
               null::text, null::text, null::bigint, null::bigint, null::date,
               null::date, null::date, null::smallint, null::int, null::smallint,
               null::smallint, null::int, null::bigint, null::bigint,
               d.sealed_text, null::bytea,
               f.external_id, f.court, f.filed_on, f.published_on, f.expires_on, f.ground,
               f.performance, f.grade, f.status, f.restrictions,
               null::int, null::bigint, d.basis_unit, array[d.term_months]::bigint[], null::bigint[]
          from cix.flag f
          left join lateral (
               select t.sealed_text, t.basis_unit, t.term_months from cix.flag_detail t
                where t.subject_id = f.subject_id and t.flag_id = f.flag_id
                  and t.record_id = f.record_id and f.detail_index is not null limit 1) d on true
         where f.subject_id = any (v_listed) and f.status in (1, 2, 3)
           and f.published_on <= report_read.today
           and (f.expires_on is null or f.expires_on >= report_read.today);

    return query
        select 20::smallint, null::int, n.subject_id, n.target_id, n.member_id, n.annotation_id,
               n.sealed_text, n.recorded_at, n.kind, null::text, null::text,
               null::smallint, null::smallint, null::boolean,
               null::timestamptz[], null::int[], null::smallint[], null::bigint[],
               null::text, null::text, null::bigint, null::bigint, null::date,
               null::date, null::date, null::smallint, n.period, null::smallint,
               null::smallint, null::int, null::bigint, null::bigint,
               null::bytea, null::bytea,
               null::uuid, null::text, null::date, null::date, n.due_on, n.code,
               null::smallint, null::smallint, n.target, null::smallint[],
               null::int, null::bigint, null::text, null::bigint[], null::bigint[]
          from cix.annotation n
         where n.subject_id = any (v_found) and n.ended_at is null
           and (n.subject_id <> all (v_narrow) or n.target < 5);
    if v_informed is not null then -- what parties say of it; their words stay with their own reports
        return query
            select 20::smallint, null::int, p.subject_id, n.target_id, n.member_id, n.annotation_id,
                   null::bytea, n.recorded_at, n.kind, null::text, null::text,
                   null::smallint, null::smallint, null::boolean,
                   null::timestamptz[], null::int[], null::smallint[], null::bigint[],
                   null::text, null::text, null::bigint, null::bigint, null::date,
                   null::date, null::date, null::smallint, n.period, null::smallint,
                   null::smallint, null::int, null::bigint, null::bigint,
                   null::bytea, null::bytea,
                   null::uuid, null::text, null::date, null::date, n.due_on, n.code,
                   null::smallint, null::smallint, n.target, null::smallint[],
                   null::int, null::bigint, null::text, null::bigint[], null::bigint[]
              from (select distinct o.subject_id, o.fact_id, o.party_subject_id from cix.party o
                     where o.subject_id = any (v_informed) and o.subject_id <> all (v_narrow)) p
              join cix.annotation n on n.subject_id = p.party_subject_id and n.target = 6
                   and n.target_id = p.fact_id and n.ended_at is null;
    end if;

    return query
        select 21::smallint, null::int, p.subject_id, null::bigint, null::int, p.protection_id,
               p.sealed_phones, p.recorded_at, p.kind, null::text, null::text,
               null::smallint, null::smallint, null::boolean,
               null::timestamptz[], null::int[], null::smallint[], null::bigint[],
               null::text, null::text, null::bigint, null::bigint, null::date,
               null::date, null::date, null::smallint, null::int, null::smallint,
               null::smallint, null::int, null::bigint, null::bigint,
               null::bytea, null::bytea,
               null::uuid, null::text, p.from_on, null::date, p.until_on, null::smallint,
               null::smallint, null::smallint, null::smallint, null::smallint[],
               null::int, null::bigint, null::text, null::bigint[], null::bigint[]
          from cix.protections(v_found, report_read.today) p;

    if v_informed is not null then
        return query
            select 6::smallint, null::int, f.subject_id, f.fact_id, f.member_id, f.record_id,
                   f.sealed_text, f.recorded_at, f.kind, null::text, null::text,
                   null::smallint, null::smallint, null::boolean,
                   null::timestamptz[], null::int[], null::smallint[], null::bigint[],
                   null::text, null::text, null::bigint, null::bigint, null::date,
                   null::date, null::date, null::smallint, null::int, null::smallint,
                   null::smallint, null::int, null::bigint, null::bigint,
                   null::bytea, null::bytea,
                   null::uuid, f.origin, null::date, null::date, null::date, null::smallint,
                   null::smallint, null::smallint, null::smallint, null::smallint[],
                   null::int, f.account_id, f.content, null::bigint[], null::bigint[]
              from cix.fact_report(v_informed, report_read.today) f
             where f.subject_id <> all (v_narrow) or f.member_id = any (report_read.caller)
                or f.kind = 8;
    end if;
    if v_liable is not null then
        return query
            select 7::smallint, null::int, f.subject_id, f.fact_id, f.member_id, f.record_id,
                   null::bytea, f.recorded_at, a.type, null::text, null::text,
                   null::smallint, null::smallint, null::boolean,
                   null::timestamptz[], null::int[], null::smallint[], null::bigint[],
                   a.business_type, a.currency, null::bigint, null::bigint, a.opened_on,
                   a.matures_on, a.closed_on, null::smallint, case when l.is_shown then a.last_period end,
                   case when l.is_shown then a.account_status end,
                   case when l.is_shown then a.five_category end,
                   case when l.is_shown then a.days_overdue end,
                   case when l.is_shown then a.balance end,
                   case when l.is_shown then a.overdue_amount end,
                   null::bytea, null::bytea,
                   null::uuid, f.origin, null::date, null::date, null::date, null::smallint,
                   null::smallint, null::smallint, null::smallint, null::smallint[],
                   null::int, f.account_id, f.content, null::bigint[], null::bigint[]
              from cix.fact_liabilities(v_liable) f
              join cix.account a on a.subject_id = f.owner_subject_id and a.account_id = f.account_id
              join cix.subject s on s.subject_id = a.subject_id
             cross join lateral (
                   select not cix.adverse_covers(s.kind) or coalesce(
                       cix.adverse_cut(a.status_ring, a.last_period, v_oldest) < a.last_period, true)
                       as is_shown) l
             where not (cix.adverse_covers(s.kind)
                 and cix.account_is_over(a.closed_on, a.status_ring, a.last_period, report_read.today))
               and (f.subject_id <> all (v_narrow) or f.member_id = any (report_read.caller)
                   or cix.account_was_default(a, null, l.is_shown));
    end if;
end
$$;
comment on function cix.report_read is 'Second half of a report: serves committed inquiries only. Granted to cix_inquire.';
