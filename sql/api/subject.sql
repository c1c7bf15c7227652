-- Subjects of a chunk: whose identifiers they are, who they are, and what is doubtful about them.
-- Conventions of record.sql: arrays of equal length in the order of the chunk, total functions, rows
-- written in the order of their keys, plans by nested loops over keys.

-- cix.lookup_ranks: the place of each lookup among the different ones, in their order.
create or replace function cix.lookup_ranks(lookups bytea[]) returns int[]
language sql immutable parallel safe security definer set search_path = pg_catalog, pg_temp
begin atomic
    select array_agg(g.rank order by g.place)
    from (select u.place, dense_rank() over (order by u.lookup)::int as rank
        from unnest(lookups) with ordinality as u (lookup, place)) as g;
end;
comment on function cix.lookup_ranks is 'Numbers equal lookups alike. Not granted to anyone.';

-- cix.subject_join: goes through the records of a chunk in their order: what is unknown of their identifiers joins the
--   subject of what is known, or the candidate. ranks: of their lookups; before: whose each of the different
--   lookups is, 0: nobody's. answer: a subject a record, 0 where its identifiers belong to two, or the candidate
--   is 0; holders: as before, afterwards.
create or replace function cix.subject_join(
    candidates bigint[], owners int[], ranks int[], before bigint[],
    out answer bigint[], out holders bigint[])
language plpgsql immutable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    who bigint;
    is_clash boolean;
    first int;
    next int := 1;
begin
    holders := before;
    answer := array_fill(0::bigint, array[cardinality(candidates)]);
    for record in 1 .. cardinality(candidates) loop
        first := next;
        who := 0;
        is_clash := false;
        while owners[next] = record loop
            if holders[ranks[next]] <> 0 then
                is_clash := is_clash or (who <> 0 and who <> holders[ranks[next]]);
                who := holders[ranks[next]];
            end if;
            next := next + 1;
        end loop;
        if not is_clash and candidates[record] <> 0 then
            if who = 0 then
                who := candidates[record];
            end if;
            answer[record] := who;
            for place in first .. next - 1 loop
                holders[ranks[place]] := who;
            end loop;
        end if;
    end loop;
end;
$$;
comment on function cix.subject_join is 'Joins identifiers of a chunk to subjects. Not granted to anyone.';

-- cix.subject_owners: to whom the identifiers of a chunk belong, record by record in its order; new
--   identifiers are written. owners: position of the record of each identifier, rising. Answers one
--   subject for each candidate; 0 where its identifiers belong to two subjects, and for a candidate
--   of 0, which is passed over.
create or replace function cix.subject_owners(
    candidates bigint[], owners int[], lookups bytea[], types smallint[], at timestamptz)
returns bigint[]
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
declare
    keys bytea[];
    kinds smallint[];
    places int[];
    before bigint[];
    holders bigint[];
    answer bigint[];
    mine bytea[];
    wanted int;
begin
    select array_agg(g.lookup order by g.lookup), array_agg(g.kind order by g.lookup)
    into keys, kinds
    from (select u.lookup, min(u.type) as kind from unnest(lookups, types) as u (lookup, type)
        group by u.lookup) as g;
    places := cix.lookup_ranks(lookups);
    for attempt in 1 .. 10 loop
        select array_agg(coalesce(i.subject_id, 0) order by k.lookup) into before
        from unnest(keys) as k (lookup)
            left join cix.identifier as i on i.lookup = k.lookup;
        select j.answer, j.holders into answer, holders
        from cix.subject_join(candidates, owners, places, before) as j;
        with put as (
            insert into cix.identifier (lookup, kind, subject_id, recorded_at)
            select k.lookup, k.kind, k.holder, at
            from unnest(keys, kinds, before, holders) as k (lookup, kind, before, holder)
            where k.before = 0 and k.holder <> 0
            order by k.lookup
            on conflict do nothing
            returning lookup
        )
        select array_agg(p.lookup) into mine from put as p;
        select count(*) into wanted
        from unnest(before, holders) as k (before, holder) where k.before = 0 and k.holder <> 0;
        if wanted = coalesce(cardinality(mine), 0) then
            return answer;
        end if;
        -- Somebody else took one of them meanwhile: what was decided on it is decided again.
        delete from cix.identifier as i where i.lookup = any (mine);
    end loop;
    raise exception 'identifiers are contended' using errcode = 'serialization_failure';
