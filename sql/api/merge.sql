-- Two subjects found to be one, by an operator and never by a program: cixd subject merge, and split.
--
-- The identifiers of the one, the alias, find the other, the survivor, from then on (identifier.home_id
-- keeps where they came from), and every row of the alias moves to the survivor: subject_move. So nothing
-- that resolves an identifier has to know of aliases, and nothing can forget them. What moved is noted by
-- its ids in subject_moved; what comes later through an identifier of the alias is noted by the put
-- functions (alias_note), or known by its lookup when the two are split (alias_complete). A split moves
-- back what is noted, and nothing else.
--
-- Whoever writes under a subject holds the lock cix.subject_merge, shared, from before it resolves an
-- identifier until it commits; whoever asks holds cix.subject_ask. A merge holds both alone: it is one
-- transaction, before or behind each of theirs. Reads need none, being one snapshot.

-- cix.alias_lock: waits until nobody writes or asks, at most three seconds in all; false: somebody does
--   still. The roll-ups come first: while those are waited for, nobody else waits. Behind the other two
--   nobody new begins.
create or replace function cix.alias_lock() returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set lock_timeout = '3s' as $$
declare
    until_at constant timestamptz := clock_timestamp() + interval '3 seconds';
    name text;
begin
    foreach name in array array['cix.rollup_merge', 'cix.subject_merge', 'cix.subject_ask'] loop
        perform set_config('lock_timeout', greatest(1, ceil(
            extract(epoch from until_at - clock_timestamp()) * 1000))::int::text, true);
        perform pg_advisory_xact_lock(hashtextextended(name, 0));
    end loop;
    return true;
exception when lock_not_available then
    return false;
end;
$$;
comment on function cix.alias_lock() is 'Keeps all who write under subjects out. Not granted to anyone.';

-- cix.alias_note: what was made through identifiers. ids: of what each of them would make; an id that
--   was given to nothing does no harm.
create or replace function cix.alias_note(ids bigint[], lookups bytea[])
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from cix.identifier as i where i.home_id is not null) then
        insert into cix.subject_moved (subject_id, row_id)
        select i.home_id, g.id
        from unnest(ids, lookups) as g (id, lookup)
            join cix.identifier as i on i.lookup = g.lookup
        where i.home_id is not null
        order by 1, 2
        on conflict do nothing;
    end if;
end;
$$;
comment on function cix.alias_note is 'Notes what was made through an alias. Not granted to anyone.';

-- cix.alias_note_facts: the same for facts. A version belongs to whom the one before it does, else to whom
--   its identifier does; a fact about an account goes with the account (alias_complete). A party is noted
--   by itself.
create or replace function cix.alias_note_facts(written cix.fact_item[])
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from cix.identifier as i where i.home_id is not null) then
        insert into cix.subject_moved (subject_id, row_id)
        select i.home_id, case when w.kind = 7 then -w.record_id else w.record_id end
        from unnest(written) as w
            join cix.identifier as i on i.lookup = w.lookup
        where i.home_id is not null
            and (w.kind = 7 and w.action <> 2
                or w.kind in (8, 9, 10, 11, 14) and w.supersedes is null)
        union
        select m.subject_id, w.record_id
        from unnest(written) as w
            join cix.subject_moved as m on m.row_id = w.supersedes
        on conflict do nothing;
    end if;
end;
$$;
comment on function cix.alias_note_facts is 'Notes facts that came through an alias. Not granted to anyone.';

-- cix.alias_note_version: a version that was made from another one, as a back-out does, is whose that is.
create or replace function cix.alias_note_version(earlier bigint, later bigint)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    insert into cix.subject_moved (subject_id, row_id)
    select m.subject_id, case when m.row_id < 0 then -later else later end
    from cix.subject_moved as m
    where m.row_id in (earlier, -earlier)
    on conflict do nothing;
end;
comment on function cix.alias_note_version is 'Notes a version made from one of an alias. Not granted to anyone.';

-- cix.alias_home: the alias of a subject that a row under it belongs to, by what is noted; null: none.
create or replace function cix.alias_home(subject bigint, id bigint)
returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select m.subject_id
    from cix.subject_moved as m
        join cix.subject as s on s.subject_id = m.subject_id and s.alias_of = subject
    where m.row_id = id limit 1;
