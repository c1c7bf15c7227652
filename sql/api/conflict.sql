-- Rule S016 for subjects: an identifier that is known comes with a name far from those that others gave.
-- Names are plain in cixd alone, so the distance is computed there: conflict_names hands out the sealed
-- names that have to be compared, conflict_put keeps what was found for the operator.

-- cix.conflict_names: the sealed names that others gave for the subject of a lookup, where name_index
--   is not known for the subject yet; mostly there are none. place: position in the arrays. At most
--   sixteen spellings a place, the latest. Each lookup whose names leave here has its audit row in the
--   same transaction (outcome 20); audit_ids: one a place.
create or replace function cix.conflict_names(
    caller int, lookups bytea[], name_indexes bytea[], at timestamptz, audit_ids bigint[],
    method smallint, certificate bytea, salt bytea)
returns table (place int, record_id bigint, sealed_name bytea)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    places int[];
    subjects bigint[];
begin
    if not cix.submission_permits(caller, 1, 0) then
        return;
    end if;
    select array_agg(g.place), array_agg(i.subject_id)
    into places, subjects
    from (select u.place::int as place, u.lookup, u.name_index
        from unnest(lookups, name_indexes) with ordinality as u (lookup, name_index, place)
        offset 0) as g
        join cix.identifier as i on i.lookup = g.lookup
    where not exists (
            select from cix.subject_name as n
            where n.subject_id = i.subject_id and n.name_index = g.name_index)
        and exists (
            select from cix.subject_name as n
            where n.subject_id = i.subject_id and n.member_id <> caller);
    if places is null then
        return;
    end if;
    perform cix.audit_append(array_agg(audit_ids[p]), at, array_agg(caller), method,
            array_agg(certificate), array_agg(salt), array_agg(lookups[p]),
            array_agg(0::smallint), array_agg(null::uuid), array_agg(20::smallint),
            array_agg(null::bytea))
        from unnest(places) as p;
    return query
        select g.place, n.record_id, n.sealed_name
        from unnest(places, subjects) as g (place, subject_id)
            cross join lateral (
                select distinct on (o.name_index) o.record_id, o.sealed_name
                from cix.subject_name as o
                where o.subject_id = g.subject_id and o.member_id <> caller
                order by o.name_index, o.record_id desc limit 16) as n;
end;
$$;
comment on function cix.conflict_names is 'Sealed names to compare with names that were given. Granted to cix_submit.';

-- cix.conflict_put: keeps identities in doubt (kind 1) of an open chunk. record_ids: of the quarantined
--   records. Answers no verdicts: the server has them already.
create or replace function cix.conflict_put(
    caller int, submission uuid, chunk_number int, at timestamptz,
    lines int[], record_ids bigint[], lookups bytea[], distances smallint[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if cix.submission_is_open(caller, submission, chunk_number, 1, 0) then
        insert into cix.conflict (
            subject_id, record_id, kind, member_id, lookup, distance, submission_id, chunk, line,
            recorded_at)
        select i.subject_id, g.record_id, 1, caller, g.lookup, g.distance, submission,
            chunk_number, g.line, at
        from unnest(lines, record_ids, lookups, distances)
            as g (line, record_id, lookup, distance)
            join cix.identifier as i on i.lookup = g.lookup
        order by 1, 2
        on conflict do nothing;
        perform cix.rating_touch(array(
            select i.subject_id from cix.identifier as i where i.lookup = any (lookups)));
    end if;
end;
$$;
comment on function cix.conflict_put is 'Keeps identities in doubt of an open chunk. Granted to cix_submit.';

-- cix.conflict_dismiss: an identity in doubt is none: from now on it keeps nobody from being rated. What it set
--   aside stays where it is. reason: as in subject_alias. Outcomes:
--   0 done   1 it was dismissed before   9 no such doubt   10 a merge or split has decided it
-- One audit row, whatever the outcome.
create or replace function cix.conflict_dismiss(
    conflict bigint, reason smallint, at timestamptz, audit_id bigint, salt bytea)
returns smallint language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    v_state smallint;
    v_subject bigint;
    v_outcome smallint;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    select c.state, c.subject_id into v_state, v_subject from cix.conflict as c
    where c.record_id = conflict_dismiss.conflict for no key update;
    v_outcome := case when v_state is null then 9 when v_state = 1 then 0 when v_state = 4 then 1
        else 10 end;
    if v_outcome = 0 then
        update cix.conflict as c
        set state = 4, reason = conflict_dismiss.reason, dismissed_at = conflict_dismiss.at
        where c.record_id = conflict_dismiss.conflict;
        perform cix.rating_touch(array[v_subject]);
    end if;
    perform cix.audit_act(audit_id, at, 208::smallint, salt, int8send(conflict), v_outcome,
        sha256(int8send(conflict) || int2send(conflict_dismiss.reason)));
    return v_outcome;
end;
$$;
comment on function cix.conflict_dismiss is 'Ends an identity in doubt. Granted to cix_admin.';