end;
$$;
comment on function cix.subject_owners is 'Resolves the identifiers of a chunk. Not granted to anyone.';

-- cix.subject_names_hold: the caller's names of the subjects of identifiers stay until this transaction ends
--   (subject_lock waits for it): what is written because the caller knows a subject is not left without.
create or replace function cix.subject_names_hold(caller int, lookups bytea[])
returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
begin
    perform from cix.subject_name as n
    where n.member_id = caller and n.subject_id = any (array(
        select i.subject_id from unnest(lookups) as g (lookup)
            join cix.identifier as i on i.lookup = g.lookup))
    order by n.subject_id, n.name_index
    for key share;
end;
$$;
comment on function cix.subject_names_hold is 'Keeps names from being taken back meanwhile. Not granted to anyone.';

-- cix.subject_owner: to whom one identifier belongs; the candidate when it is new. Its subject keeps its names until
--   this transaction ends, whoever gave them, so that it stays to be found.
create or replace function cix.subject_owner(
    candidate bigint, p_lookup bytea, type smallint, at timestamptz)
returns bigint language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off
as $$
declare
    owner_id bigint := (cix.subject_owners(array[candidate], array[1], array[p_lookup], array[type],
        at))[1];
begin
    if owner_id = candidate then
        return owner_id;
    end if;
    perform from cix.subject_name as n where n.subject_id = owner_id
    order by n.name_index, n.member_id
    for key share;
    if not exists (select from cix.identifier as i where i.lookup = p_lookup) then
        raise exception 'an identifier was taken back' using errcode = 'serialization_failure';
    end if;
    return owner_id;
end;
$$;
comment on function cix.subject_owner is 'Resolves one identifier and keeps it. Not granted to anyone.';

-- cix.subject_held: rules of the store that keep a whole subject aside before anything is written of
--   it. One rule a record, null for none. S022: the legal representative is no person, or one of
--   representative, controller and parent is nobody whom the caller gave, in this chunk or before.
--   Whether others know them, the caller does not learn.
create or replace function cix.subject_held(
    caller int, owners int[], lookups bytea[], kinds smallint[], representatives bytea[],
    controllers bytea[], parents bytea[])
returns text[]
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
declare
    answer text[] := array_fill(null::text, array[cardinality(kinds)]);
    one record;
begin
    for one in
        select r.place, r.role, coalesce(c.kind, s.kind) as kind
        from (select g.place, 1 as role, g.lookup
            from unnest(representatives) with ordinality as g (lookup, place)
            union all
            select g.place, 2, g.lookup
            from unnest(controllers) with ordinality as g (lookup, place)
            union all
            select g.place, 3, g.lookup
            from unnest(parents) with ordinality as g (lookup, place)) as r
            left join lateral (
                select kinds[o.owner] as kind
                from unnest(owners, lookups) as o (owner, lookup)
                where o.lookup = r.lookup limit 1) as c on true
            left join lateral (
                select s.kind
                from cix.identifier as i
                    join cix.subject as s on s.subject_id = i.subject_id
                where i.lookup = r.lookup and exists (
                    select from cix.subject_name as n
                    where n.subject_id = i.subject_id and n.member_id = caller)) as s on true
        where r.lookup is not null
    loop
        if one.kind is null or one.role = 1 and one.kind <> 1 then
            answer[one.place] := 'S022';
        end if;
    end loop;
    return answer;
end;
$$;
comment on function cix.subject_held is 'Rules that keep subjects of a chunk aside. Not granted to anyone.';