end;
comment on function cix.alias_home is 'The alias that a row belongs to. Not granted to anyone.';

-- cix.alias_homes: for each record of a chunk the subject that it speaks of, or the alias, when the first
--   identifier of it that was known belongs to one: then the new ones do too. Notes the versions.
create or replace function cix.alias_homes(
    found_ids bigint[], owners int[], lookups bytea[], record_ids bigint[], at timestamptz)
returns bigint[] language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    homes bigint[] := found_ids;
    item record;
    home bigint;
begin
    if not exists (select from cix.identifier as i where i.home_id is not null)
        or not exists (
            select from unnest(lookups) as g (lookup)
                join cix.identifier as i on i.lookup = g.lookup
            where i.home_id is not null)
    then
        return homes;
    end if;
    for item in
        select g.owner, array_agg(g.lookup order by g.place) as lookups
        from unnest(owners, lookups) with ordinality as g (owner, lookup, place)
        where found_ids[g.owner] <> 0
        group by g.owner
        order by g.owner
    loop
        home := (
            select i.home_id
            from unnest(item.lookups) with ordinality as g (lookup, place)
                join cix.identifier as i on i.lookup = g.lookup
            where i.home_id is not null or i.recorded_at <> at
            order by g.place limit 1);
        if home is not null then
            homes[item.owner] := home;
            update cix.identifier as i set home_id = home
            where i.lookup = any (item.lookups) and i.home_id is null and i.recorded_at = at;
            insert into cix.subject_moved (subject_id, row_id)
            values (home, record_ids[item.owner])
            on conflict do nothing;
        end if;
    end loop;
    return homes;
end;
$$;
comment on function cix.alias_homes is 'Whose the records of a chunk are. Not granted to anyone.';

-- cix.alias_begin: notes all that stands under a subject, before it becomes the alias of another. A fact
--   that went from the alias to the survivor left a deletion behind under the id of its version there:
--   that stays.
create or replace function cix.alias_begin(alias bigint, survivor bigint)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    insert into cix.subject_moved (subject_id, row_id)
    select alias, k.account_id from cix.account_key as k where k.subject_id = alias
    union
    select alias, f.flag_id from cix.flag as f where f.subject_id = alias
    union
    select alias, v.record_id from cix.subject_version as v where v.subject_id = alias
    union
    select alias, n.record_id from cix.subject_name as n where n.subject_id = alias
    union
    select alias, i.record_id from cix.subject_identifier as i where i.subject_id = alias
    union
    select alias, n.record_id from cix.subject_name_removed as n where n.subject_id = alias
    union
    select alias, i.record_id from cix.subject_identifier_removed as i where i.subject_id = alias
    union
    select alias, f.record_id from cix.fact as f
    where f.subject_id = alias and not (f.is_deleted and exists (
        select from cix.fact as o
        where o.subject_id = survivor and o.fact_id = f.fact_id and o.record_id = f.record_id))
    union
    select alias, -p.record_id
    from cix.liability as l
        join cix.party as p on p.subject_id = l.owner_subject_id and p.fact_id = l.fact_id
    where l.subject_id = alias and p.party_subject_id = alias
    union
    select alias, a.annotation_id from cix.annotation as a where a.subject_id = alias
    union
    select alias, p.protection_id from cix.protection as p where p.subject_id = alias
    union
    select alias, q.inquiry_id from cix.inquiry as q where q.subject_id = alias
    union
    select alias, f.finding_id from cix.finding as f where f.subject_id = alias
    union
    select alias, a.act_id from cix.operator_act as a where a.subject_id = alias
    union
    select alias, d.delta_id from cix.rollup_delta as d where d.subject_id = alias
    on conflict do nothing;
end;
comment on function cix.alias_begin is 'Notes what stands under a subject. Not granted to anyone.';

-- cix.alias_asked: inquiries, annotations and protections under a survivor that came through identifiers:
--   their audit rows have the same ids, and commitments to the lookup.
create or replace function cix.alias_asked(survivor bigint, lookups bytea[])
returns table (row_id bigint) language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select a.audit_id
    from (select q.inquiry_id as id from cix.inquiry as q where q.subject_id = survivor
            union all
            select n.annotation_id from cix.annotation as n
            where n.subject_id = survivor and (n.target = 1 or n.target = 6 and not exists (
                select from cix.fact as f where f.subject_id = survivor and f.fact_id = n.target_id))
            union all
            select p.protection_id from cix.protection as p where p.subject_id = survivor) as r
        join cix.audit as a on a.audit_id = r.id
    where exists (
        select from unnest(lookups) as l (lookup)
        where a.subject_commitment = sha256(a.salt || l.lookup));
