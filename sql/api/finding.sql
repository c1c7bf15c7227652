-- Findings: what the exchange noticed about members' business, for the regulators.

-- cix.finding_put: findings, one an element; the same finding again changes nothing.
--   subjects: whom it is about; for a finding about a member, the member's id.
--   finding_ids: of the record that each came from. kinds: numbers as in the table's comment. reporter: the member
--   that sent the record, or null. about: the field that it is about, or null.
create or replace function cix.finding_put(
    at timestamptz, submission uuid, subjects bigint[], finding_ids bigint[], kinds smallint[],
    rules text[], member_ids int[], fact_ids bigint[], periods int[], currencies text[],
    measures bigint[], bounds bigint[], reporter int, about text[] default '{}')
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    insert into cix.finding (
        subject_id, finding_id, kind, rule, member_id, fact_id, submission_id, period, currency,
        measured, bound, state, recorded_at, reporter_id, value)
    select g.subject_id, g.finding_id, g.kind, g.rule, g.member_id, g.fact_id, submission, g.period,
        g.currency, g.measured, g.bound, 1, at, reporter, g.value
    from unnest(subjects, finding_ids, kinds, rules, member_ids, fact_ids, periods, currencies,
        measures, bounds, about)
        as g (subject_id, finding_id, kind, rule, member_id, fact_id, period, currency, measured,
            bound, value)
    order by g.subject_id, g.finding_id, g.kind
    on conflict do nothing;
end;
comment on function cix.finding_put is 'Stores findings. Not granted to anyone.';

-- cix.finding_person: members whose responsible person a court lists (kind 10), by the identifier that the operator noted
--   and whatever subject it leads to. One finding a member stays open while the person is listed. About the member: the
--   person is not named.
create or replace function cix.finding_person(at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    today date := (at at time zone 'UTC')::date;
    listed int[] := array(
        select p.member_id
        from cix.member_person as p
            join cix.identifier as i on i.lookup = p.lookup
            join cix.subject as s on s.subject_id = i.subject_id
        where exists (
            select from cix.flag as f
            where f.subject_id = coalesce(s.alias_of, s.subject_id) and f.status in (1, 2)
                and f.published_on <= today and coalesce(f.expires_on, today) >= today)
        order by p.member_id);
    member int;
begin
    update cix.finding as f set state = 2
    where f.kind = 10 and f.state = 1 and f.member_id <> all (listed);
    foreach member in array listed loop
        if not exists (
                select from cix.finding as f
                where f.subject_id = member and f.kind = 10 and f.state = 1) then
            perform cix.finding_put(at, null, array[member], array[cix.finding_fresh(member, at)], array[10::smallint],
                array[''], array[member], array[null::bigint], array[null::int], array[''],
                array[null::bigint], array[null::bigint], null);
        end if;
    end loop;
end;
$$;
comment on function cix.finding_person is 'Findings about who leads a member. Not granted to anyone.';

-- cix.finding_unused: rule I008. Members whose approval inquiries (purposes 2, 3, 24, 26) of a month led to no
--   account of theirs, opened within 90 days, in more than 80 of 100 cases, if there were fifty or more. Repetitions
--   (I007) do not count, nor do questions about nobody. One finding (kind 9) a member and month; about the member,
--   of no person. Gives how many.
create or replace function cix.finding_unused(month int, at timestamptz)
returns int language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    found int;
begin
    insert into cix.finding (subject_id, finding_id, kind, rule, member_id, period, currency, measured,
        bound, state, recorded_at)
    select u.member_id,
        (extract(epoch from at - timestamptz '2020-01-01 00:00:00+00') * 1000)::bigint << 22 | u.member_id & 4194303,
        9, 'I008', u.member_id, month, '', u.unused * 10000 / u.asked, 8000, 1, at
    from (select q.member_id, count(*) as asked, count(*) filter (where not exists (
                select from cix.account as a
                where a.subject_id = q.subject_id and a.member_id = q.member_id
                    and a.opened_on between (q.at at time zone 'UTC')::date
                        and (q.at at time zone 'UTC')::date + 90)) as unused
        from cix.inquiry as q
        where q.at >= cix.quality_instant(month) and q.at < cix.quality_instant(month + 1)
            and q.product in (1, 4) and q.purpose in (2, 3, 24, 26) and q.repeats_id is null
            and q.subject_id > 0
        group by q.member_id) as u
    where u.asked >= 50 and u.unused * 100 > u.asked * 80
        and not exists (
            select from cix.finding as f
            where f.subject_id = u.member_id and f.kind = 9 and f.period = month)
    order by u.member_id
    on conflict do nothing;
    get diagnostics found = row_count;
    return found;
end;
$$;
comment on function cix.finding_unused is 'Members whose approval inquiries no account followed. Not granted to anyone.';