-- cix.subject_status: what a subject is, now that the caller gave a status for it. Dead or
--   deregistered by anybody counts; that it is active again counts from all who said otherwise. What was
--   said before the operator set it right counts no more.
create or replace function cix.subject_status(subject bigint, caller int, given smallint)
returns smallint language sql stable set search_path = pg_catalog, pg_temp
begin atomic
    select case when given <> 1 then given
        else coalesce((
            select v.status
            from (select distinct on (o.member_id, cix.alias_home(subject, o.record_id)) o.status,
                    o.is_deleted
                from cix.subject_version as o
                where o.subject_id = subject and o.member_id <> caller
                    and (o.status is not null or o.is_deleted or o.is_replacing)
                    and o.record_id > coalesce(cix.operator_status_id(subject), 0)
                    and not exists (
                        select from cix.back_out as b
                        where b.member_id = o.member_id and b.submission_id = o.submission_id
                            and b.phase >= 2)
                order by o.member_id, cix.alias_home(subject, o.record_id), o.record_id desc) as v
            where v.status <> 1 and v.is_deleted is not true limit 1), (
            select a.after from cix.operator_act as a
            where a.subject_id = subject and a.act_id = cix.operator_status_id(subject)),
            1::smallint) end;
end;
comment on function cix.subject_status is 'Status of a subject by all who gave one. Not granted to anyone.';

-- cix.subject_doubts: warnings about subjects that were just written, one row a finding. S017: a
--   person of the same name and birth date has another primary identifier; the caller is told of
--   its own subjects alone, the operator of all. The hundred that are known longest are compared.
--   home_ids: as alias_homes gives them: a likeness stays with an alias, and finds its survivor.
--   S019: founded after its first account was opened.
create or replace function cix.subject_doubts(
    caller int, submission uuid, chunk_number int, at timestamptz,
    lines int[], found_ids bigint[], home_ids bigint[], record_ids bigint[], founded date[],
    likenesses bytea[], owners int[], lookups bytea[])
