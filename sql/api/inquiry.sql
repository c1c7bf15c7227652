-- What reports and flag checks share: who may ask about whom, and the trace that every answer needs.
--
-- An inquiry has two halves in two transactions. The ask function decides, writes the inquiry and
-- its audit row, and tells nothing about the subject. The read function answers only to a trace
-- that is committed: visible, and written by another transaction than its own. Both decide by
-- cix.inquiry_decide, so a permission that ended in between is gone in the second half too.

-- cix.inquiry_is_consented, cix.inquiry_is_own: purposes that need a consent (I002), and an open
-- account of the asking member (I003). A purpose in neither list is nobody's.
create or replace function cix.inquiry_is_consented(purpose smallint) returns boolean
language sql immutable parallel safe
return purpose in (2, 3, 8, 20, 22, 23, 24, 25, 26, 31);
comment on function cix.inquiry_is_consented is 'Purposes that need a consent in force. Not granted to anyone.';

create or replace function cix.inquiry_is_own(purpose smallint) returns boolean
language sql immutable parallel safe
return purpose in (1, 21, 33);
comment on function cix.inquiry_is_own is 'Purposes that need an own open account. Not granted to anyone.';

-- cix.inquiry_level: a member's level of reciprocity about persons, or organisations; of nobody the full one, since
-- there is nothing to see.
create or replace function cix.inquiry_level(member cix.member, is_person boolean) returns smallint
language sql immutable parallel safe
return case when is_person then (member).reciprocity_consumer
            when not is_person then (member).reciprocity_commercial else 2 end;
comment on function cix.inquiry_level is 'What a member may see for what it gives. Not granted to anyone.';

-- cix.inquiry_decide: resolves and decides, one row an element, in no order; writes nothing. Inlined.
--   caller              members that ask
--   lookup, name_index  a subject is found by both or not at all
--   consent_id          this very consent, or null: any that covers
--   product             1 report, 3 platform exposure (data classes BASIC and CREDIT), 4 rating (RATING too),
--                       2 flag check (DISHONEST; purpose 32)
--   today               business date
--   persons             whether an identifier is a person's: of whom nobody knows the kind is taken by it, so that a
--                       refusal is the same for known and unknown subjects; null: by the subject's kind alone
-- With the plain facts of the subject, so that a report need not fetch them again.
-- subject_id is above zero when somebody was found. When not, it is below and made from the lookup,
-- so that a question about nobody leaves its trace like any other.
-- Outcomes:
--   0 granted
--   1 the member: not active, no lender, or lacks the data classes
--   2 the purpose is not permitted to the member, or not for this product (I001)
--   3 no consent in force covers member, purpose and data classes (I002); one for an account is in force while
--     that is the subject's and open
--   4 the member has no open account of the subject (I003)
--   7 the member's level of reciprocity: none for this kind of subject, or defaults alone and the product is made of
--     all accounts (cix.inquiry_level)
--   5 the subject has blocked inquiries (I006), for every purpose that needs a consent; known only to who
--     may ask
-- A revoked consent is over for good, whichever version the clocks of the servers made the latest.
-- Consents are found by the lookup, so that this refusal is the same for known and unknown subjects.
create or replace function cix.inquiry_decide(
    lookup bytea[], name_index bytea[], caller int[], purpose smallint[], consent_id uuid[],
    product smallint, today date, persons boolean[] default null)
returns table (element int, subject_id bigint, consent_id uuid, outcome smallint, kind smallint,
    segment smallint, birth_year smallint, region text, industry text, facts int)
