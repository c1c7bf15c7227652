-- Ratings: what the engine reads of a subject. It computes in C (core/domain/rating.h); this hands out the
-- plain facts, the same for a single question, a report and the job that rates again.
-- A rating is the exchange's: whoever asks, all data count, also those that the asking member may not see.

-- cix.rating_facts: what decides on exclusions and overrides, beside the accounts. Bits: 1 deceased, 2 inquiries
--   are blocked (frozen), 4 an identity in doubt, 8 listed, 16 in grace, 32 listing suspended, 64 perpetrator
--   of a confirmed fraud case. Being a victim is none (X002). subjects: without a repetition.
create or replace function cix.rating_facts(subjects bigint[], today date)
returns table (subject_id bigint, kind smallint, birth_year smallint, facts smallint)
language sql stable
begin atomic
    select s.subject_id, s.kind, s.birth_year,
           ((case when s.status = 2 then 1 else 0 end)
            | (case when s.freeze_level = 1 and today between coalesce(s.freeze_from, today)
                        and coalesce(s.freeze_to, today) then 2 else 0 end)
            | (case when s.status = 6 or exists (
                   select from cix.conflict c
                    where c.subject_id = s.subject_id and c.kind = 1 and c.state = 1) then 4 else 0 end)
            | coalesce((
                   select bit_or(case f.status when 1 then 8 when 2 then 16 else 32 end)
                     from cix.flag f
                    where f.subject_id = s.subject_id and f.status in (1, 2, 3)
                      and f.published_on <= today and coalesce(f.expires_on >= today, true)), 0)
            | (case when s.facts & 512 = 512 and exists (
                   select from (select distinct on (f.fact_id) f.fact_id, f.record_id, f.is_deleted
                                  from cix.fact f
                                 where f.subject_id = s.subject_id and f.kind = 9
                                 order by f.fact_id, f.record_id desc) v
                     join cix.fraud_case k on k.subject_id = s.subject_id and k.fact_id = v.fact_id
                                          and k.record_id = v.record_id
                    where not v.is_deleted and k.role = 1 and k.status = 2 and k.expires_on >= today)
               then 64 else 0 end))::smallint
      from cix.subject s
     where s.subject_id = any (subjects);
end;
comment on function cix.rating_facts is 'Facts that exclude or cap a rating. Not granted to anyone.';

-- cix.rating_read: the read half of cix.report_ask with product 4. Role cix_inquire. Rows come by section; an
-- element without a row of section 1 was not served.
--   1 element: subject_id null when nobody was found. Else kind, birth year, facts as cix.rating_facts, classes
--     that member and consent both allow, and the latest 100 inquiries of two years before it, newest first
--   2 account of a subject, with both rings      3 fact that ratings read: kind and content
-- Sections 2 and 3 belong to every element of their subject_id; rows of one subject stand together.
create or replace function cix.rating_read(
    lookup bytea[], name_index bytea[], caller int[], purpose smallint[], consent_id uuid[],
    inquiry_id bigint[], today date)