returns table (line int, rule text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    one record;
begin
    insert into cix.subject_likeness (likeness, subject_id, member_id, recorded_at)
    select g.likeness, g.subject_id, caller, at
    from unnest(home_ids, likenesses) as g (subject_id, likeness)
    where g.subject_id <> 0 and g.likeness is not null
    order by 1, 2
    on conflict do nothing;
    for one in
        select distinct on (g.line) g.line, g.subject_id, g.record_id, o.subject_id as other_id,
            exists (select from cix.subject_name as n
                where n.subject_id = o.subject_id and n.member_id = caller) as is_own,
            (select i.lookup from unnest(owners, lookups) as i (owner, lookup)
                where i.owner = g.place limit 1) as lookup
        from unnest(lines, found_ids, record_ids, likenesses) with ordinality
                as g (line, subject_id, record_id, likeness, place)
            cross join lateral (
                select coalesce(a.alias_of, l.subject_id) as subject_id
                from cix.subject_likeness as l
                    left join cix.subject as a on a.subject_id = l.subject_id
                where l.likeness = g.likeness
                    and coalesce(a.alias_of, l.subject_id) <> g.subject_id
                order by l.subject_id limit 100) as o
        where g.subject_id <> 0
        order by g.line, 5 desc, o.subject_id
    loop
        insert into cix.conflict (
            subject_id, record_id, kind, member_id, lookup, other_subject_id, distance,
            submission_id, chunk, line, recorded_at)
        select one.subject_id, one.record_id, 2, caller, one.lookup, one.other_id, 0, submission,
            chunk_number, one.line, at
        where not exists (
            select from cix.conflict as c
            where c.subject_id in (one.subject_id, one.other_id) and c.kind = 2
                and c.other_subject_id in (one.subject_id, one.other_id))
        on conflict do nothing;
        if one.is_own then
            line := one.line;
            rule := 'S017';
            return next;
        end if;
    end loop;
    return query
        select g.line, 'S019'
        from unnest(lines, found_ids, founded) as g (line, subject_id, founded_on)
        where g.subject_id <> 0 and exists (
            select from cix.account as a
            where a.subject_id = g.subject_id and a.opened_on < g.founded_on);
end;
$$;
comment on function cix.subject_doubts is 'Warnings about subjects of a chunk. Not granted to anyone.';

-- cix.subject_is_own: whether the caller's latest record of whom the identifier names stands.
create or replace function cix.subject_is_own(caller int, p_lookup bytea)
returns boolean language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce((
        select v.record_id is not null and v.is_deleted is not true
        from cix.identifier as i
            cross join lateral cix.subject_latest(caller, i.subject_id, i.home_id) as v
        where i.lookup = p_lookup), false);
end;
$$;
comment on function cix.subject_is_own is 'Whether a member has a record of a subject. Not granted to anyone.';

-- cix.subject_name_came: whether a subject of a chunk got a name of somebody else since conflict_names was
--   asked: what was new then, or nobody else's, has to be compared after all (S016). compared: of each
--   record, 1: the names of its subject were compared; 0: there were none, or its own is one of them or was accepted.
--   at: of the chunk; identifiers that it recorded itself are as new at the next attempt.
create or replace function cix.subject_name_came(
    caller int, found_ids bigint[], subject_ids bigint[], owners int[], lookups bytea[],
    name_indexes bytea[], compared smallint[], at timestamptz)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select exists (
        select from (
            select g.owner, array_agg(g.lookup) as lookups, array_agg(g.name_index) as indexes
            from unnest(owners, lookups, name_indexes) as g (owner, lookup, name_index)
            where compared[g.owner] = 0 and found_ids[g.owner] <> 0
                and found_ids[g.owner] <> subject_ids[g.owner]
            group by g.owner
            having bool_or(exists (
                select from cix.identifier as i where i.lookup = g.lookup and i.recorded_at <> at))
            offset 0) as o
        where not exists (
                select from cix.subject_name as n
                where n.subject_id = found_ids[o.owner] and n.name_index = any (o.indexes))
            and exists (
                select from cix.subject_name as n
                where n.subject_id = found_ids[o.owner] and n.member_id <> caller)
            and not exists (
                select from unnest(o.lookups, o.indexes) as g (lookup, name_index)
                where cix.name_is_accepted(g.lookup, g.name_index)));
end;
comment on function cix.subject_name_came is 'Whether a name came after the names were compared. Not granted to anyone.';

-- cix.subject_put: who subjects are, as the caller knows them. Identifiers come flattened: owners is
--   the position of their record, rising. Unknown identifiers join the subject of the known ones; a
--   further spelling of a name is a further row. representatives, controllers, parents: lookups;
--   likenesses: of name and birth date. Who leads is kept as the alias that was named, if it was one.
--   Codes of 0 and empty texts are not given.
--   S024: the identifiers belong to two subjects. S022: subject_held. S017, S019: subject_doubts. Who leads an
--   organisation may turn out to be listed for its case (D006): flag_subject_settle.
--   corrections: 1 replaces what the caller said before: names that are not given again go
--   (subject_forget). K001: it said nothing. compared: as in subject_name_came; then all is decided again.
--   details, sealed_details: what a record says of its identifiers, as subject_version keeps it; empty: nothing.
create or replace function cix.subject_put(
    caller int, submission uuid, chunk_number int, at timestamptz,
    lines int[], subject_ids bigint[], record_ids bigint[], kinds smallint[], segments smallint[],
    sexes smallint[], birth_years smallint[], births bytea[], mobiles bytea[], addresses bytea[],
    regions text[], industries text[], founded date[],
    owners int[], lookups bytea[], types smallint[], identifier_ids bigint[], identifiers bytea[],
    name_indexes bytea[], name_ids bigint[], names bytea[],
    statuses smallint[] default '{}', nationalities text[] default '{}',
    maritals smallint[] default '{}', educations smallint[] default '{}',
    occupations text[] default '{}', employers text[] default '{}', forms text[] default '{}',
    capitals bigint[] default '{}', capital_currencies text[] default '{}',
    sizes smallint[] default '{}', representatives bytea[] default '{}',
    controllers bytea[] default '{}', parents bytea[] default '{}',
    likenesses bytea[] default '{}', origins text[] default '{}', corrections smallint[] default '{}',
    compared smallint[] default '{}', own_incomes boolean[] default '{}',
    details text[] default '{}', sealed_details bytea[] default '{}')
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    held text[];
    candidates bigint[];
    found_ids bigint[];
    home_ids bigint[];
    broken_lines int[];
    broken_rules text[];
    broken_severities smallint[];
    broken_fields text[];
    one record;
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 1, 0) then
        return;
    end if;
    held := array(
        select case when h.correction = 1 and not exists (
                select from unnest(owners, lookups) as g (owner, lookup)
                where g.owner = h.place and cix.subject_is_own(caller, g.lookup)) then 'K001'
            when h.rule is not null
            and not cix.quarantine_waives(caller, submission, chunk_number, h.line, h.rule) then h.rule end
        from unnest(
            cix.subject_held(caller, owners, lookups, kinds, representatives, controllers, parents),
            lines, corrections) with ordinality as h (rule, line, correction, place)
        order by h.place);
    select array_agg(case when g.rule is null then g.candidate else 0 end order by g.place)
    into candidates
    from unnest(subject_ids, held) with ordinality as g (candidate, rule, place);
    found_ids := cix.subject_owners(candidates, owners, lookups, types, at);
    -- Subjects that are there already are locked in order before they change.
    perform from cix.subject as s
        where s.subject_id = any (found_ids) and s.subject_id <> all (subject_ids)
        order by s.subject_id for no key update;
    -- Who takes a record back holds that lock while identifiers go: then all is decided again.
    if exists (
        select from unnest(owners, lookups) as g (owner, lookup)
        where found_ids[g.owner] <> 0 and not exists (
            select from cix.identifier as i
            where i.lookup = g.lookup))
    then
        raise exception 'an identifier was taken back' using errcode = 'serialization_failure';
    end if;
    -- Of any member: which codes of a subject count is decided over all of them.
    perform cix.version_follow(v.record_id, g.record_id)
    from unnest(found_ids, record_ids) as g (subject_id, record_id)
        join cix.subject_version as v
            on v.subject_id = g.subject_id and v.record_id >= g.record_id;
    if cix.subject_name_came(
        caller, found_ids, subject_ids, owners, lookups, name_indexes, compared, at)
    then
        raise exception 'a name was given meanwhile' using errcode = 'serialization_failure';
    end if;
    home_ids := cix.alias_homes(found_ids, owners, lookups, record_ids, at);
    with given as (
        select g.subject_id, (array_agg(g.kind order by g.place))[1] as kind,
            (array_agg(g.segment order by g.place desc) filter (where g.segment <> 0))[1] as segment,
            (array_agg(g.birth_year order by g.place desc)
                filter (where g.birth_year is not null))[1] as birth_year,
            (array_agg(g.region order by g.place desc) filter (where g.region <> ''))[1] as region,
            (array_agg(g.industry order by g.place desc)
                filter (where g.industry <> ''))[1] as industry,
            (array_agg(g.founded_on order by g.place desc)
                filter (where g.founded_on is not null))[1] as founded_on,
            (array_agg(g.status order by g.place desc) filter (where g.status <> 0))[1] as status
        from unnest(found_ids, kinds, segments, birth_years, regions, industries, founded, statuses)
            with ordinality as g (subject_id, kind, segment, birth_year, region, industry,
                founded_on, status, place)
        where g.subject_id <> 0
        group by g.subject_id
    ), put as (
        insert into cix.subject (
            subject_id, kind, status, segment, birth_year, region, industry, founded_on, recorded_at)
        select g.subject_id, g.kind, coalesce(g.status, 1), coalesce(g.segment, 0), g.birth_year,
            coalesce(g.region, ''), coalesce(g.industry, ''), g.founded_on, at
        from given as g
        where g.subject_id = any (subject_ids)
        order by g.subject_id
    )
    update cix.subject as s
    set segment = coalesce(g.segment, s.segment), birth_year = coalesce(g.birth_year, s.birth_year),
        region = coalesce(g.region, s.region), industry = coalesce(g.industry, s.industry),
        founded_on = coalesce(g.founded_on, s.founded_on),
        status = case when g.status is null or g.status = s.status or s.status > 4 then s.status
            else cix.subject_status(s.subject_id, caller, g.status) end
    from given as g
    where s.subject_id = g.subject_id
        and (s.segment, s.birth_year, s.region, s.industry, s.founded_on, s.status)
            is distinct from
            (coalesce(g.segment, s.segment), coalesce(g.birth_year, s.birth_year),
                coalesce(g.region, s.region), coalesce(g.industry, s.industry),
                coalesce(g.founded_on, s.founded_on), coalesce(g.status, s.status));
    insert into cix.subject_version (
        subject_id, record_id, member_id, submission_id, kind, segment, sex, birth_year,
        sealed_birth, sealed_mobiles, sealed_address, region, industry, founded_on, recorded_at,
        status, nationality, marital_status, education, occupation, employer_industry, legal_form,
        registered_capital, capital_currency, size, representative_id, controller_id, parent_id,
        origin, is_replacing, has_own_income, identifier_details, sealed_details)
    select g.subject_id, g.record_id, caller, submission, g.kind, g.segment, g.sex, g.birth_year,
        g.birth, g.mobile, g.address, g.region, g.industry, g.founded_on, at,
        nullif(g.status, 0), nullif(g.nationality, ''), nullif(g.marital, 0),
        nullif(g.education, 0), nullif(g.occupation, ''), nullif(g.employer, ''),
        nullif(g.form, ''), g.capital, nullif(g.capital_currency, ''), nullif(g.size, 0),
        coalesce(r.home_id, r.subject_id), coalesce(c.home_id, c.subject_id),
        coalesce(p.home_id, p.subject_id), nullif(g.origin, ''),
        case when g.correction = 1 then true end, nullif(g.own_income, false),
        nullif(g.detail, '')::jsonb, g.sealed_detail
    from unnest(found_ids, record_ids, kinds, segments, sexes, birth_years, births, mobiles,
        addresses, regions, industries, founded, statuses, nationalities, maritals, educations,
        occupations, employers, forms, capitals, capital_currencies, sizes, representatives,
        controllers, parents, origins, corrections, own_incomes, details, sealed_details)
        as g (subject_id, record_id, kind, segment, sex, birth_year, birth, mobile, address, region,
            industry, founded_on, status, nationality, marital, education, occupation, employer,
            form, capital, capital_currency, size, representative, controller, parent, origin,
            correction, own_income, detail, sealed_detail)
        left join cix.identifier as r on r.lookup = g.representative
        left join cix.identifier as c on c.lookup = g.controller
        left join cix.identifier as p on p.lookup = g.parent
    where g.subject_id <> 0
    order by g.subject_id, g.record_id;
    perform cix.rating_touch(found_ids);
    if exists (select from cix.member as m where m.member_id = caller and m.type in (81, 83)) then
        perform cix.flag_subject_settle(found_ids, submission, at);
    end if;
    insert into cix.subject_identifier (
        subject_id, lookup, member_id, record_id, type, sealed_value, recorded_at)
    select found_ids[g.owner], g.lookup, caller, g.record_id, g.type, g.sealed, at
    from unnest(owners, lookups, identifier_ids, types, identifiers)
        as g (owner, lookup, record_id, type, sealed)
    where found_ids[g.owner] <> 0
    order by 1, 2
    on conflict do nothing;
    insert into cix.subject_name (
        subject_id, name_index, member_id, record_id, sealed_name, recorded_at, identifier_head)
    select found_ids[g.owner], g.name_index, caller, g.record_id, g.sealed, at,
        cix.lookup_head(g.lookup)
    from unnest(owners, name_indexes, name_ids, names, lookups)
        as g (owner, name_index, record_id, sealed, lookup)
    where found_ids[g.owner] <> 0
    order by 1, 2
    on conflict do nothing;
    for one in
        select found_ids[g.place] as subject_id, nullif(home_ids[g.place], found_ids[g.place]) as home_id,
            max(g.place) as place
        from unnest(corrections) with ordinality as g (correction, place)
        where g.correction = 1 and found_ids[g.place] <> 0
        group by 1, 2
        order by 1, 2
    loop
        perform cix.subject_forget(caller, one.subject_id, one.home_id, array(
            select name_indexes[g.n] from unnest(owners) with ordinality as g (owner, n)
            where g.owner >= one.place and found_ids[g.owner] = one.subject_id), submission, at);
        perform cix.subject_settle(one.subject_id);
    end loop;
    select coalesce(array_agg(b.line), '{}'), coalesce(array_agg(b.rule), '{}'),
        coalesce(array_agg((case b.rule when 'K001' then 2 when 'S024' then 2 when 'S022' then 3 else 4 end)::smallint),
            '{}'),
        coalesce(array_agg(case b.rule when 'K001' then '' else 'subject.' end || case b.rule
            when 'K001' then 'correction' when 'S024' then 'identifiers'
            when 'S022' then 'legal_representative' when 'S017' then 'identifiers'
            else 'founded_on' end), '{}')
    into broken_lines, broken_rules, broken_severities, broken_fields
    from (select g.line, coalesce(g.rule, 'S024') as rule
        from unnest(lines, found_ids, held) as g (line, subject_id, rule) where g.subject_id = 0
        union all
        select d.line, d.rule
        from cix.subject_doubts(caller, submission, chunk_number, at, lines, found_ids, home_ids,
            record_ids, founded, likenesses, owners, lookups) as d) as b;
    return query select v.line, v.rule, v.severity, v.field, ''
        from unnest(broken_lines, broken_rules, broken_severities, broken_fields)
            as v (line, rule, severity, field);
    perform cix.submission_verdict_put(caller, submission, chunk_number, at, broken_lines,
        broken_rules, broken_severities, broken_fields,
        array_fill(''::text, array[cardinality(broken_lines)]));