end;
comment on function cix.alias_asked is 'What came through identifiers, by the audit. Not granted to anyone.';

-- cix.alias_complete: notes what came through the alias since it was merged and is not noted yet, before
--   it goes back: first what its identifiers name, then what stands on what is noted.
create or replace function cix.alias_complete(alias bigint, survivor bigint)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    lookups bytea[] := array(select i.lookup from cix.identifier as i where i.home_id = alias);
begin
    insert into cix.subject_moved (subject_id, row_id)
    select alias, i.record_id from cix.subject_identifier as i
    where i.subject_id = survivor and i.lookup = any (lookups)
    union
    select alias, n.record_id from cix.subject_name as n
    where n.subject_id = survivor
        and n.identifier_head = any (array(select cix.lookup_head(l) from unnest(lookups) as l))
    union
    select alias, a.row_id from cix.alias_asked(survivor, lookups) as a
    union
    select alias, f.record_id
    from cix.fact as f
        join cix.subject_moved as m on m.subject_id = alias and m.row_id = f.account_id
    where f.subject_id = survivor
    on conflict do nothing;
    insert into cix.subject_moved (subject_id, row_id)
    select alias, a.annotation_id
    from cix.annotation as a
        join cix.subject_moved as m on m.subject_id = alias and m.row_id = a.target_id
    where a.subject_id = survivor and a.target between 2 and 5
    union
    select alias, a.annotation_id
    from cix.annotation as a
        join cix.fact as f on f.subject_id = survivor and f.fact_id = a.target_id
        join cix.subject_moved as m on m.subject_id = alias and m.row_id = f.record_id
    where a.subject_id = survivor and a.target = 6
    union
    select alias, f.finding_id
    from cix.finding as f
        join cix.account_version as v on v.subject_id = survivor and v.record_id = f.finding_id
        join cix.subject_moved as m on m.subject_id = alias and m.row_id = v.account_id
    where f.subject_id = survivor
    union
    select alias, f.finding_id
    from cix.finding as f
        join cix.subject_moved as m on m.subject_id = alias and m.row_id = f.fact_id
    where f.subject_id = survivor
    union
    select alias, d.delta_id
    from cix.rollup_delta as d
        join cix.performance_delta as p on p.subject_id = survivor and p.delta_id = d.delta_id
        join cix.subject_moved as m on m.subject_id = alias and m.row_id = p.account_id
    where d.subject_id = survivor
    on conflict do nothing;
    insert into cix.subject_moved (subject_id, row_id)
    select alias, a.act_id
    from cix.operator_act as a
        join cix.subject_moved as m on m.subject_id = alias and m.row_id = a.target_id
    where a.subject_id = survivor
    on conflict do nothing;
end;
$$;
comment on function cix.alias_complete is 'Notes what came through an alias later. Not granted to anyone.';

-- cix.subject_move: the rows that are noted of an alias, from one subject to another. subject_id is the key
--   by which rows lie together, so this is the one place that changes it, and it changes nothing else:
--   a table by subject has its line here, append-only or not.
create or replace function cix.subject_move(alias bigint, giver bigint, taker bigint)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off as $$
declare
    ids bigint[] := array(select m.row_id from cix.subject_moved as m where m.subject_id = alias);
