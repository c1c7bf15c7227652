-- Rule S016 for subjects: an identifier that is known comes with a name far from those that others gave.
-- Names are plain in cixd alone, so the distance is computed there: conflict_names hands out the sealed
-- names that have to be compared, conflict_put keeps what was found for the operator.

-- cix.name_is_accepted: whether the operator dismissed the doubt about a name, so that it is one of whom the identifier
--   finds. An index names its lookup; that this is still the same subject's is looked at, by its home when it is
--   an alias, so that a merge and a split change nothing. Asked by whoever takes a record with the name in, not by who looks
--   for its subject: until such a record stands nobody is found by it.
create or replace function cix.name_is_accepted(p_lookup bytea, p_index bytea)
returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off
begin atomic
    select exists (
        select from cix.conflict as c
            join cix.identifier as i on i.lookup = p_lookup
        where c.name_index = p_index and c.lookup = p_lookup and c.state = 4 and c.reason <> 7
            and c.subject_id in (i.subject_id, i.home_id));
end;
comment on function cix.name_is_accepted is 'Whether a doubted name was accepted. Not granted to anyone.';

-- cix.name_is_known: whether a name is one of whom the identifier finds: a record with it stands, or it was accepted.
--   A doubt about it has ended then, whatever its own state says.
create or replace function cix.name_is_known(p_lookup bytea, p_index bytea)
returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off
begin atomic
    select p_index is not null and (cix.name_is_accepted(p_lookup, p_index) or exists (
        select from cix.identifier as i
            join cix.subject_name as n on n.subject_id = i.subject_id
        where i.lookup = p_lookup and n.name_index = p_index));
end;
comment on function cix.name_is_known is 'Whether a name is one of the subject. Not granted to anyone.';

-- cix.conflict_reach: whose the identifiers of a chunk are, each with its place in the arrays; those of nobody are
--   left out. via: 0, or the record of the chunk that joins a new identifier to its subject before the one that has
--   this place; is_repeated: that gives the same name with it.
create or replace function cix.conflict_reach(owners int[], lookups bytea[], name_indexes bytea[])
returns table (place int, owner int, lookup bytea, name_index bytea, subject_id bigint, via int,
    is_repeated boolean)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    ranks int[] := cix.lookup_ranks(lookups);
    before bigint[];
    answer bigint[];
    holders bigint[];
begin
    select array_agg(coalesce(i.subject_id, 0) order by k.lookup) into before
    from (select distinct u.lookup from unnest(lookups) as u (lookup)) as k
        left join cix.identifier as i on i.lookup = k.lookup;
    holders := before;
    if cardinality(before) < cardinality(lookups) and 0 = any (before) then
        -- Whom nobody knows is somebody of the chunk, below zero.
        select j.answer, j.holders into answer, holders
        from cix.subject_join(array(select -n from generate_series(1, owners[cardinality(owners)]) as n),
            owners, ranks, before) as j;
    end if;
    return query
        select r.place::int, r.owner, r.lookup, r.name_index, r.holder,
            case when r.is_known then 0 else r.first end, not r.is_known and r.name_index = r.first_index
        from (select g.*, before[g.rank] <> 0 as is_known, holders[g.rank] as holder,
                first_value(g.owner) over of_lookup as first,
                first_value(g.name_index) over of_lookup as first_index
            from unnest(owners, ranks, lookups, name_indexes)
                with ordinality as g (owner, rank, lookup, name_index, place)
            window of_lookup as (partition by g.rank order by answer[g.owner] = 0, g.owner)) as r
        where r.holder > 0 and (r.is_known or r.first < r.owner)
        order by 1;
end;
$$;
comment on function cix.conflict_reach is 'Whose the identifiers of a chunk will be. Not granted to anyone.';

-- cix.conflict_may_be: whether some identifier of a chunk has to be looked at closely: one that comes with a name which
--   is none of its subject, or that is new and comes twice. Mostly there is none.
create or replace function cix.conflict_may_be(caller int, lookups bytea[], name_indexes bytea[])
returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
begin atomic
    select exists (
            select from (select u.lookup, u.name_index
                from unnest(lookups, name_indexes) as u (lookup, name_index) offset 0) as g
                join cix.identifier as i on i.lookup = g.lookup
            where not exists (
                    select from cix.subject_name as n
                    where n.subject_id = i.subject_id and n.name_index = g.name_index)
                and exists (
                    select from cix.subject_name as n
                    where n.subject_id = i.subject_id and n.member_id <> caller))
        or exists (
            select from (select u.lookup from unnest(lookups) as u (lookup)
                group by u.lookup having count(*) > 1) as g
            where not exists (select from cix.identifier as i where i.lookup = g.lookup));