language sql stable
begin atomic
    select k.element::int,
           coalesce(f.subject_id, -greatest(1, ('x' || encode(substr(k.lookup, 1, 8), 'hex'))::bit(64)::bigint
                                               & 9223372036854775807)),
           c.consent_id,
           case when not coalesce((m.state = 4 or cix.member_serves(m.state)), false) or m.roles & 2 = 0
                     or m.data_classes & p.classes <> p.classes then 1
                when k.purpose <> all (m.purposes)
                     or (inquiry_decide.product = 2) <> (k.purpose = 32)
                     or not (p.is_consented or p.is_own or k.purpose = 32) then 2
                when inquiry_decide.product <> 2
                     and cix.inquiry_level(m, coalesce(k.is_person, f.kind = 1))
                         < case inquiry_decide.product when 1 then 1 else 2 end then 7
                when p.is_consented and c.consent_id is null then 3
                when p.is_own and not exists (
                    select from cix.account a
                     where a.subject_id = f.subject_id and a.member_id = k.member_id
                       and a.closed_on is null) then 4
                when p.is_consented and f.is_blocked then 5
                else 0
           end::smallint,
           f.kind, f.segment, f.birth_year, f.region, f.industry, f.facts
      from unnest(inquiry_decide.lookup, inquiry_decide.name_index, inquiry_decide.caller,
                  inquiry_decide.purpose, inquiry_decide.consent_id, inquiry_decide.persons)
                  with ordinality
               as k (lookup, name_index, member_id, purpose, consent_id, is_person, element)
     cross join lateral (
           select cix.inquiry_is_consented(k.purpose) as is_consented,
                  cix.inquiry_is_own(k.purpose) as is_own,
                  case inquiry_decide.product when 2 then 8 when 4 then 67 else 3 end as classes) p
      left join cix.member m on m.member_id = k.member_id
      left join lateral (
           select v.consent_id
             from cix.consent v
            where p.is_consented and v.lookup = k.lookup and v.member_id = k.member_id
              and (k.consent_id is null or v.consent_id = k.consent_id)
              and k.purpose = any (v.purposes) and v.data_classes & p.classes = p.classes
              and not v.is_revoked and inquiry_decide.today between v.effective_on and v.expires_on
              and (v.scope_index is null
                   or cix.consent_scope_holds(v.lookup, v.member_id, v.scope_index, inquiry_decide.today))
              and not exists (
                  select from cix.consent n
                   where n.lookup = v.lookup and n.member_id = v.member_id
                     and n.consent_id = v.consent_id
                     and (n.is_revoked or n.record_id > v.record_id))
            limit 1) c on true
      left join lateral (
           -- An alias is rare: its row costs a look-up only where there is one.
           select case when t.subject_id is null then s.subject_id else t.subject_id end as subject_id,
                  case when t.subject_id is null then s.kind else t.kind end as kind,
                  case when t.subject_id is null then s.segment else t.segment end as segment,
                  case when t.subject_id is null then s.birth_year else t.birth_year end as birth_year,
                  case when t.subject_id is null then s.region else t.region end as region,
                  case when t.subject_id is null then s.industry else t.industry end as industry,
                  case when t.subject_id is null then s.facts else t.facts end as facts,
                  case when t.subject_id is null then s.freeze_level else t.freeze_level end = 1
                  and inquiry_decide.today between
                      coalesce(case when t.subject_id is null then s.freeze_from else t.freeze_from end,
                               inquiry_decide.today)
                  and coalesce(case when t.subject_id is null then s.freeze_to else t.freeze_to end,
                               inquiry_decide.today) as is_blocked
             from cix.identifier i
             join cix.subject s on s.subject_id = i.subject_id
             left join cix.subject t on t.subject_id = s.alias_of
            where i.lookup = k.lookup
              and exists (
                  select from cix.subject_name n
                   where n.subject_id = any (array[s.subject_id, t.subject_id])
                     and n.name_index = k.name_index)) f on true;
end;
comment on function cix.inquiry_decide is 'Who may ask about whom. Not granted to anyone.';

-- cix.inquiry_rule: the rule behind an outcome, '' for none.
create or replace function cix.inquiry_rule(outcome smallint) returns text
language sql immutable parallel safe
return case outcome when 2 then 'I001' when 3 then 'I002' when 4 then 'I003' when 5 then 'I006'
                    when 6 then 'C004' else '' end;
comment on function cix.inquiry_rule is 'Rule behind an outcome of an inquiry. Not granted to anyone.';

-- cix.inquiry_trace: writes the inquiries that were granted, and an audit row of every element.
-- Ids that exist are passed over, so that a batch which is run again leaves one trace.
-- Rule I007: the same operator of a member asks again about a subject, for the same purpose and product, within
-- ten minutes: the inquiry repeats the first one, stored or of this batch, and leaves no footprint of its own.
-- Ids are made from the time: the stored one is found in a range of them.
create or replace function cix.inquiry_trace(
    subject_id bigint[], inquiry_id bigint[], caller int[], purpose smallint[], product smallint,
    operator bytea[], consent_id uuid[], outcome smallint[],
    lookup bytea[], certificate bytea[], salt bytea[], method smallint)
returns void language plpgsql volatile as $$
#variable_conflict use_column
declare
    v_at timestamptz := clock_timestamp();
    v_xid xid8 := pg_current_xact_id();
    v_span bigint := 600000::bigint << 22; -- ten minutes, in ids