begin
    -- A fact that once went from the taker to the giver left a deletion there under the id of its
    -- version: that waits below zero while both stand under one subject.
    update cix.fact as t set subject_id = -taker
    where t.subject_id = taker and t.is_deleted and t.record_id = any (ids) and exists (
        select from cix.fact as o
        where o.subject_id = giver and o.fact_id = t.fact_id and o.record_id = t.record_id);
    update cix.party as t set party_subject_id = taker
    from cix.liability as l
    where l.subject_id = giver and t.subject_id = l.owner_subject_id and t.fact_id = l.fact_id
        and t.party_subject_id = giver and -t.record_id = any (ids);
    update cix.account_key as t set subject_id = taker where t.subject_id = giver and t.account_id = any (ids);
    update cix.account as t set subject_id = taker where t.subject_id = giver and t.account_id = any (ids);
    update cix.account_version as t set subject_id = taker where t.subject_id = giver and t.account_id = any (ids);
    update cix.account_creditor as t set subject_id = taker where t.subject_id = giver and t.account_id = any (ids);
    update cix.account_removed as t set subject_id = taker where t.subject_id = giver and t.account_id = any (ids);
    update cix.performance_delta as t set subject_id = taker where t.subject_id = giver and t.account_id = any (ids);
    update cix.rollup_delta as t set subject_id = taker where t.subject_id = giver and t.delta_id = any (ids);
    update cix.flag_key as t set subject_id = taker where t.subject_id = giver and t.flag_id = any (ids);
    update cix.flag as t set subject_id = taker where t.subject_id = giver and t.flag_id = any (ids);
    update cix.flag_event as t set subject_id = taker where t.subject_id = giver and t.flag_id = any (ids);
    update cix.flag_version as t set subject_id = taker where t.subject_id = giver and t.flag_id = any (ids);
    update cix.flag_detail as t set subject_id = taker where t.subject_id = giver and t.flag_id = any (ids);
    update cix.subject_version as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.subject_name as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.subject_identifier as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.subject_name_removed as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.subject_identifier_removed as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.fact as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.account_event as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.party as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.public_record as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.fraud_case as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.behaviour as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.statement as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.collection as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.member_grade as t set subject_id = taker where t.subject_id = giver and t.record_id = any (ids);
    update cix.mark_key as t set subject_id = taker where t.subject_id = giver and t.mark_id = any (ids);
    update cix.annotation as t set subject_id = taker where t.subject_id = giver and t.annotation_id = any (ids);
    update cix.protection as t set subject_id = taker where t.subject_id = giver and t.protection_id = any (ids);
    update cix.operator_act as t set subject_id = taker where t.subject_id = giver and t.act_id = any (ids);
    update cix.inquiry as t set subject_id = taker where t.subject_id = giver and t.inquiry_id = any (ids);
    update cix.finding as t set subject_id = taker where t.subject_id = giver and t.finding_id = any (ids);
    update cix.fact as t set subject_id = giver
    where t.subject_id = -giver and exists (
        select from cix.fact as o
        where o.subject_id = taker and o.fact_id = t.fact_id and o.record_id = t.record_id);
end;
$$;
comment on function cix.subject_move is 'Moves what is noted of an alias. Not granted to anyone.';

-- cix.subject_move_facts: what follows when facts of two subjects have moved: a key stands where the latest
--   version of its fact does, and liabilities are what the parties say.
create or replace function cix.subject_move_facts(giver bigint, taker bigint)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    two constant bigint[] := array[giver, taker];
    parties bigint[];
    facts bigint[];
    holders bigint[];
    times timestamptz[];
begin
    update cix.fact_key as k set subject_id = taker
    where k.subject_id = giver and taker = (
        select f.subject_id from cix.fact as f
        where f.subject_id = any (two) and f.fact_id = k.fact_id
        order by f.record_id desc, f.is_deleted limit 1);
    select array_agg(s.party), array_agg(s.fact_id), array_agg(s.holder), array_agg(s.recorded_at)
    into parties, facts, holders, times
    from (select distinct on (p.party_subject_id, p.fact_id) p.party_subject_id as party, p.fact_id,
            p.subject_id as holder, f.recorded_at
        from (select o.subject_id, o.fact_id from cix.party as o where o.subject_id = any (two)
            union
            select l.owner_subject_id, l.fact_id from cix.liability as l
            where l.subject_id = any (two) and l.owner_subject_id <> all (two)) as g
            join cix.party as p on p.subject_id = g.subject_id and p.fact_id = g.fact_id
            join cix.fact as f on f.subject_id = p.subject_id and f.fact_id = p.fact_id
                and f.record_id = p.record_id
        order by p.party_subject_id, p.fact_id, p.record_id) as s;
    delete from cix.liability as l where l.subject_id = any (two);
    delete from cix.liability as l
    using unnest(parties, facts) as g (party, fact_id)
    where l.subject_id = g.party and l.fact_id = g.fact_id;
    insert into cix.liability (subject_id, fact_id, owner_subject_id, recorded_at)
    select g.party, g.fact_id, g.holder, g.recorded_at
    from unnest(parties, facts, holders, times) as g (party, fact_id, holder, recorded_at);