end;
comment on function cix.conflict_may_be is 'Whether names of a chunk may have to be compared. Not granted to anyone.';

-- cix.conflict_names: the sealed names that others gave for whom an identifier finds, or will by another record of the
--   chunk (via, as in conflict_reach), where the record's name is none of the subject yet, nor was accepted
--   for it; mostly there are none. place: position in the arrays. At most sixteen spellings a place, the latest;
--   none where the record that joins it gives the same name: what is said of that holds for it. Each lookup whose
--   names leave here has its audit row in the same transaction (outcome 20); audit_ids: one a place. owners: of
--   each identifier its record, rising.
create or replace function cix.conflict_names(
    caller int, lookups bytea[], name_indexes bytea[], at timestamptz, audit_ids bigint[],
    method smallint, certificate bytea, salt bytea, owners int[])
returns table (place int, via int, record_id bigint, sealed_name bytea)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    places int[];
    subjects bigint[];
    vias int[];
    repeats boolean[];
begin
    if not cix.submission_permits(caller, 1, 0) then
        return;
    end if;
    if not cix.conflict_may_be(caller, lookups, name_indexes) then
        return;
    end if;
    select array_agg(d.place), array_agg(d.subject_id), array_agg(d.via), array_agg(d.is_repeated)
    into places, subjects, vias, repeats
    from (select r.*, bool_or(cix.name_is_accepted(r.lookup, r.name_index)) over of_record as is_accepted
        from (select k.*, bool_or(k.is_name) over of_record as has_name
            from (select g.*, exists (
                    select from cix.subject_name as n
                    where n.subject_id = g.subject_id and n.name_index = g.name_index) as is_name
                from cix.conflict_reach(owners, lookups, name_indexes) as g) as k
            window of_record as (partition by k.owner, k.subject_id)) as r
        where not r.has_name
            and exists (
                select from cix.subject_name as n
                where n.subject_id = r.subject_id and n.member_id <> caller)
        window of_record as (partition by r.owner, r.subject_id)) as d
    where not d.is_accepted;
    if places is null then
        return;
    end if;
    perform cix.audit_append(array_agg(audit_ids[g.place]), at, array_agg(caller), method,
            array_agg(certificate), array_agg(salt), array_agg(lookups[g.place]),
            array_agg(0::smallint), array_agg(null::uuid), array_agg(20::smallint),
            array_agg(null::bytea))
        from unnest(places, repeats) as g (place, is_repeated)
        where not g.is_repeated
        having count(*) > 0;
    return query
        select g.place, g.via, n.record_id, n.sealed_name
        from unnest(places, subjects, vias, repeats) as g (place, subject_id, via, is_repeated)
            left join lateral (
                select distinct on (o.name_index) o.record_id, o.sealed_name
                from cix.subject_name as o
                where o.subject_id = g.subject_id and o.member_id <> caller and not g.is_repeated
                order by o.name_index, o.record_id desc limit 16) as n on true;
end;
$$;
comment on function cix.conflict_names is 'Sealed names to compare with names that were given. Granted to cix_submit.';

-- cix.name_take: the name of a listing or document that was taken is one of its subject from then on. Mostly it was.
create or replace function cix.name_take(
    caller int, subject bigint, p_lookup bytea, p_index bytea, record_id bigint, sealed_name bytea, at timestamptz)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off
as $$
begin
    insert into cix.subject_name (
        subject_id, name_index, member_id, record_id, sealed_name, recorded_at, identifier_head)
    select name_take.subject, p_index, caller, name_take.record_id, name_take.sealed_name, at,
        cix.lookup_head(p_lookup)
    where not exists (
        select from cix.subject_name as n
        where n.subject_id = name_take.subject and n.name_index = p_index)
    on conflict do nothing;
end;
$$;
comment on function cix.name_take is 'Adds the name of a listing to its subject. Not granted to anyone.';

-- cix.conflict_keep: keeps a row for each record that a name held back. One member has one doubt about a name of an
--   identifier: what comes while it is open, or after the name was found to be a mistake, repeats it (doubt_id) and
--   stands as it does. What others send is heard anew: it may speak for the name.
create or replace function cix.conflict_keep(
    caller int, submission uuid, chunk_number int, at timestamptz, p_kind smallint,
    lines int[], record_ids bigint[], lookups bytea[], distances smallint[], name_indexes bytea[])
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off
as $$
declare
    given record;
    doubt cix.conflict;