returns table (
    section smallint, element int, subject_id bigint, kind smallint, birth_year smallint, facts smallint,
    classes int, inquiry_at timestamptz[], inquiry_member int[], inquiry_purpose smallint[],
    account_id bigint, taken_over_from bigint, member_id int, type smallint, business_type text,
    currency text, original_amount bigint, credit_limit bigint, opened_on date, closed_on date,
    account_status smallint, last_period int, status_ring bytea, month_ring bytea, content text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_elements int[];
    v_subjects bigint[];
    v_inquiries bigint[];
    v_known bigint[];
    v_now timestamptz := clock_timestamp();
begin
    select array_agg(v.element), array_agg(v.subject_id), array_agg(v.footprint)
      into v_elements, v_subjects, v_inquiries
      from cix.inquiry_served(rating_read.lookup, rating_read.name_index, rating_read.caller,
               rating_read.purpose, rating_read.consent_id, rating_read.inquiry_id, 4::smallint,
               rating_read.today) v;
    select array_agg(distinct u.id) into v_known from unnest(v_subjects) u (id) where u.id > 0;
    return query
        select 1::smallint, e.element, f.subject_id, f.kind, f.birth_year, f.facts,
               m.data_classes & cix.inquiry_classes(rating_read.lookup[e.element],
                   rating_read.caller[e.element], rating_read.purpose[e.element],
                   rating_read.consent_id[e.element], rating_read.today),
               i.at, i.member, i.purpose, null::bigint, null::bigint, null::int, null::smallint,
               null::text, null::text, null::bigint, null::bigint, null::date, null::date, null::smallint,
               null::int, null::bytea, null::bytea, null::text
          from unnest(v_elements, v_subjects, v_inquiries) e (element, subject_id, inquiry_id)
          join cix.member m on m.member_id = rating_read.caller[e.element]
          left join cix.rating_facts(v_known, rating_read.today) f on f.subject_id = e.subject_id
         cross join lateral cix.rating_inquiries(e.subject_id, e.inquiry_id, v_now) i;
    return query select r.* from cix.rating_rows(v_known, rating_read.today) r;
end
$$;
comment on function cix.rating_read is 'Second half of a rating: serves committed inquiries only. Granted to cix_inquire.';

-- cix.rating_inquiries: who asked before, as a report lists it: reports and ratings (products 1 and 4).
create or replace function cix.rating_inquiries(subject bigint, before bigint, now timestamptz)
returns table (at timestamptz[], member int[], purpose smallint[])
language sql stable
begin atomic
    select array_agg(q.at order by q.inquiry_id desc), array_agg(q.member_id order by q.inquiry_id desc),
           array_agg(q.purpose order by q.inquiry_id desc)
      from (select p.inquiry_id, p.at, p.member_id, p.purpose
              from cix.inquiry p
             where p.subject_id = subject and subject > 0 and p.inquiry_id < before
               and p.product in (1, 4) and p.repeats_id is null and p.at > now - interval '2 years'
             order by p.inquiry_id desc limit 100) q;
end;
comment on function cix.rating_inquiries is 'Latest inquiries about a subject. Not granted to anyone.';

-- cix.rating_rows: sections 2 and 3 of cix.rating_read. subjects: without a repetition.
create or replace function cix.rating_rows(subjects bigint[], today date)
returns table (
    section smallint, element int, subject_id bigint, kind smallint, birth_year smallint, facts smallint,
    classes int, inquiry_at timestamptz[], inquiry_member int[], inquiry_purpose smallint[],
    account_id bigint, taken_over_from bigint, member_id int, type smallint, business_type text,
    currency text, original_amount bigint, credit_limit bigint, opened_on date, closed_on date,
    account_status smallint, last_period int, status_ring bytea, month_ring bytea, content text)
language plpgsql stable as $$
#variable_conflict use_column
declare
    v_informed bigint[];
    v_oldest int := cix.adverse_oldest(today);
begin
    -- What is over of a person is not rated either (adverse.sql), as it is shown by no report.
    return query
        select 2::smallint, null::int, a.subject_id, null::smallint, null::smallint, null::smallint,
               null::int, null::timestamptz[], null::int[], null::smallint[], a.account_id,
               a.transferred_from_account_id, a.member_id, a.type, a.business_type, a.currency,
               a.original_amount, a.credit_limit, a.opened_on, a.closed_on,
               case when l.is_shown then a.account_status end,
               case when l.is_shown then a.last_period end,
               case when c.month is null then a.status_ring
                    else cix.ring_after(a.status_ring, 60, a.last_period, c.month) end,
               case when c.month is null then a.month_ring
                    else cix.ring_after(a.month_ring, 24, a.last_period, c.month) end, null::text
          from cix.account a
          join cix.subject s on s.subject_id = a.subject_id
          left join lateral (
               select cix.adverse_cut(a.status_ring, a.last_period, v_oldest) as month
                where a.last_period <= v_oldest + 58 and s.kind = 1) c on true
         cross join lateral (select coalesce(c.month < a.last_period, true) as is_shown) l
         where a.subject_id = any (rating_rows.subjects)
           and not (a.closed_on is not null and s.kind = 1
               and cix.account_is_over(a.closed_on, a.status_ring, a.last_period, today))
         order by a.subject_id, a.account_id;
    -- Transactions and statements: hardly anybody's.
    select array_agg(s.subject_id) into v_informed
      from cix.subject s
     where s.subject_id = any (rating_rows.subjects) and s.facts & 3072 <> 0;
    if v_informed is null then
        return;
    end if;
    return query
        select 3::smallint, null::int, f.subject_id, f.kind, null::smallint, null::smallint,
               null::int, null::timestamptz[], null::int[], null::smallint[], null::bigint,
               null::bigint, null::int, null::smallint, null::text, null::text, null::bigint, null::bigint,
               null::date, null::date, null::smallint, null::int, null::bytea, null::bytea, f.content
          from cix.fact_report(v_informed, rating_rows.today) f
         where f.kind in (10, 11)
         order by f.subject_id, f.kind, f.record_id desc;
end
$$;
comment on function cix.rating_rows is 'Accounts and facts that ratings read. Not granted to anyone.';