end;
$$;
comment on function cix.subject_move_facts is 'Keys and liabilities of facts that moved. Not granted to anyone.';

-- cix.subject_keep: what is kept of a subject, anew from what stands under it now: its plain codes, its
--   freeze, which facts it may have, and its part of the roll-ups, less what is pending there.
create or replace function cix.subject_keep(subject bigint)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform cix.subject_settle(subject);
    perform cix.protection_keep(subject);
    update cix.subject as s
    set facts = (select coalesce(bit_or(1 << f.kind), 0) from cix.fact as f where f.subject_id = subject)
        | exists (select from cix.liability as l where l.subject_id = subject)::int
    where s.subject_id = subject;
    delete from cix.rollup_subject as r where r.subject_id = subject;
    insert into cix.rollup_subject (subject_id, period, cell_id, accounts)
    select subject, u.period, u.cell_id, sum(u.accounts)
    from (select l.period, l.cell_id, 1 as accounts
        from (select distinct on (d.account_id, d.period) d.period, d.cell_id, d.is_deleted
            from cix.performance_delta as d
            where d.subject_id = subject
            order by d.account_id, d.period, d.delta_id desc) as l
        where l.is_deleted is not true
        union all
        select p.period, p.cell_id, -p.accounts from cix.rollup_delta as p
        where p.subject_id = subject) as u
    group by u.period, u.cell_id
    having sum(u.accounts) <> 0;
end;
$$;
comment on function cix.subject_keep is 'Makes what is kept of a subject anew. Not granted to anyone.';

-- cix.alias_conflicts: doubts whether subjects are one, among an alias, a survivor and its other aliases,
--   are decided: state 2 one subject, 3 two (those with the alias alone).
create or replace function cix.alias_conflicts(alias bigint, survivor bigint, state_now smallint)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    others constant bigint[] := survivor || array(
        select a.alias_id from cix.subject_alias as a
        where a.subject_id = survivor and a.alias_id <> alias and a.ended_at is null);
begin
    update cix.conflict as c set state = state_now
    where c.subject_id = alias and c.other_subject_id = any (others)
        or c.subject_id = any (others) and c.other_subject_id = alias;
end;
$$;
comment on function cix.alias_conflicts is 'Decides doubts about an alias. Not granted to anyone.';

-- cix.subject_merge: makes a subject the alias of another. reason: as in subject_alias. Outcomes:
--   0 done   1 it was so before   2 one of them is not known   3 they are the same
--   4 they are of different kinds   5 one of them is merged into another, or the alias has aliases
--   6 somebody is writing or asking still; try again   7 a submission that speaks of them is being taken back
-- One audit row, whatever the outcome.
create or replace function cix.subject_merge(
    alias bigint, survivor bigint, reason smallint, at timestamptz, audit_id bigint, salt bytea)
returns smallint language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    v_alias cix.subject;
    v_survivor cix.subject;
    v_outcome smallint := 0;
begin
    if not cix.alias_lock() then
        v_outcome := 6;
    else
        select s.* into v_alias from cix.subject as s where s.subject_id = alias for update;
        select s.* into v_survivor from cix.subject as s where s.subject_id = survivor for update;
        v_outcome := case
            when v_alias.subject_id is null or v_survivor.subject_id is null then 2
            when alias = survivor then 3
            when v_alias.alias_of = survivor then 1
            when v_alias.alias_of is not null or v_survivor.alias_of is not null or exists (
                select from cix.subject_alias as a
                where a.subject_id = alias and a.ended_at is null) then 5
            when v_alias.kind <> v_survivor.kind then 4
            when exists (
                select from cix.back_out_work as w
                where w.subject_id in (alias, survivor)) then 7
            else 0 end;
    end if;
    if v_outcome = 0 then
        perform cix.alias_begin(alias, survivor);
        insert into cix.subject_alias (subject_id, alias_id, merge_id, reason, birth_year, merged_at)
        values (survivor, alias, audit_id, reason, v_survivor.birth_year, at);
        update cix.identifier as i set subject_id = survivor, home_id = alias
        from cix.subject_identifier as k
        where k.subject_id = alias and i.lookup = k.lookup and i.subject_id = alias;
        perform cix.subject_move(alias, alias, survivor);
        perform cix.subject_move_facts(alias, survivor);
        update cix.subject as s set alias_of = survivor, status = 5 where s.subject_id = alias;
        update cix.subject as s set birth_year = coalesce(s.birth_year, v_alias.birth_year)
        where s.subject_id = survivor;
        perform cix.subject_keep(s) from unnest(array[alias, survivor]) as s;
        perform cix.alias_conflicts(alias, survivor, 2::smallint);
        perform cix.flag_subject_settle(array[survivor], null, at);
    end if;
    perform cix.audit_act(audit_id, at, 204::smallint, salt, null, v_outcome,
        sha256(convert_to(concat_ws(' ', alias, survivor, reason), 'UTF8')));
    return v_outcome;
