-- Supervision: what borrowers owe on lending platforms, beside the caps of the law; and the list of
-- findings for the administrative regulator.
-- Exposure is the balance of open loans of the product P1 in the currency of the caps, platform by
-- platform; a loan whose first month is not reported yet counts with what was lent. The platform is
-- the one that the loan names, or the member that reports it.

-- cix.exposure_sum: a sum of amounts, null of none; beyond 64 bits the largest number: whoever makes it so is
--   beyond the caps all the same, and stops nobody else.
create or replace function cix.exposure_sum(amount numeric) returns bigint
language sql immutable parallel safe
return case when amount is not null then least(amount, 9223372036854775807)::bigint end;
comment on function cix.exposure_sum is 'A sum of amounts of at most 64 bits. Not granted to anyone.';

-- cix.platform_exposure: what each subject owes on each platform. subjects: sorted or not, no twice.
create or replace function cix.platform_exposure(subjects bigint[])
returns table (subject_id bigint, platform_id int, amount bigint, accounts int)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select a.subject_id, coalesce(a.platform_id, a.member_id),
           cix.exposure_sum(sum(greatest(coalesce(a.balance, a.original_amount, 0), 0))), count(*)::int
      from cix.account a
     where a.subject_id = any (platform_exposure.subjects) and a.business_type = 'P1'
       and a.currency = 'CNY' and a.closed_on is null
     group by 1, 2;
end;
comment on function cix.platform_exposure(bigint[]) is 'What subjects owe on lending platforms. Not granted to anyone.';