begin
    for given in
        select coalesce(i.home_id, i.subject_id) as home_id, g.*
        from unnest(lines, record_ids, lookups, distances, name_indexes)
            as g (line, record_id, lookup, distance, name_index)
            join cix.identifier as i on i.lookup = g.lookup
        order by 1, g.line
    loop
        select c.* into doubt
        from cix.conflict as c
        where c.name_index = given.name_index and c.lookup = given.lookup and c.doubt_id is null
            and c.subject_id = given.home_id and c.member_id = caller and c.kind = p_kind
            and (c.state = 1 or c.state = 4 and c.reason = 7)
        order by c.record_id desc limit 1;
        insert into cix.conflict (
            subject_id, record_id, kind, member_id, lookup, distance, submission_id, chunk, line,
            state, recorded_at, name_index, reason, dismissed_at, doubt_id)
        values (given.home_id, given.record_id, p_kind, caller, given.lookup, given.distance,
            submission, chunk_number, given.line, coalesce(doubt.state, 1), at, given.name_index,
            doubt.reason, doubt.dismissed_at, doubt.record_id)
        on conflict do nothing;
    end loop;
end;
$$;
comment on function cix.conflict_keep is 'Keeps what names held back. Not granted to anyone.';

-- cix.conflict_put: keeps identities in doubt (kind 1) of an open chunk, behind its subjects. record_ids: of the
--   quarantined records. Whose identifier is nobody's, since what would join it to somebody is kept aside too, is not
--   in doubt itself. Answers no verdicts: the server has them already.
create or replace function cix.conflict_put(
    caller int, submission uuid, chunk_number int, at timestamptz,
    lines int[], record_ids bigint[], lookups bytea[], distances smallint[], name_indexes bytea[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if cix.submission_is_open(caller, submission, chunk_number, 1, 0) then
        perform cix.conflict_keep(caller, submission, chunk_number, at, 1::smallint, lines, record_ids,
            lookups, distances, name_indexes);
        perform cix.rating_touch(array(
            select i.subject_id from cix.identifier as i where i.lookup = any (lookups)));
    end if;
end;
$$;
comment on function cix.conflict_put is 'Keeps identities in doubt of an open chunk. Granted to cix_submit.';

-- cix.conflict_dismiss: an identity in doubt is none: from now on it keeps nobody from being rated. What it set
--   aside stays where it is; a name that was doubted is accepted (name_is_accepted), so that it may be released, and
--   every open doubt about it ends, whoever's it is.
--   reason: as in subject_alias, or 7, the name is a mistake: all that its member sent with the name is, and it is not
--   accepted any more, if it was by another's doubt; others' doubts that are open may accept it still.
--   What was accepted may be found to be a mistake later, and a mistake accepted. Outcomes:
--   0 done   1 it was dismissed before   9 no such doubt   10 a merge or split has decided it
-- One audit row, whatever the outcome.
create or replace function cix.conflict_dismiss(
    conflict bigint, reason smallint, at timestamptz, audit_id bigint, salt bytea)
returns smallint language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    known cix.conflict;
    v_is_mistake constant boolean := conflict_dismiss.reason = 7;
    v_outcome smallint;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    perform pg_advisory_xact_lock(hashtextextended('cix.conflict_dismiss', 0)); -- many rows in one act
    select c.* into known from cix.conflict as c
    where c.record_id = conflict_dismiss.conflict for no key update;
    v_outcome := case when known.state is null then 9 when known.state = 1 then 0
        when known.state = 4 and known.name_index is not null and (known.reason = 7) <> v_is_mistake then 0
        when known.state = 4 then 1 else 10 end;
    if v_outcome = 0 then
        update cix.conflict as c
        set state = 4, reason = conflict_dismiss.reason, dismissed_at = conflict_dismiss.at
        where c.record_id = conflict_dismiss.conflict
            or c.name_index = known.name_index and c.lookup = known.lookup
                and c.subject_id = known.subject_id
                and (c.member_id = known.member_id
                    or not v_is_mistake and c.state = 1
                    or v_is_mistake and c.state = 4 and c.reason <> 7);
        perform cix.rating_touch(array[known.subject_id]);
    end if;
    perform cix.audit_act(audit_id, at, 208::smallint, salt, int8send(conflict), v_outcome,
        sha256(int8send(conflict) || int2send(conflict_dismiss.reason)));
    return v_outcome;
end;
$$;
comment on function cix.conflict_dismiss is 'Ends an identity in doubt. Granted to cix_admin.';