end;
$$;
comment on function cix.subject_merge is 'Makes a subject the alias of another. Granted to cix_admin.';

-- cix.subject_split: takes a merge back: what is noted of the alias stands under it again. Outcomes:
--   0 done   1 it was split before   2 no such subject   6 and 7 as in subject_merge
--   8 it never was an alias
-- One audit row, whatever the outcome.
create or replace function cix.subject_split(
    alias bigint, at timestamptz, audit_id bigint, salt bytea)
returns smallint language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    v_alias cix.subject;
    v_survivor bigint;
    v_outcome smallint := 0;
begin
    if not cix.alias_lock() then
        v_outcome := 6;
    else
        select s.* into v_alias from cix.subject as s where s.subject_id = alias for update;
        v_survivor := v_alias.alias_of;
        perform from cix.subject as s where s.subject_id = v_survivor for update;
        v_outcome := case
            when v_alias.subject_id is null then 2
            when v_survivor is null then case when exists (
                select from cix.subject_alias as a where a.alias_id = alias) then 1 else 8 end
            when exists (
                select from cix.back_out_work as w
                where w.subject_id in (alias, v_survivor)) then 7
            else 0 end;
    end if;
    if v_outcome = 0 then
        perform cix.alias_complete(alias, v_survivor);
        perform cix.subject_move(alias, v_survivor, alias);
        perform cix.subject_move_facts(v_survivor, alias);
        update cix.identifier as i set subject_id = alias, home_id = null where i.home_id = alias;
        delete from cix.subject_moved as m where m.subject_id = alias;
        update cix.subject as s set alias_of = null, status = 1 where s.subject_id = alias;
        update cix.subject as s set birth_year = a.birth_year
        from cix.subject_alias as a
        where s.subject_id = v_survivor and a.subject_id = v_survivor and a.alias_id = alias
            and a.ended_at is null;
        perform cix.subject_keep(s) from unnest(array[alias, v_survivor]) as s;
        perform cix.alias_conflicts(alias, v_survivor, 3::smallint);
        -- Who leads whom may have looked so only while they were one.
        perform cix.flag_subject_settle(array[alias, v_survivor], null, at);
        update cix.subject_alias as a set ended_at = at
        where a.subject_id = v_survivor and a.alias_id = alias and a.ended_at is null;
    end if;
    perform cix.audit_act(audit_id, at, 205::smallint, salt, null, v_outcome,
        sha256(convert_to(concat_ws(' ', alias, v_survivor), 'UTF8')));
    return v_outcome;
end;
$$;
comment on function cix.subject_split is 'Takes a merge of subjects back. Granted to cix_admin.';

-- cix.alias_list: a page of merges behind an id, oldest first; with_ended: those that were split too.
create or replace function cix.alias_list(with_ended boolean, behind bigint, page_size int)
returns table (merge_id bigint, alias_id bigint, subject_id bigint, reason smallint,
    merged_at timestamptz, ended_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select a.merge_id, a.alias_id, a.subject_id, a.reason, a.merged_at, a.ended_at
    from cix.subject_alias as a
    where a.merge_id > behind and (with_ended or a.ended_at is null)
    order by a.merge_id
    limit page_size;
end;
comment on function cix.alias_list is 'A page of merged subjects. Granted to cix_admin.';
