-- Ratings: what the engine reads of a subject. It computes in C (core/domain/rating.h); this hands out the
-- plain facts, the same for a single question, a report and the job that rates again.
-- A rating is the exchange's: whoever asks, all data count, also those that the asking member may not see.

-- cix.rating_facts: what decides on exclusions and overrides, beside the accounts. Bits: 1 deceased, deregistered or
--   without its licence, 2 inquiries are blocked (frozen), 4 an identity in doubt (a record with a far name waits for
--   its member's review), 8 listed, 16 in grace, 32 listing suspended, 64 perpetrator of a confirmed fraud case. Being a victim is none (X002). subjects: without a repetition.
create or replace function cix.rating_facts(subjects bigint[], today date)
returns table (subject_id bigint, kind smallint, birth_year smallint, facts smallint)
language sql stable
begin atomic
    select s.subject_id, s.kind, s.birth_year,
           ((case when s.status in (2, 3, 4) then 1 else 0 end)
            | (case when s.freeze_level = 1 and today between coalesce(s.freeze_from, today)
                        and coalesce(s.freeze_to, today) then 2 else 0 end)
            | (case when s.status = 6 or exists (
                   select from cix.conflict c
                     join cix.quarantine q on q.member_id = c.member_id and q.submission_id = c.submission_id
                                          and q.chunk = c.chunk and q.line = c.line
                    where c.subject_id in (
                           select s.subject_id
                           union all select a.alias_id from cix.subject_alias a
                            where a.subject_id = s.subject_id and a.ended_at is null)
                      and c.kind = 1 and c.state = 1 and q.state = 1
                      and not cix.name_is_known(c.lookup, c.name_index))
               then 4 else 0 end)
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
--   4 fraud alert or freeze, which no rating reads: kind; account_id its id, opened_on and closed_on its days,
--     inquiry_at when it was set, status_ring the sealed numbers to call
-- Sections 2 to 4 belong to every element of their subject_id; rows of one subject stand together.
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
    return query
        select 4::smallint, null::int, p.subject_id, p.kind, null::smallint, null::smallint,
               null::int, array[p.recorded_at], null::int[], null::smallint[], p.protection_id,
               null::bigint, null::int, null::smallint, null::text, null::text, null::bigint, null::bigint,
               p.from_on, p.until_on, null::smallint, null::int, p.sealed_phones, null::bytea, null::text
          from cix.protections(v_known, rating_read.today) p order by p.subject_id;
end
$$;
comment on function cix.rating_read is 'Second half of a rating: serves committed inquiries only. Granted to cix_inquire.';

-- cix.rating_inquiries: the latest 100 of those that a report lists.
create or replace function cix.rating_inquiries(subject bigint, before bigint, now timestamptz)
returns table (at timestamptz[], member int[], purpose smallint[])
language sql stable
begin atomic
    select array_agg(q.at order by q.inquiry_id desc), array_agg(q.member_id order by q.inquiry_id desc),
           array_agg(q.purpose order by q.inquiry_id desc)
      from (select p.inquiry_id, p.at, p.member_id, p.purpose
              from cix.inquiry_before(subject, before, now) p
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
                where a.last_period <= v_oldest + 58 and cix.adverse_covers(s.kind)) c on true
         cross join lateral (select coalesce(c.month < a.last_period, true) as is_shown) l
         where a.subject_id = any (rating_rows.subjects)
           and not (a.closed_on is not null and cix.adverse_covers(s.kind)
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

-- cix.rating_touch: notes that something was written of these subjects which ratings read; 0 and null are
--   nobody. Whoever writes such a thing calls it in the same transaction, so that no change is missed however
--   long that lasts. It adds rows that nobody else looks for: no writer waits for another one here.
create or replace function cix.rating_touch(subjects bigint[])
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into cix.rating_change (subjects)
    select array_agg(distinct u.id) from unnest(rating_touch.subjects) as u (id)
     where u.id > 0 having count(*) > 0;
end
$$;
comment on function cix.rating_touch is 'Notes that subjects are to be rated again. Not granted to anyone.';

-- cix.rating_begin: whether this connection is the one that rates, until rating_end or its own end. Role cix_admin.
create or replace function cix.rating_begin()
returns boolean language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    select pg_try_advisory_lock(hashtextextended('cix.rating', 0));
end;
comment on function cix.rating_begin is 'One server rates at a time. Granted to cix_admin.';

-- cix.rating_end: others may rate. Role cix_admin.
create or replace function cix.rating_end()
returns boolean language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    select pg_advisory_unlock(hashtextextended('cix.rating', 0));
end;
comment on function cix.rating_end is 'Lets other servers rate. Granted to cix_admin.';

-- cix.rating_take: changes become due, of 100,000 subjects at a time and whoever else the note names that reaches
--   them, under a new turn; whoever is due and changed again is due anew.
create or replace function cix.rating_take()
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_turn bigint;
begin
    if not exists (select from cix.rating_change) then
        return;
    end if;
    update cix.rating_pass p set through = p.through + 1 where p.kind = 2 returning p.through into v_turn;
    with taken as (
        delete from cix.rating_change c
         where c.ctid = any (array(
               select n.ctid
                 from (select m.ctid, m.subjects,
                              sum(cardinality(m.subjects)) over (rows unbounded preceding) as many
                         from (select o.ctid, o.subjects from cix.rating_change o limit 20000) m) n
                where n.many - cardinality(n.subjects) < 100000))
        returning c.noted_at, c.subjects)
    insert into cix.rating_due (subject_id, turn, since)
    select coalesce(s.alias_of, s.subject_id), v_turn, min(t.noted_at)
      from taken t cross join unnest(t.subjects) u (id)
      join cix.subject s on s.subject_id = u.id
     group by 1
    on conflict (subject_id) do update set turn = excluded.turn;
end
$$;
comment on function cix.rating_take is 'Makes changes due. Not granted to anyone.';

-- cix.rating_pass_open: what there is to rate, for whoever rates (rating_begin); no row: no standard is in force,
--   and nobody is due. Takes what has changed, and begins a pass over all when the standards in force are others,
--   and once a day, since days decide too (what is stale, what a listing has outlived). What the job writes may be
--   computed again: it does not wait for the disk. Role cix_admin.
create or replace function cix.rating_pass_open(now timestamptz)
returns table (revision bigint, is_open boolean, through bigint, is_due boolean, turn bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_revision bigint := cix.standard_revision();
begin
    perform set_config('synchronous_commit', 'off', true);
    if not exists (select from cix.standard s where s.state = 2) then
        delete from cix.rating_change;
        delete from cix.rating_due;
        return;
    end if;
    -- infinity: not everybody was rated yet.
    insert into cix.rating_pass values (1, true, v_revision, now, 'infinity', 0), (2, true, 0, now, now, 0)
        on conflict do nothing;
    update cix.rating_pass p set is_open = true, revision = v_revision, from_at = now, through = 0
     where p.kind = 1 and (p.revision <> v_revision
           or not p.is_open and p.from_at < now - interval '1 day');
    perform cix.rating_take();
    return query
        select v_revision, e.is_open, e.through, exists (select from cix.rating_due), c.through
          from cix.rating_pass e cross join cix.rating_pass c where e.kind = 1 and c.kind = 2;
end
$$;
comment on function cix.rating_pass_open is 'What there is to rate. Granted to cix_admin.';

-- cix.rating_behind: for how long the oldest change waits that is not rated yet, in seconds, and when everybody was
--   rated last; null: not yet. Of changes that are not taken yet a thousand are looked at. No row: no standard is
--   in force, or no pass ever began. Role cix_admin.
create or replace function cix.rating_behind(now timestamptz)
returns table (seconds bigint, rated_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(greatest(0, extract(epoch from now - least(d.since, c.since))), 0)::bigint,
           case when not p.is_open or p.to_at < p.from_at then p.to_at end
      from cix.rating_pass p
     cross join (select min(r.since) as since from cix.rating_due r) d
     cross join (select min(n.noted_at) as since
                   from (select m.noted_at from cix.rating_change m limit 1000) n) c
     where p.kind = 1 and exists (select from cix.standard s where s.state = 2);
end;
comment on function cix.rating_behind is 'How far ratings are behind changes. Granted to cix_admin.';

-- cix.rating_slice: the next subjects by id, as cix.rating_read gives them; classes is every one. kind: 1 of all,
--   2 of those that are due. Role cix_admin.
create or replace function cix.rating_slice(kind smallint, after bigint, most int, today date)
returns table (
    section smallint, element int, subject_id bigint, kind_of smallint, birth_year smallint, facts smallint,
    classes int, inquiry_at timestamptz[], inquiry_member int[], inquiry_purpose smallint[],
    account_id bigint, taken_over_from bigint, member_id int, type smallint, business_type text,
    currency text, original_amount bigint, credit_limit bigint, opened_on date, closed_on date,
    account_status smallint, last_period int, status_ring bytea, month_ring bytea, content text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_subjects bigint[];
    v_now timestamptz := clock_timestamp();
begin
    if kind = 1 then
        v_subjects := array(select s.subject_id from cix.subject s
            where s.subject_id > after and s.alias_of is null order by s.subject_id limit most);
    else
        v_subjects := array(select d.subject_id from cix.rating_due d
            join cix.subject s on s.subject_id = d.subject_id and s.alias_of is null
            where d.subject_id > after order by d.subject_id limit most);
    end if;
    return query
        select 1::smallint, row_number() over (order by f.subject_id)::int, f.subject_id, f.kind, f.birth_year,
               f.facts, 255, i.at, i.member, i.purpose, null::bigint, null::bigint, null::int,
               null::smallint, null::text, null::text, null::bigint, null::bigint, null::date, null::date,
               null::smallint, null::int, null::bytea, null::bytea, null::text
          from cix.rating_facts(v_subjects, today) f
         cross join lateral cix.rating_inquiries(f.subject_id, 9223372036854775807, v_now) i;
    return query select r.* from cix.rating_rows(v_subjects, today) r;
end
$$;
comment on function cix.rating_slice is 'The next subjects of a pass. Granted to cix_admin.';

-- cix.rating_put: writes the ratings of a slice that differ from the latest of their subject and standard. Kind 1:
--   moves the pass on from after to through; is_end: it has come through. Kind 2: whoever stands behind after, up
--   to through (is_end: or further), is due no more, unless he changed after the turn that the slice was read in. Answers how many were
--   written, -1 when the pass is no longer where the slice was read: then nothing was. Role cix_admin.
create or replace function cix.rating_put(
    kind smallint, after bigint, through bigint, is_end boolean, turn bigint, now timestamptz, today date,
    subject_id bigint[], rating_id bigint[], standard_no int[], score smallint[], exclusion text[],
    grade text[], scored_grade text[], pd_ppm int[], reasons text[], inputs text[])
returns int language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_count int;
begin
    perform set_config('synchronous_commit', 'off', true);
    if rating_put.kind = 1 then
        update cix.rating_pass p
           set through = rating_put.through, is_open = not rating_put.is_end,
               to_at = case when rating_put.is_end then now else p.to_at end
         where p.kind = 1 and p.is_open and p.through = rating_put.after;
        if not found then
            return -1;
        end if;
    else
        delete from cix.rating_due d
         where d.subject_id > rating_put.after and (d.subject_id <= rating_put.through or rating_put.is_end)
           and d.turn <= rating_put.turn;
    end if;
    insert into cix.rating (subject_id, rating_id, standard_no, as_of, score, exclusion, grade, scored_grade,
            pd_ppm, reasons, inputs, recorded_at)
    select u.subject_id, u.rating_id, s.standard_no, today, nullif(u.score, 0), nullif(u.exclusion, ''),
           u.grade, u.scored_grade, case when u.score <> 0 then u.pd_ppm end, u.reasons, u.inputs, now
      from unnest(rating_put.subject_id, rating_put.rating_id, rating_put.standard_no, rating_put.score,
                  rating_put.exclusion, rating_put.grade, rating_put.scored_grade, rating_put.pd_ppm,
                  rating_put.reasons, rating_put.inputs)
                as u (subject_id, rating_id, standard_no, score, exclusion, grade, scored_grade, pd_ppm,
                      reasons, inputs)
      -- For a foreign key, which costs more than the row; and what was retired meanwhile rates nobody.
      join cix.standard s on s.standard_no = u.standard_no and s.state = 2
      left join lateral (
           select r.score, r.exclusion, r.grade, r.reasons
             from cix.rating r
            where r.subject_id = u.subject_id and r.standard_no = u.standard_no
            order by r.rating_id desc limit 1) l on true
     where (l.score, l.exclusion, l.grade, l.reasons)
           is distinct from (nullif(u.score, 0), nullif(u.exclusion, ''), u.grade, u.reasons);
    get diagnostics v_count = row_count;
    return v_count;
end
$$;
comment on function cix.rating_put is 'Writes what changed of a slice. Granted to cix_admin.';

-- cix.rating_over: of these subjects those that have something that is over (cix.purge_over), themselves or, then with
--   the time in which it was theirs, one that was merged into them: ratings kept meanwhile may tell of it.
create or replace function cix.rating_over(subjects bigint[], today date)
returns table (subject_id bigint, from_at timestamptz, to_at timestamptz)
language sql stable
begin atomic
    with told as materialized (
        select u.id as subject_id, u.id as of_id, '-infinity'::timestamptz as from_at,
            'infinity'::timestamptz as to_at
        from unnest(subjects) as u (id)
        union all
        select m.subject_id, m.alias_id, m.merged_at, m.ended_at
        from cix.subject_alias as m
        where m.subject_id = any (subjects) and m.ended_at is not null
    )
    select t.subject_id, t.from_at, t.to_at
    from told as t
    where t.of_id in (
        select o.subject_id from cix.purge_over(array(select distinct o.of_id from told as o), today) as o);
end;
comment on function cix.rating_over is 'Whose kept ratings may tell of what is over. Not granted to anyone.';

-- cix.rating_history: the read half of cix.report_ask with product 4, for the ratings that were kept. Role
--   cix_inquire. An element that is served has a row without a rating_id, then its latest 100, newest first. What the
--   purge would delete today is not shown, whether it has come or not.
create or replace function cix.rating_history(
    lookup bytea[], name_index bytea[], caller int[], purpose smallint[], consent_id uuid[],
    inquiry_id bigint[], today date)
returns table (element int, is_known boolean, rating_id bigint, standard_id text, version int, as_of date,
    score smallint, exclusion text, grade text, scored_grade text, pd_ppm int, reasons text,
    recorded_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_elements int[];
    v_subjects bigint[];
begin
    select array_agg(v.element), array_agg(v.subject_id)
      into v_elements, v_subjects
      from cix.inquiry_served(rating_history.lookup, rating_history.name_index, rating_history.caller,
               rating_history.purpose, rating_history.consent_id, rating_history.inquiry_id,
               4::smallint, rating_history.today) v;
    return query
        with served as (
            select e.element, e.subject_id from unnest(v_elements, v_subjects) e (element, subject_id)
        ), over as materialized (
            select o.* from cix.rating_over(array(select distinct s.subject_id from served s
                where s.subject_id > 0), rating_history.today) o
        )
        select v.element, v.subject_id > 0, null::bigint, null::text, null::int, null::date, null::smallint,
               null::text, null::text, null::text, null::int, null::text, null::timestamptz
          from served v
        union all
        select v.element, true, k.rating_id, s.standard_id, s.version, k.as_of, k.score, k.exclusion, k.grade,
               k.scored_grade, k.pd_ppm, k.reasons, k.recorded_at
          from served v
         cross join lateral (
               select r.* from cix.rating r
                where r.subject_id = v.subject_id
                  and not cix.rating_is_old(r.recorded_at, rating_history.today)
                  and not exists (
                      select from over o
                       where o.subject_id = r.subject_id and r.recorded_at between o.from_at and o.to_at)
                order by r.rating_id desc limit 100) k
          join cix.standard s on s.standard_no = k.standard_no
         order by 1, 3 desc nulls first;
end
$$;
comment on function cix.rating_history is 'Kept ratings: serves committed inquiries only. Granted to cix_inquire.';
