-- Names of subjects that go again with the record that gave them, and come again when what took them away is
-- taken back. What is said of a merged subject is said of one of its homes: the alias whose identifier was
-- named, or the survivor itself (null); a member takes away what it said of that one alone.

-- cix.subject_latest: the caller's latest record of a home of a subject, passing over submissions that are
--   taken back; null: none.
create or replace function cix.subject_latest(caller int, subject bigint, home bigint)
returns cix.subject_version language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select v from cix.subject_version as v
    where v.subject_id = subject and v.member_id = caller
        and not cix.back_out_gone(caller, v.submission_id)
        and cix.alias_home(subject, v.record_id) is not distinct from home
    order by v.record_id desc limit 1;
end;
comment on function cix.subject_latest is 'A member''s latest record of a subject. Not granted to anyone.';

-- cix.identifier_told: what members say of an identifier of a subject: each by its latest record that says
--   anything of identifiers and stands, unless it replaced or deleted that since. Of several the best
--   verification, then the latest record; members: how many say that verification. No row: nothing is said. Of a
--   merged subject a member's records of both are its records; one that names the identifier twice is one.
--   place: of the line in sealed_details, from 1; null: of a record from before they were sealed.
create or replace function cix.identifier_told(p_subject bigint, p_lookup bytea)
returns table (record_id bigint, sealed_details bytea, place int, verification smallint, members int)
language sql stable
begin atomic
    select t.record_id, t.sealed_details, t.place, t.verification,
        case when t.verification > 0 then t.members else 0 end
    from (select v.record_id, v.sealed_details, e.place, e.verification,
            count(*) over (partition by e.verification)::int as members
        from (select distinct n.member_id from cix.subject_name as n where n.subject_id = p_subject) as m
            cross join lateral (
                select o.record_id, o.identifier_details, o.sealed_details from cix.subject_version as o
                where o.subject_id = p_subject and o.member_id = m.member_id
                    and o.identifier_details is not null and o.is_deleted is not true
                    and not cix.back_out_gone(o.member_id, o.submission_id)
                order by o.record_id desc limit 1) as v
            cross join lateral (
                select g.place::int as place, (g.said ->> 'verification')::smallint as verification
                from jsonb_array_elements(v.identifier_details) with ordinality as g (said, place)
                where (g.said ->> 'head')::bigint = cix.lookup_head(p_lookup)
                order by verification desc, g.place limit 1) as e
        where not exists (
            select from cix.subject_version as o
            where o.subject_id = p_subject and o.member_id = m.member_id
                and o.record_id > v.record_id and (o.is_replacing or o.is_deleted)
                and not cix.back_out_gone(o.member_id, o.submission_id))) as t
    order by t.verification desc, t.record_id desc limit 1;
end;
comment on function cix.identifier_told is 'What members say of an identifier. Not granted to anyone.';

-- cix.name_home: the home that a name was given for.
create or replace function cix.name_home(n cix.subject_name)
returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce((
        select k.home_id
        from cix.subject_identifier as i
            join cix.identifier as k on k.lookup = i.lookup
        where i.subject_id = (n).subject_id and cix.lookup_head(i.lookup) = (n).identifier_head limit 1),
        cix.alias_home((n).subject_id, (n).record_id));
end;
comment on function cix.name_home is 'The home of a name. Not granted to anyone.';

