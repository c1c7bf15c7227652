-- Supervision: what borrowers owe on lending platforms, beside the caps of the law.
-- Exposure is the balance of open loans of the product P1 in the currency of the caps, platform by
-- platform; a loan whose first month is not reported yet counts with what was lent. The platform is
-- the one that the loan names, or the member that reports it.

-- cix.platform_exposure: what each subject owes on each platform. subjects: sorted or not, no twice.
create or replace function cix.platform_exposure(subjects bigint[])
returns table (subject_id bigint, platform_id int, amount bigint, accounts int)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select a.subject_id, coalesce(a.platform_id, a.member_id),
           sum(greatest(coalesce(a.balance, a.original_amount, 0), 0))::bigint, count(*)::int
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
--   persons: whether the identifier is a person's, for the caps of who is not known.
--   own: on the asking member's platform.
create or replace function cix.exposure_read(
    lookup bytea[], name_index bytea[], caller int[], purpose smallint[], consent_id uuid[],
    inquiry_id bigint[], persons boolean[], today date)
returns table (
    element int, own bigint, overall bigint, platforms int, accounts int,
    cap_one bigint, cap_all bigint)
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
               coalesce(o.platforms, 0), coalesce(o.accounts, 0), c.one_platform, c.all_platforms
          from served s
          cross join lateral cix.exposure_caps(coalesce(s.kind = 1, exposure_read.persons[s.element]), exposure_read.today) c
          left join lateral (
               select sum(e.amount) filter (where e.platform_id = s.member_id)::bigint as own,
                      sum(e.amount)::bigint as overall, count(*)::int as platforms,
                      sum(e.accounts)::int as accounts
                 from owed e where e.subject_id = s.subject_id) o on true;
end
$$;
comment on function cix.exposure_read is 'Second half of a platform exposure: serves committed inquiries only. Granted to cix_inquire.';