end;
$$;
comment on function cix.subject_put is 'Takes subjects of an open chunk. Granted to cix_submit.';

-- cix.conflict_list: a page of identities in doubt that are in a state (0: any), oldest first, behind
--   (after_at, after_id). Of open ones the survivor of a merged subject: the ids that merging takes. Ids, kinds of identifier and distances; no name, number or digest.
--   state: 5 for one whose name is one of the subject's, 6 for one whose name was found to be a mistake. Where the
--   record is: the latest that repeats the doubt and waits still.
create or replace function cix.conflict_list(
    state_wanted smallint, after_at timestamptz, after_id bigint, page_size int)
returns table (record_id bigint, recorded_at timestamptz, kind smallint, state smallint,
    subject_id bigint, other_subject_id bigint, identifier_kind smallint, distance smallint,
    member_code text, submission_id uuid, chunk int, line int)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select c.record_id, c.recorded_at, c.kind,
        case when k.is_known and c.state = 1 then 5::smallint when c.state <> 4 then c.state
            when c.reason = 7 then 6::smallint when c.name_index is not null then 5::smallint
            else c.state end,
        coalesce(s.alias_of, c.subject_id),
        coalesce(o.alias_of, c.other_subject_id), i.kind, c.distance, m.code,
        coalesce(w.submission_id, c.submission_id), coalesce(w.chunk, c.chunk), coalesce(w.line, c.line)
    from cix.conflict as c
        cross join lateral (
            select c.state = 1 and cix.name_is_known(c.lookup, c.name_index) as is_known offset 0) as k
        left join lateral (
            select r.submission_id, r.chunk, r.line
            from cix.conflict as r
                join cix.quarantine as q on q.member_id = r.member_id
                    and q.submission_id = r.submission_id and q.chunk = r.chunk and q.line = r.line
            where coalesce(r.doubt_id, r.record_id) = c.record_id and c.kind <> 2 and q.state = 1
            order by r.record_id desc limit 1) as w on true
        join cix.member as m on m.member_id = c.member_id
        left join cix.subject as s on s.subject_id = c.subject_id and c.state = 1
        left join cix.subject as o on o.subject_id = c.other_subject_id and c.state = 1
        left join cix.identifier as i on i.lookup = c.lookup
    where c.doubt_id is null
        and (state_wanted = 0 or c.state = state_wanted and not (c.state = 1 and k.is_known))
        and (c.recorded_at, c.record_id) > (after_at, after_id)
    order by c.recorded_at, c.record_id
    limit page_size;
end;
comment on function cix.conflict_list is 'A page of identities in doubt. Granted to cix_admin.';