-- cix.subject_keep_removed: what goes is kept under the submission that took it, and whose it is noted as
--   long as its identifier says so. at: a FILE submission has one time, that of its commit's beginning; what
--   another one gave meanwhile goes behind that.
create or replace function cix.subject_keep_removed(
    subject bigint, caller int, submission uuid, at timestamptz, names cix.subject_name[],
    identifiers cix.subject_identifier[])
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into cix.subject_moved (subject_id, row_id)
    select k.home_id, r.record_id
    from cix.subject_identifier as i
        join cix.identifier as k on k.lookup = i.lookup
        cross join lateral (
            select i.record_id
            union all
            select n.record_id from unnest(names) as n
            where n.identifier_head = cix.lookup_head(i.lookup)) as r
    where i.subject_id = subject and k.home_id is not null
    on conflict do nothing;
    insert into cix.subject_name_removed (
        subject_id, name_index, member_id, submission_id, record_id, sealed_name, identifier_head,
        recorded_at, removed_at)
    select subject, n.name_index, caller, submission, n.record_id, n.sealed_name, n.identifier_head,
        n.recorded_at, greatest(at, n.recorded_at + interval '1 microsecond')
    from unnest(names) as n
    on conflict do nothing;
    insert into cix.subject_identifier_removed (
        subject_id, lookup, member_id, submission_id, record_id, type, sealed_value, recorded_at,
        removed_at)
    select subject, i.lookup, caller, submission, i.record_id, i.type, i.sealed_value, i.recorded_at,
        greatest(at, i.recorded_at + interval '1 microsecond')
    from unnest(identifiers) as i
    on conflict do nothing;
end;
$$;
comment on function cix.subject_keep_removed is 'Keeps names that go. Not granted to anyone.';