-- cix.exposure_caps: the caps in force on a day, for persons or organisations. Null where there is none.
create or replace function cix.exposure_caps(is_person boolean, today date)
returns table (one_platform bigint, all_platforms bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select (select c.amount from cix.exposure_cap c
             where c.is_person = exposure_caps.is_person and not c.is_overall
               and c.valid_from <= exposure_caps.today order by c.valid_from desc limit 1),
           (select c.amount from cix.exposure_cap c
             where c.is_person = exposure_caps.is_person and c.is_overall
               and c.valid_from <= exposure_caps.today order by c.valid_from desc limit 1);
end;
comment on function cix.exposure_caps(boolean, date) is 'Caps on platform lending in force on a day. Not granted to anyone.';

-- cix.exposure_read: the read half of cix.report_ask with product 3, one row for each element that is served. An unknown subject owes nothing. Role cix_inquire.
--   Behind them, one row each: fraud alerts and freezes (cix.protections), with protection their kind.
--   persons: whether the identifier is a person's, for the caps of who is not known.
--   own: on the asking member's platform.
create or replace function cix.exposure_read(
    lookup bytea[], name_index bytea[], caller int[], purpose smallint[], consent_id uuid[],
    inquiry_id bigint[], persons boolean[], today date)
returns table (
    element int, own bigint, overall bigint, platforms int, accounts int,
    cap_one bigint, cap_all bigint, protection_id bigint, protection smallint, from_on date,
    until_on date, sealed_phones bytea, recorded_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    return query
        with served as materialized (
            select s.* from cix.inquiry_served(exposure_read.lookup, exposure_read.name_index,
                exposure_read.caller, exposure_read.purpose, exposure_read.consent_id,
                exposure_read.inquiry_id, 3::smallint, exposure_read.today) s
        ), owed as materialized (
            select e.* from cix.platform_exposure(array(select distinct s.subject_id from served s)) e
        )
        select s.element, coalesce(o.own, 0), coalesce(o.overall, 0),
               coalesce(o.platforms, 0), coalesce(o.accounts, 0), c.one_platform, c.all_platforms,
               null::bigint, null::smallint, null::date, null::date, null::bytea, null::timestamptz
          from served s
          cross join lateral cix.exposure_caps(coalesce(s.kind = 1, exposure_read.persons[s.element]), exposure_read.today) c
          left join lateral (
               select cix.exposure_sum(sum(e.amount) filter (where e.platform_id = s.member_id)) as own,
                      cix.exposure_sum(sum(e.amount)) as overall, count(*)::int as platforms,
                      sum(e.accounts)::int as accounts
                 from owed e where e.subject_id = s.subject_id) o on true
        union all
        select s.element, null, null, null, null, null, null, p.protection_id, p.kind, p.from_on,
               p.until_on, p.sealed_phones, p.recorded_at
          from cix.protections(array(select distinct s.subject_id from served s), exposure_read.today) p
          join served s on s.subject_id = p.subject_id;
end
$$;
comment on function cix.exposure_read is 'Second half of a platform exposure: serves committed inquiries only. Granted to cix_inquire.';

-- cix.account_is_raised: whether a version of an account lends more than the one before it.
create or replace function cix.account_is_raised(subject bigint, account bigint, record bigint)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select exists (
        select from cix.account_version as v
            cross join lateral (
                select o.original_amount, o.credit_limit from cix.account_version as o
                where o.subject_id = v.subject_id and o.account_id = v.account_id
                    and o.record_id < v.record_id
                order by o.record_id desc limit 1) as o
        where v.subject_id = subject and v.account_id = account and v.record_id = record
            and (coalesce(v.original_amount, 0) > coalesce(o.original_amount, 0)
                or coalesce(v.credit_limit, 0) > coalesce(o.credit_limit, 0)));
end;
comment on function cix.account_is_raised is 'Whether a version of an account lends more. Not granted to anyone.';

-- cix.credit_is_over: whether credit that a version of an account gave stands no more: the account is closed or gone, or
--   what was raised is as low again as before, also because the raise was taken back.
create or replace function cix.credit_is_over(subject bigint, record bigint)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select not exists (
        select from cix.account_version as v
            join cix.account as a on a.subject_id = v.subject_id and a.account_id = v.account_id
            left join lateral (
                select o.record_id, o.original_amount, o.credit_limit from cix.account_version as o
                where o.subject_id = v.subject_id and o.account_id = v.account_id
                    and o.record_id < v.record_id
                order by o.record_id desc limit 1) as o on true
        where v.subject_id = subject and v.record_id = record and a.closed_on is null
            and (o.record_id is null
                or coalesce(a.original_amount, 0) > coalesce(o.original_amount, 0)
                or coalesce(a.credit_limit, 0) > coalesce(o.credit_limit, 0)));
end;
comment on function cix.credit_is_over is 'Whether credit of a version stands no more. Not granted to anyone.';

-- cix.cap_measure: what a finding of kind 5 or 6 measures now: the borrower's loans of the platform, or of all while that
--   one has any, and the cap. Null: none.
create or replace function cix.cap_measure(
    finding_kind smallint, subject bigint, platform int, today date, out measured bigint, out bound bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select case when finding_kind = 5 or o.own is not null
            then cix.exposure_sum(case finding_kind when 5 then o.own else o.overall end) end,
        case finding_kind when 5 then c.one_platform else c.all_platforms end
    from cix.subject as s
        cross join lateral cix.exposure_caps(s.kind = 1, today) as c
        cross join lateral (
            select sum(e.amount) filter (where e.platform_id = platform) as own, sum(e.amount) as overall
            from cix.platform_exposure(array[s.subject_id]) as e) as o
    where s.subject_id = subject;
end;
comment on function cix.cap_measure is 'What a finding about a cap measures now. Not granted to anyone.';

-- cix.finding_settle: closes the findings of kinds 5 to 7 that are put right: the sum is within the cap, or the platform has
--   no open loan of the borrower any more; the credit is over (credit_is_over). Those of kinds 5 and 6 that stay
--   open show what is owed now. There are few, so that no record has to look for them.
create or replace function cix.finding_settle(today date)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    update cix.finding as f set state = 2
    where f.kind = 7 and f.state = 1 and cix.credit_is_over(f.subject_id, f.finding_id);
    update cix.finding as f
    set state = case when g.is_over then 2 else 1 end,
        measured = case when g.is_over then f.measured else g.measured end,
        bound = case when g.is_over then f.bound else g.bound end
    from (select o.subject_id, o.finding_id, o.kind, m.measured, m.bound,
            coalesce(m.measured <= m.bound, true) as is_over
        from cix.finding as o
            left join lateral cix.cap_measure(o.kind, o.subject_id, o.member_id, today) as m on true
        where o.kind in (5, 6) and o.state = 1) as g
    where f.subject_id = g.subject_id and f.finding_id = g.finding_id and f.kind = g.kind and f.state = 1
        and (g.is_over or (f.measured, f.bound) is distinct from (g.measured, g.bound));
end;
comment on function cix.finding_settle is 'Closes findings about lending. Not granted to anyone.';

-- cix.cap_finding: of a borrower, platform and cap one finding is open at a time, and shows what is owed now: of two
--   who pass a cap at one instant the second sees the first one's (exposure_hold).
create or replace function cix.cap_finding(
    at timestamptz, submission uuid, subject bigint, record bigint, finding_kind smallint, platform int,
    amount bigint, cap bigint, reporter int)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update cix.finding as f set measured = amount, bound = cap
    where f.subject_id = subject and f.kind = finding_kind and f.member_id = platform and f.state = 1;
    if not found then
        perform cix.finding_put(at, submission, array[subject], array[record], array[finding_kind],
            array['A020'], array[platform], array[null]::bigint[], array[null]::int[], array['CNY'],
            array[amount], array[cap], reporter);
    end if;
end;
$$;
comment on function cix.cap_finding is 'Opens or renews the finding of one cap. Not granted to anyone.';

-- cix.account_findings: what the opening of accounts, or lending more on one, shows: a borrower of a
--   platform beyond a cap (A020, kinds 5 and 6; the member is the platform), and credit for a subject
--   that a court's measure or its own freeze kept from new credit on the day on which the account was opened,
--   or on which it was said that more is lent (kind 7). account_ids: the ids that new accounts got; an account
--   that was there before has another. own, overall: what the borrower of each owes on its platform and on all, as
--   exposure_sums gives it.
create or replace function cix.account_findings(
    caller int, submission uuid, at timestamptz, account_indexes bytea[], account_ids bigint[],
    record_ids bigint[], own bigint[], overall bigint[])
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set jit = off
as $$
declare
    found record;
begin
    for found in
        with opened as materialized (
            select g.record_id, a.subject_id, a.currency, g.own, g.overall,
                coalesce(a.original_amount, a.credit_limit) as amount,
                coalesce(a.platform_id, caller) as platform_id, s.kind = 1 as is_person,
                exists (
                    select from cix.protection as p
                    where p.subject_id = a.subject_id and p.kind = 3 and p.ended_at is null
                        and d.lent_on between p.from_on and coalesce(p.until_on, d.lent_on))
                or exists (
                    select from cix.flag as f
                    where f.subject_id = a.subject_id and f.status in (1, 2)
                        and 1::smallint = any (f.restrictions) and f.published_on <= d.lent_on
                        and (f.expires_on is null or f.expires_on >= d.lent_on)) as is_restricted
            from unnest(account_indexes, account_ids, record_ids, own, overall)
                    as g (account_index, account_id, record_id, own, overall)
                cross join lateral (
                    select k.subject_id, k.account_id from cix.account_key as k
                    where k.member_id = caller and k.account_index = g.account_index
                    offset 0) as k
                join cix.account as a on a.subject_id = k.subject_id and a.account_id = k.account_id
                join cix.subject as s on s.subject_id = a.subject_id
                cross join lateral (
                    select case when k.account_id = g.account_id then a.opened_on else at::date end as lent_on) as d
            where k.account_id = g.account_id
                or cix.account_is_raised(a.subject_id, a.account_id, g.record_id)
        )
        (select distinct on (o.subject_id, o.platform_id, c.kind) o.subject_id, o.record_id, c.kind,
            o.platform_id as member_id, 'CNY' as currency, c.measured, c.bound
        from opened as o
            cross join lateral cix.exposure_caps(o.is_person, at::date) as e
            cross join lateral (values (5::smallint, o.own, e.one_platform),
                (6::smallint, o.overall, e.all_platforms)) as c (kind, measured, bound)
        where c.measured > c.bound
        order by o.subject_id, o.platform_id, c.kind, o.record_id)
        union all
        select o.subject_id, o.record_id, 7::smallint, caller, o.currency, o.amount, null
        from opened as o where o.is_restricted
    loop
        if found.kind = 7 then
            perform cix.finding_put(at, submission, array[found.subject_id], array[found.record_id],
                array[found.kind], array[''], array[found.member_id], array[null]::bigint[],
                array[null]::int[], array[found.currency], array[found.measured], array[null]::bigint[],
                caller);
        else
            perform cix.cap_finding(at, submission, found.subject_id, found.record_id, found.kind,
                found.member_id, found.measured, found.bound, caller);
        end if;
    end loop;
end;
$$;
comment on function cix.account_findings is 'Writes what newly opened accounts show. Not granted to anyone.';

-- cix.finding_list: findings behind an id and kind, oldest first, without the person. Role cix_regulate.
--   kind_only, member_only: 0 for all. An active administrative regulator sees all; an active contributor
--   those about its own limits (kinds 21 to 28); for others outcome 5 is the only row. Leaves one audit row.
create or replace function cix.finding_list(
    caller int, kind_only smallint, member_only int, with_closed boolean, behind bigint,
    behind_kind smallint, page_size int,
    at timestamptz, audit_id bigint, method smallint, certificate bytea, salt bytea)
returns table (outcome smallint, finding_id bigint, kind smallint, rule text, member_id int, period int,
    currency text, measured bigint, bound bigint, state smallint, recorded_at timestamptz, value text,
    reporter_id int)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    caller_roles int := coalesce((
        select m.roles from cix.member as m
        where m.member_id = caller and (m.state = 4 or cix.member_serves(m.state))), 0);
    is_permitted boolean := caller_roles & 9 <> 0;
begin
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt,
        (case when is_permitted then 0 else 5 end)::smallint, null);
    if not is_permitted then
        return query select 5::smallint, 0::bigint, 0::smallint, '', 0, null::int, '', null::bigint,
            null::bigint, 0::smallint, at, '', null::int;
        return;
    end if;
    if caller_roles & 8 = 0 then -- by the key: whatever else there is, a contributor waits for its own alone
        return query
            select 0::smallint, f.finding_id, f.kind, f.rule, f.member_id, f.period, f.currency, f.measured,
                   f.bound, f.state, f.recorded_at, coalesce(f.value, ''), f.reporter_id
              from cix.finding f
             where f.subject_id = caller and f.kind between 21 and 28 and f.member_id = caller
               and (f.finding_id, f.kind) > (behind, behind_kind) and (kind_only = 0 or f.kind = kind_only)
               and (member_only = 0 or f.member_id = member_only) and (with_closed or f.state = 1)
             order by f.finding_id, f.kind
             limit page_size;
        return;
    end if;
    return query
        select 0::smallint, f.finding_id, f.kind, f.rule, f.member_id, f.period, f.currency, f.measured,
               f.bound, f.state, f.recorded_at, coalesce(f.value, ''), f.reporter_id
          from cix.finding f
         where (f.finding_id, f.kind) > (behind, behind_kind) and (kind_only = 0 or f.kind = kind_only)
           and (member_only = 0 or f.member_id = member_only) and (with_closed or f.state = 1)
         order by f.finding_id, f.kind
         limit page_size;
end;
$$;
comment on function cix.finding_list is 'Findings for the administrative regulator, and of own limits. Granted to cix_regulate.';

-- cix.month_is_default: whether a month of an account is a default: 90 days overdue and more, class
--   substandard or worse, bad debt, paid by a guarantor or with assets, ended abnormally (domain.md 4.2).
create or replace function cix.month_is_default(
    type smallint, account_status smallint, repay "char", days int, category smallint)
returns boolean language sql immutable parallel safe
return coalesce(category between 3 and 5, false) or coalesce(days >= 90, false)
    or repay in ('4', '5', '6', '7', 'B', 'D', 'G', 'Z')
    or coalesce(account_status = case when type in (3, 4) then 5 else 4 end, false);
comment on function cix.month_is_default is 'Whether a month of an account is a default. Not granted to anyone.';

-- cix.account_was_default: whether an account is or was in default, by what a report shows of it: more than 90 days overdue,
-- bad debt, or an end by the guarantor, by assets or against the agreement; the rest cix.ring_was_90_days tells. ring: its repay statuses, null: none are shown;
-- is_latest: its latest month is shown.
create or replace function cix.account_was_default(account cix.account, ring bytea, is_latest boolean) returns boolean
language sql immutable parallel safe
begin atomic
    select is_latest and cix.month_is_default((account).type, (account).account_status, null, (account).days_overdue,
                         (account).five_category)
        or exists (select from generate_series(0, length(ring) - 1) s (slot)
                    where get_byte(ring, s.slot) between 52 and 55 or get_byte(ring, s.slot) in (66, 68, 71, 90));
end;
comment on function cix.account_was_default is 'Whether a report shows an account in default. Not granted to anyone.';

-- cix.ring_was_90_days: whether a month ring has a month that was 90 days overdue (core/domain/ring.h): at 90 days exactly the
-- status is still 3, and the days alone tell.
create or replace function cix.ring_was_90_days(ring bytea) returns boolean
language sql immutable parallel safe
begin atomic
    select exists (select from generate_series(0, length(ring) - 40, 40) s (slot)
                    where get_byte(ring, s.slot) & 33 = 33
                        and get_byte(ring, s.slot + 2) * 256 + get_byte(ring, s.slot + 3) >= 90);
end;
comment on function cix.ring_was_90_days is 'Whether a month ring has a month 90 days overdue. Not granted to anyone.';

-- cix.grade_cohort: what became of the subjects of each grade at the end of a month, at any member.
--   Each subject counts with the latest grade that a member gave it within the twelve months before, in
--   the version that counts today. subjects: those that were performing and have a month reported in the
--   twelve months after; defaulted: of these; left_out: the others. hindsight: of subjects, those whose
--   grade was recorded or put right only after the month behind. member 0: of all.
create or replace function cix.grade_cohort(member int, month int)
returns table (member_id int, origin text, grade text, master_grade text, subjects bigint,
    defaulted bigint, left_out bigint, hindsight bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    with graded as materialized (
        select distinct on (v.member_id, v.origin, v.subject_id) v.member_id, v.origin, v.subject_id,
            g.grade, g.graded_on, v.recorded_at >= cix.quality_instant(month + 2) as is_hindsight
        from cix.member m
            join cix.fact_key k on k.member_id = m.member_id and k.kind = 14
            cross join lateral (
                select f.* from cix.fact f
                where f.subject_id = k.subject_id and f.fact_id = k.fact_id
                order by f.record_id desc limit 1) as v
            join cix.member_grade g on g.subject_id = v.subject_id and g.fact_id = v.fact_id
                and g.record_id = v.record_id
        where (grade_cohort.member = 0 or m.member_id = grade_cohort.member) and not v.is_deleted
            and g.graded_on >= (cix.quality_instant(month - 11) at time zone 'UTC')::date
            and g.graded_on < (cix.quality_instant(month + 1) at time zone 'UTC')::date
        order by v.member_id, v.origin, v.subject_id, g.graded_on desc, v.record_id desc
    ), maps as materialized (
        select f.member_id, f.origin, m.grade, m.from_on, coalesce(m.until_on, 'infinity') as until_on,
            m.master_grade
        from cix.grade_map m
            join cix.fact f on f.subject_id = m.subject_id and f.fact_id = m.fact_id
                and f.record_id = m.record_id
        where (grade_cohort.member = 0 or m.subject_id = grade_cohort.member)
            and cix.fact_is_current(m.subject_id, m.fact_id, m.record_id)
    ), latest as ( -- every step keeps its rows in hand: whoever joined them again would compare all with all
        select distinct on (g.member_id, g.origin, g.subject_id, d.account_id, d.period) g.*, d.account_id,
            case when d.is_deleted is not true then d.period end as period,
            cix.month_is_default(
                case when d.account_status in (4, 5) then (
                    select a.type from cix.account a
                    where a.subject_id = d.subject_id and a.account_id = d.account_id) end,
                d.account_status, d.repay_status, d.days_overdue, d.five_category) as is_default
        from graded g
            left join cix.performance_delta d on d.subject_id = g.subject_id
                and d.period > month - 60 and d.period <= month + 12
        order by g.member_id, g.origin, g.subject_id, d.account_id, d.period, d.delta_id desc
    ), placed as (
        select l.*, max(l.period) filter (where l.period <= month)
                over (partition by l.member_id, l.origin, l.subject_id, l.account_id) as before
        from latest l
    ), outcome as (
        select p.member_id, p.origin, p.subject_id, p.grade, p.graded_on, p.is_hindsight,
            coalesce(bool_or(p.period > month), false)
                and not coalesce(bool_or(p.is_default and p.period = p.before), false) as is_counted,
            coalesce(bool_or(p.is_default and p.period > month), false) as is_default
        from placed p
        group by p.member_id, p.origin, p.subject_id, p.grade, p.graded_on, p.is_hindsight
    ), judged as (
        select o.*, coalesce(m.master_grade, '') as master_grade
        from outcome o
            left join maps m on m.member_id = o.member_id and m.origin = o.origin and m.grade = o.grade
                and o.graded_on between m.from_on and m.until_on
    )
    select j.member_id, j.origin, j.grade, j.master_grade,
        count(*) filter (where j.is_counted), count(*) filter (where j.is_counted and j.is_default),
        count(*) filter (where not j.is_counted),
        count(*) filter (where j.is_counted and j.is_hindsight)
    from judged j
    group by j.member_id, j.origin, j.grade, j.master_grade;
end;
comment on function cix.grade_cohort is 'What became of the subjects of each grade. Not granted to anyone.';

-- cix.grade_read: cohorts of a month for the administrative regulator, the largest 2,000. Role cix_regulate.
--   Cells of fewer subjects than subjects_min do not leave the database, not even the word of their grade:
--   section 1 is a cell, section 2 a member and how many of its cells were kept back, in subjects. The
--   caller is an active administrative regulator, or outcome 5 is the only row. Leaves one audit row.
create or replace function cix.grade_read(
    caller int, about int, month int, subjects_min bigint,
    at timestamptz, audit_id bigint, method smallint, certificate bytea, salt bytea)
returns table (outcome smallint, section smallint, member_id int, origin text, grade text, master_grade text,
    subjects bigint, defaulted bigint, left_out bigint, hindsight bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp set jit = off
as $$
#variable_conflict use_column
declare
    is_permitted boolean := exists (
        select from cix.member as m
        where m.member_id = caller and (m.state = 4 or cix.member_serves(m.state)) and m.roles & 8 <> 0);
begin
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt,
        (case when is_permitted then 0 else 5 end)::smallint, null);
    if not is_permitted then
        return query select 5::smallint, 0::smallint, 0, '', '', '', 0::bigint, 0::bigint, 0::bigint, 0::bigint;
        return;
    end if;
    return query
        with cell as materialized (
            select c.*, c.subjects >= subjects_min
                and row_number() over (order by c.subjects desc, c.member_id, c.origin, c.grade) <= 2000 as is_shown
            from cix.grade_cohort(about, month) as c
        )
        select 0::smallint, 1::smallint, c.member_id, c.origin, c.grade, c.master_grade, c.subjects, c.defaulted,
            c.left_out, c.hindsight
        from cell c where c.is_shown
        union all
        select 0::smallint, 2::smallint, c.member_id, '', '', '', count(*) filter (where not c.is_shown), 0, 0, 0
        from cell c group by c.member_id
        order by 3, 2 desc, 4, 5, 6;
end;
$$;
comment on function cix.grade_read is 'How members'' grades did, for the administrative regulator. Granted to cix_regulate.';