begin
    -- The same question in two transactions at once: one behind the other. In the order of their keys, so that
    -- two batches never deadlock.
    perform pg_advisory_xact_lock(k.key)
       from (select distinct hashtextextended(encode(u.operator, 'hex'), u.subject_id # u.purpose) as key
               from unnest(inquiry_trace.subject_id, inquiry_trace.purpose, inquiry_trace.operator,
                           inquiry_trace.outcome) as u (subject_id, purpose, operator, outcome)
              where u.outcome = 0 order by key) k;
    insert into cix.inquiry (subject_id, inquiry_id, member_id, purpose, product, operator,
            consent_id, xid, at, repeats_id)
    select u.subject_id, u.inquiry_id, u.member_id, u.purpose, inquiry_trace.product, u.operator,
           u.consent_id, v_xid, v_at,
           coalesce(f.inquiry_id, nullif(first_value(u.inquiry_id) over (
               partition by u.subject_id, u.member_id, u.purpose, u.operator order by u.place),
               u.inquiry_id))
      from unnest(inquiry_trace.subject_id, inquiry_trace.inquiry_id, inquiry_trace.caller,
                  inquiry_trace.purpose, inquiry_trace.operator, inquiry_trace.consent_id,
                  inquiry_trace.outcome) with ordinality
               as u (subject_id, inquiry_id, member_id, purpose, operator, consent_id, outcome, place)
      left join lateral (
           select p.inquiry_id
             from cix.inquiry p
            where p.subject_id = u.subject_id and p.inquiry_id > u.inquiry_id - v_span
              and p.inquiry_id <> u.inquiry_id and p.member_id = u.member_id
              and p.purpose = u.purpose and p.product = inquiry_trace.product
              and p.operator = u.operator and p.repeats_id is null
              and p.at > v_at - interval '10 minutes'
            order by p.inquiry_id limit 1) f on true
     where u.outcome = 0
     order by u.subject_id, u.inquiry_id
        on conflict do nothing;
    perform cix.audit_append(inquiry_trace.inquiry_id, v_at, inquiry_trace.caller,
        inquiry_trace.method, inquiry_trace.certificate, inquiry_trace.salt, inquiry_trace.lookup,
        inquiry_trace.purpose, inquiry_trace.consent_id, inquiry_trace.outcome, null);
end
$$;
comment on function cix.inquiry_trace is 'Writes inquiries and their audit rows. Not granted to anyone.';

-- cix.inquiry_served: the elements that may be read now. An element needs its own committed trace,
-- at most ten seconds old: the row is visible, was written by another transaction, and is of this
-- member, purpose and product; and permission holds still. footprint: the inquiry that stands for it.
create or replace function cix.inquiry_served(
    lookup bytea[], name_index bytea[], caller int[], purpose smallint[], consent_id uuid[],
    inquiry_id bigint[], product smallint, today date)
returns table (element int, subject_id bigint, inquiry_id bigint, member_id int, kind smallint,
    segment smallint, birth_year smallint, region text, industry text, facts int, footprint bigint)
language sql stable
begin atomic
    select d.element, d.subject_id, q.inquiry_id, q.member_id, d.kind, d.segment, d.birth_year,
           d.region, d.industry, d.facts, coalesce(q.repeats_id, q.inquiry_id)
      from cix.inquiry_decide(inquiry_served.lookup, inquiry_served.name_index,
               inquiry_served.caller, inquiry_served.purpose, inquiry_served.consent_id,
               inquiry_served.product, inquiry_served.today) d
      join cix.inquiry q on q.subject_id = d.subject_id
                        and q.inquiry_id = inquiry_served.inquiry_id[d.element]
     where d.outcome = 0
       and q.member_id = inquiry_served.caller[d.element]
       and q.purpose = inquiry_served.purpose[d.element]
       and q.product = inquiry_served.product
       and q.xid is distinct from pg_current_xact_id_if_assigned()
       and q.at > clock_timestamp() - interval '10 seconds';
end;
comment on function cix.inquiry_served is 'Elements with a committed trace and permission. Not granted to anyone.';

-- cix.inquiry_before: who asked for a report or a rating of a subject before an inquiry, newest first: of the latest
--   10,000 inquiries of whatever product those of two years, each footprint once (I007). A report lists all of
--   them, and a rating reads the first of them: both ask here, so that who holds the one recomputes the other.
--   Inlined.
create or replace function cix.inquiry_before(subject bigint, before bigint, now timestamptz)
returns table (inquiry_id bigint, at timestamptz, member_id int, purpose smallint)
language sql stable
begin atomic
    select q.inquiry_id, q.at, q.member_id, q.purpose
      from (select p.inquiry_id, p.at, p.member_id, p.purpose, p.product, p.repeats_id
              from cix.inquiry p
             where p.subject_id = subject and subject > 0 and p.inquiry_id < before
             order by p.inquiry_id desc limit 10000) q
     where q.product in (1, 4) and q.repeats_id is null and q.at > now - interval '2 years';
end;
comment on function cix.inquiry_before is 'Who asked about a subject before. Not granted to anyone.';

-- cix.inquiry_classes: the data classes that the consents behind an inquiry cover together; every one
-- for a purpose that needs no consent. The inquiry itself is decided already.
create or replace function cix.inquiry_classes(
    p_lookup bytea, p_member int, p_purpose smallint, p_consent uuid, today date)
returns int language sql stable
begin atomic
    select case when not cix.inquiry_is_consented(p_purpose) then 255 else coalesce((
        select bit_or(v.data_classes)
          from cix.consent v
         where v.lookup = p_lookup and v.member_id = p_member
           and (p_consent is null or v.consent_id = p_consent)
           and p_purpose = any (v.purposes)
           and not v.is_revoked and today between v.effective_on and v.expires_on
           and (v.scope_index is null
                or cix.consent_scope_holds(v.lookup, v.member_id, v.scope_index, today))
           and not exists (
               select from cix.consent n
                where n.lookup = v.lookup and n.member_id = v.member_id
                  and n.consent_id = v.consent_id
                  and (n.is_revoked or n.record_id > v.record_id))), 0) end;
end;
comment on function cix.inquiry_classes is 'Data classes that consents cover. Not granted to anyone.';