-- cix.subject_forget: a member's names of a home of a subject go, but for those to keep, and those identifiers
--   that no name was given with any more. A listing, a fact of another, a dispute or a protection is found by
--   them: beside one of these all stay. Names without identifier_head may have come with any identifier, so
--   they keep all. The subject is locked (subject_lock); whoever resolved an identifier before looks again
--   behind that lock (subject_put, subject_owner).
create or replace function cix.subject_forget(
    caller int, subject bigint, home bigint, kept bytea[], submission uuid, at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
declare
    names cix.subject_name[];
    identifiers cix.subject_identifier[];
begin
    perform cix.subject_lock(caller, subject);
    if exists (select from cix.flag as f where f.subject_id = subject)
        or exists (
            select from cix.fact as f where f.subject_id = subject and f.member_id <> caller)
        or exists (
            select from cix.annotation as a where a.subject_id = subject and a.ended_at is null)
        or exists (
            select from cix.protection as p where p.subject_id = subject and p.ended_at is null)
    then
        return;
    end if;
    names := array(
        select n from cix.subject_name as n
        where n.subject_id = subject and n.member_id = caller and n.name_index <> all (kept)
            and cix.name_home(n) is not distinct from home);
    identifiers := array(
        select i from cix.subject_identifier as i
        where i.subject_id = subject
            and cix.lookup_head(i.lookup) in (select n.identifier_head from unnest(names) as n)
            and not exists (
                select from cix.subject_name as n
                where n.subject_id = subject
                    and coalesce(n.identifier_head = cix.lookup_head(i.lookup), true)
                    and (n.name_index, n.member_id) not in (
                        select g.name_index, g.member_id from unnest(names) as g)));
    perform cix.subject_keep_removed(subject, caller, submission, at, names, identifiers);
    delete from cix.subject_name as n using unnest(names) as g
    where n.subject_id = subject and n.name_index = g.name_index and n.member_id = caller;
    delete from cix.subject_identifier as i using unnest(identifiers) as g
    where i.subject_id = subject and i.lookup = g.lookup;
    delete from cix.identifier as k using unnest(identifiers) as g where k.lookup = g.lookup;
    update cix.subject_identifier as i
    set member_id = n.member_id
    from (select n.member_id, n.identifier_head from cix.subject_name as n
        where n.subject_id = subject) as n
    where i.subject_id = subject and i.member_id = caller
        and coalesce(n.identifier_head = cix.lookup_head(i.lookup), true)
        and not exists (
            select from cix.subject_name as o
            where o.subject_id = subject and o.member_id = caller
                and coalesce(o.identifier_head = cix.lookup_head(i.lookup), true));
end;
$$;
comment on function cix.subject_forget is 'Takes names of a member back. Not granted to anyone.';

-- cix.name_is_said: whether a name that a member gave at a time may have been said by a record of it that
--   stands, from then until before another time (null: now). A name is kept as it was given first, so a
--   later record may have said it again.
create or replace function cix.name_is_said(
    caller int, subject bigint, submission uuid, given_at timestamptz, until_at timestamptz)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select exists (
        select from cix.subject_version as v
        where v.subject_id = subject and v.member_id = caller and v.submission_id <> submission
            and v.is_deleted is not true and v.recorded_at >= given_at
            and (until_at is null or v.recorded_at < until_at)
            and not cix.back_out_gone(caller, v.submission_id));
end;
comment on function cix.name_is_said is 'Whether a record that stands may have said a name. Not granted to anyone.';

-- cix.subject_taken_later: the first record of a home of a subject behind those of a submission that stands
--   and takes away what the caller said before; null: none.
create or replace function cix.subject_taken_later(
    caller int, subject bigint, home bigint, submission uuid)
returns cix.subject_version language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select v from cix.subject_version as v
    where v.subject_id = subject and v.member_id = caller and v.submission_id <> submission
        and (v.is_replacing or v.is_deleted)
        and not cix.back_out_gone(caller, v.submission_id)
        and cix.alias_home(subject, v.record_id) is not distinct from home
        and v.record_id > (
            select max(o.record_id) from cix.subject_version as o
            where o.subject_id = subject and o.member_id = caller and o.submission_id = submission
                and cix.alias_home(subject, o.record_id) is not distinct from home)
    order by v.record_id limit 1;
end;
comment on function cix.subject_taken_later is 'What took names away next. Not granted to anyone.';

-- cix.subject_hand_on: names and identifiers that a submission took away, and that without it a later record
--   would have, are kept under that one's from now on: its back-out gives them again. Of two times that a
--   name was given the first is kept.
create or replace function cix.subject_hand_on(caller int, subject bigint, submission uuid)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
begin
    with gone as (
        delete from cix.subject_name_removed as r
        where r.subject_id = subject and r.member_id = caller
            and r.submission_id = subject_hand_on.submission
            and (cix.subject_taken_later(caller, subject, cix.alias_home(subject, r.record_id),
                submission)).record_id is not null
        returning r.*
    )
    insert into cix.subject_name_removed as o (
        subject_id, name_index, member_id, submission_id, record_id, sealed_name, identifier_head,
        recorded_at, removed_at)
    select subject, g.name_index, caller, v.submission_id, g.record_id, g.sealed_name,
        g.identifier_head, g.recorded_at, greatest(g.removed_at, v.recorded_at)
    from gone as g
        cross join lateral cix.subject_taken_later(caller, subject,
            cix.alias_home(subject, g.record_id), submission) as v
    on conflict (subject_id, name_index, member_id, submission_id) do update
    set record_id = excluded.record_id, sealed_name = excluded.sealed_name,
        recorded_at = excluded.recorded_at
    where excluded.recorded_at < o.recorded_at;
    with gone as (
        delete from cix.subject_identifier_removed as r
        where r.subject_id = subject and r.member_id = caller
            and r.submission_id = subject_hand_on.submission
            and (cix.subject_taken_later(caller, subject, cix.alias_home(subject, r.record_id),
                submission)).record_id is not null
        returning r.*
    )
    insert into cix.subject_identifier_removed as o (
        subject_id, lookup, member_id, submission_id, record_id, type, sealed_value, recorded_at,
        removed_at)
    select subject, g.lookup, caller, v.submission_id, g.record_id, g.type, g.sealed_value,
        g.recorded_at, greatest(g.removed_at, v.recorded_at)
    from gone as g
        cross join lateral cix.subject_taken_later(caller, subject,
            cix.alias_home(subject, g.record_id), submission) as v
    on conflict (subject_id, lookup, member_id, submission_id) do update
    set record_id = excluded.record_id, sealed_value = excluded.sealed_value,
        recorded_at = excluded.recorded_at
    where excluded.recorded_at < o.recorded_at;
end;
$$;
comment on function cix.subject_hand_on is 'Hands names on to what would have taken them. Not granted to anyone.';

-- cix.subject_restore: names that a submission took away are there again, with the identifiers that went with
--   them; but those that a later record would have taken (subject_hand_on), those that no record said which
--   stands, and what came with an identifier that is another subject's by now. What is there again is not
--   kept any more.
create or replace function cix.subject_restore(caller int, subject bigint, submission uuid)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
declare
    names cix.subject_name_removed[];
    identifiers cix.subject_identifier_removed[];
begin
    perform cix.subject_hand_on(caller, subject, submission);
    names := array(
        select r from cix.subject_name_removed as r
        where r.subject_id = subject and r.member_id = caller
            and r.submission_id = subject_restore.submission
            and (cix.name_is_said(caller, subject, submission, r.recorded_at, r.removed_at)
                or not exists ( -- with another kind of record
                    select from cix.subject_version as v
                    where v.subject_id = subject and v.member_id = caller
                        and v.recorded_at = r.recorded_at)));
    identifiers := array(
        select r from cix.subject_identifier_removed as r
        where r.subject_id = subject and r.member_id = caller
            and r.submission_id = subject_restore.submission
            and exists (
                select from unnest(names) as n
                where coalesce(n.identifier_head = cix.lookup_head(r.lookup), true)));
    insert into cix.identifier (lookup, kind, subject_id, recorded_at, home_id)
    select i.lookup, i.type, subject, i.recorded_at, cix.alias_home(subject, i.record_id)
    from unnest(identifiers) as i
    order by i.lookup
    on conflict do nothing;
    insert into cix.subject_identifier (
        subject_id, lookup, member_id, record_id, type, sealed_value, recorded_at)
    select subject, i.lookup, caller, i.record_id, i.type, i.sealed_value, i.recorded_at
    from unnest(identifiers) as i
        join cix.identifier as k on k.lookup = i.lookup and k.subject_id = subject
    order by i.lookup
    on conflict do nothing;
    insert into cix.subject_name (
        subject_id, name_index, member_id, record_id, sealed_name, recorded_at, identifier_head)
    select subject, n.name_index, caller, n.record_id, n.sealed_name, n.recorded_at, n.identifier_head
    from unnest(names) as n
    where n.identifier_head is null or exists (
        select from cix.subject_identifier as i
        where i.subject_id = subject and cix.lookup_head(i.lookup) = n.identifier_head)
    order by n.name_index
    on conflict do nothing;
    delete from cix.subject_name_removed as r
    using cix.subject_name as n
    where r.subject_id = subject and r.member_id = caller
        and r.submission_id = subject_restore.submission and n.subject_id = subject
        and n.name_index = r.name_index and n.member_id = caller and n.record_id = r.record_id;
    delete from cix.subject_identifier_removed as r
    using cix.subject_identifier as i
    where r.subject_id = subject and r.member_id = caller
        and r.submission_id = subject_restore.submission and i.subject_id = subject
        and i.lookup = r.lookup and i.record_id = r.record_id;
end;
$$;
comment on function cix.subject_restore is 'Gives names that a submission took away again. Not granted to anyone.';

-- cix.subject_unname: names that a submission gave first go with it, unless something that the member said of
--   the subject since may rest on them, or nothing else is left.
create or replace function cix.subject_unname(
    caller int, subject bigint, home bigint, submission uuid, at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
declare
    times timestamptz[] := array(
        select v.recorded_at from cix.subject_version as v
        where v.subject_id = subject and v.member_id = caller and v.is_deleted is not true
            and v.submission_id = subject_unname.submission);
    first_at timestamptz := (select min(t) from unnest(times) as t);
    kept bytea[] := array(
        select n.name_index from cix.subject_name as n
        where n.subject_id = subject and n.member_id = caller and n.recorded_at <> all (times)
            and cix.name_home(n) is not distinct from home);
begin
    if first_at is null or kept = '{}'
        or cix.name_is_said(caller, subject, submission, first_at, null)
        or exists (
            select from cix.account_version as v
            where v.subject_id = subject and v.member_id = caller and v.recorded_at > first_at)
        or exists (
            select from cix.fact as f
            where f.subject_id = subject and f.member_id = caller and f.recorded_at > first_at)
    then
        return;
    end if;
    perform cix.subject_forget(caller, subject, home, kept, submission, at);
end;
$$;
comment on function cix.subject_unname is 'Takes names that a submission gave back. Not granted to anyone.';
