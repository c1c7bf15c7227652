-- The records of a chunk: consent, subject, account, flag (performance has a file of its own).
-- Arrays of equal length, one item a record, in the order of the chunk; ids, times, lookups and
-- sealed values come from the server. Each put function answers only the records that it did not
-- simply accept and stores those verdicts; it writes nothing unless this transaction opened the
-- chunk. Reason '' stands for the rule's own sentence. Rows are written in the order of their keys.
-- Every plan but nested loops over keys is off: plans made while tables were small stay in the
-- session, and look-ups by key are right at every size of table and chunk.

-- cix.consent_put: permissions of subjects to the caller. purposes, data classes: bits 1 << number.
--   C004: a consent id comes again with other content or after its revocation, or nothing is known
--   to revoke. A revocation repeats the content of what it revokes, whatever came with it.
create or replace function cix.consent_put(
    caller int, submission uuid, chunk_number int, at timestamptz,
    lines int[], lookups bytea[], consent_ids uuid[], record_ids bigint[], purpose_bits bigint[],
    class_bits int[], forms smallint[], signed date[], effective date[], expires date[],
    hashes bytea[], revoked boolean[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
declare
    turns int[];
    refused int[] := '{}';
    more int[];
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 0, 0) then
        return;
    end if;
    -- The same consent twice in one chunk: one turn after the other.
    select array_agg(t.turn order by t.place) into turns
    from (select g.place, row_number() over (partition by g.lookup, g.consent_id order by g.place) as turn
        from unnest(lookups, consent_ids) with ordinality as g (lookup, consent_id, place)) as t;
    for now in 1 .. coalesce((select max(t) from unnest(turns) as t), 0) loop
        with given as (
            select g.*, (select array_agg(p::smallint) from generate_series(0, 62) as p
                where g.purpose_bits >> p & 1 = 1) as purposes
            from unnest(turns, lines, lookups, consent_ids, record_ids, purpose_bits, class_bits,
                forms, signed, effective, expires, hashes, revoked)
                as g (turn, line, lookup, consent_id, record_id, purpose_bits, classes, form,
                    signed_on, effective_on, expires_on, document_hash, is_revoked)
            where g.turn = now
        ), judged as materialized (
            select g.line, g.lookup, g.consent_id, g.record_id, g.is_revoked,
                case when g.is_revoked then old.purposes else g.purposes end as purposes,
                case when g.is_revoked then old.data_classes else g.classes end as classes,
                case when g.is_revoked then old.form else g.form end as form,
                case when g.is_revoked then old.signed_on else g.signed_on end as signed_on,
                case when g.is_revoked then old.effective_on else g.effective_on end
                    as effective_on,
                case when g.is_revoked then old.expires_on else g.expires_on end as expires_on,
                case when g.is_revoked then old.document_hash else g.document_hash end
                    as document_hash,
                old.record_id is not null as is_known, coalesce(old.is_revoked
                or (old.purposes, old.data_classes, old.form, old.signed_on, old.effective_on,
                        old.expires_on, old.document_hash)
                    is distinct from (g.purposes, g.classes, g.form, g.signed_on, g.effective_on,
                        g.expires_on, g.document_hash), false) as is_other,
                coalesce(old.is_revoked, false) as was_revoked
            from given as g
                left join lateral (
                    select c.* from cix.consent c
                    where c.lookup = g.lookup and c.member_id = caller and c.consent_id = g.consent_id
                    order by c.is_revoked desc, c.record_id desc limit 1) as old on true
        ), put as (
            insert into cix.consent (
                lookup, member_id, consent_id, record_id, purposes, data_classes, form, signed_on,
                effective_on, expires_on, document_hash, is_revoked, recorded_at)
            select j.lookup, caller, j.consent_id, j.record_id, j.purposes, j.classes, j.form,
                j.signed_on, j.effective_on, j.expires_on, j.document_hash, j.is_revoked, at
            from judged as j
            where case when j.is_revoked then j.is_known and not j.was_revoked
                else not j.is_known end
            order by j.lookup, j.consent_id
        )
        select array_agg(j.line) into more
        from judged as j
        where case when j.is_revoked then not j.is_known else j.is_known and j.is_other end;
        refused := refused || more;
    end loop;
    return query select v.line, 'C004', 2::smallint, 'consent.consent_id', ''
        from unnest(refused) as v (line);
    perform cix.submission_verdict_put(caller, submission, chunk_number, at, refused,
        array_fill('C004'::text, array[cardinality(refused)]),
        array_fill(2::smallint, array[cardinality(refused)]),
        array_fill('consent.consent_id'::text, array[cardinality(refused)]),
        array_fill(''::text, array[cardinality(refused)]));
end;
$$;
comment on function cix.consent_put is 'Takes consents of an open chunk. Granted to cix_submit.';

-- cix.subject_owners: to whom the identifiers of a chunk belong, record by record in its order; new
--   identifiers are written. owners: position of the record of each identifier, rising. Answers one
--   subject for each candidate; 0 where its identifiers belong to two subjects.
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
    who bigint;
    is_clash boolean;
    first int;
    next int;
begin
    select array_agg(g.lookup order by g.lookup), array_agg(g.kind order by g.lookup)
    into keys, kinds
    from (select u.lookup, min(u.type) as kind from unnest(lookups, types) as u (lookup, type)
        group by u.lookup) as g;
    select array_agg(g.rank order by g.place) into places
    from (select u.place, dense_rank() over (order by u.lookup) as rank
        from unnest(lookups) with ordinality as u (lookup, place)) as g;
    for attempt in 1 .. 10 loop
        select array_agg(coalesce(i.subject_id, 0) order by k.lookup) into before
        from unnest(keys) as k (lookup)
            left join cix.identifier as i on i.lookup = k.lookup;
        holders := before;
        answer := array_fill(0::bigint, array[cardinality(candidates)]);
        next := 1;
        for record in 1 .. cardinality(candidates) loop
            first := next;
            who := 0;
            is_clash := false;
            while owners[next] = record loop
                if holders[places[next]] <> 0 then
                    is_clash := is_clash or (who <> 0 and who <> holders[places[next]]);
                    who := holders[places[next]];
                end if;
                next := next + 1;
            end loop;
            if not is_clash then
                if who = 0 then
                    who := candidates[record];
                end if;
                answer[record] := who;
                for place in first .. next - 1 loop
                    holders[places[place]] := who;
                end loop;
            end if;
        end loop;
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

-- cix.subject_put: who subjects are, as the caller knows them. Identifiers come flattened: owners is
--   the position of their record, rising. Unknown identifiers join the subject of the known ones; a
--   further spelling of a name is a further row.
--   S024: the identifiers belong to two subjects.
create or replace function cix.subject_put(
    caller int, submission uuid, chunk_number int, at timestamptz,
    lines int[], subject_ids bigint[], record_ids bigint[], kinds smallint[], segments smallint[],
    sexes smallint[], birth_years smallint[], births bytea[], mobiles bytea[], addresses bytea[],
    regions text[], industries text[], founded date[],
    owners int[], lookups bytea[], types smallint[], identifier_ids bigint[], identifiers bytea[],
    name_indexes bytea[], name_ids bigint[], names bytea[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
declare
    found_ids bigint[];
    refused int[];
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 1, 0) then
        return;
    end if;
    found_ids := cix.subject_owners(subject_ids, owners, lookups, types, at);
    -- Subjects that are there already are locked in order before they change.
    perform from cix.subject as s
        where s.subject_id = any (found_ids) and s.subject_id <> all (subject_ids)
        order by s.subject_id for no key update;
    with given as (
        select g.subject_id, (array_agg(g.kind order by g.place))[1] as kind,
            (array_agg(g.segment order by g.place desc) filter (where g.segment <> 0))[1] as segment,
            (array_agg(g.birth_year order by g.place desc)
                filter (where g.birth_year is not null))[1] as birth_year,
            (array_agg(g.region order by g.place desc) filter (where g.region <> ''))[1] as region,
            (array_agg(g.industry order by g.place desc)
                filter (where g.industry <> ''))[1] as industry
        from unnest(found_ids, kinds, segments, birth_years, regions, industries)
            with ordinality as g (subject_id, kind, segment, birth_year, region, industry, place)
        where g.subject_id <> 0
        group by g.subject_id
    ), put as (
        insert into cix.subject (
            subject_id, kind, segment, birth_year, region, industry, recorded_at)
        select g.subject_id, g.kind, coalesce(g.segment, 0), g.birth_year, coalesce(g.region, ''),
            coalesce(g.industry, ''), at
        from given as g
        where g.subject_id = any (subject_ids)
        order by g.subject_id
    )
    update cix.subject as s
    set segment = coalesce(g.segment, s.segment), birth_year = coalesce(g.birth_year, s.birth_year),
        region = coalesce(g.region, s.region), industry = coalesce(g.industry, s.industry)
    from given as g
    where s.subject_id = g.subject_id
        and (s.segment, s.birth_year, s.region, s.industry) is distinct from
            (coalesce(g.segment, s.segment), coalesce(g.birth_year, s.birth_year),
                coalesce(g.region, s.region), coalesce(g.industry, s.industry));
    insert into cix.subject_version (
        subject_id, record_id, member_id, submission_id, kind, segment, sex, birth_year,
        sealed_birth, sealed_mobiles, sealed_address, region, industry, founded_on, recorded_at)
    select g.subject_id, g.record_id, caller, submission, g.kind, g.segment, g.sex, g.birth_year,
        g.birth, g.mobile, g.address, g.region, g.industry, g.founded_on, at
    from unnest(found_ids, record_ids, kinds, segments, sexes, birth_years, births, mobiles,
        addresses, regions, industries, founded)
        as g (subject_id, record_id, kind, segment, sex, birth_year, birth, mobile, address, region,
            industry, founded_on)
    where g.subject_id <> 0
    order by g.subject_id, g.record_id;
    insert into cix.subject_identifier (
        subject_id, lookup, member_id, record_id, type, sealed_value, recorded_at)
    select found_ids[g.owner], g.lookup, caller, g.record_id, g.type, g.sealed, at
    from unnest(owners, lookups, identifier_ids, types, identifiers)
        as g (owner, lookup, record_id, type, sealed)
    where found_ids[g.owner] <> 0
    order by 1, 2
    on conflict do nothing;
    insert into cix.subject_name (
        subject_id, name_index, member_id, record_id, sealed_name, recorded_at)
    select found_ids[g.owner], g.name_index, caller, g.record_id, g.sealed, at
    from unnest(owners, name_indexes, name_ids, names) as g (owner, name_index, record_id, sealed)
    where found_ids[g.owner] <> 0
    order by 1, 2
    on conflict do nothing;
    select coalesce(array_agg(g.line), '{}') into refused
    from unnest(lines, found_ids) as g (line, subject_id) where g.subject_id = 0;
    return query select v.line, 'S024', 2::smallint, 'subject.identifiers', ''
        from unnest(refused) as v (line);
    perform cix.submission_verdict_put(caller, submission, chunk_number, at, refused,
        array_fill('S024'::text, array[cardinality(refused)]),
        array_fill(2::smallint, array[cardinality(refused)]),
        array_fill('subject.identifiers'::text, array[cardinality(refused)]),
        array_fill(''::text, array[cardinality(refused)]));
end;
$$;
comment on function cix.subject_put is 'Takes subjects of an open chunk. Granted to cix_submit.';

-- cix.account_put: accounts of the caller and what changed of them.
--   A001: the number belongs to an account of another subject. A008: a closed account would be open
--   again. A022: the caller gave no subject with the identifier; whether others did, it does not
--   learn. A023: type or currency would change.
--   S021 (quarantine): a new account of a subject that died or was deregistered.
create or replace function cix.account_put(
    caller int, submission uuid, chunk_number int, at timestamptz,
    lines int[], account_indexes bytea[], account_ids bigint[], record_ids bigint[],
    lookups bytea[], types smallint[], business text[], currencies text[], originals bigint[],
    limits bigint[], opened date[], matures date[], closed date[], terms smallint[], rates int[],
    frequencies smallint[], securities smallint[], regions text[], industries text[],
    channels smallint[], dealers text[], platforms int[], numbers bytea[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    turns int[];
    rules text[];
    broken_lines int[] := '{}';
    broken_rules text[] := '{}';
    broken_severities smallint[];
    broken_fields text[];
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 2, 0) then
        return;
    end if;
    -- The same account twice in one chunk: one turn after the other.
    select array_agg(t.turn order by t.place) into turns
    from (select g.place, row_number() over (partition by g.account_index order by g.place) as turn
        from unnest(account_indexes) with ordinality as g (account_index, place)) as t;
    for now in 1 .. coalesce((select max(t) from unnest(turns) as t), 0) loop
        insert into cix.account_key (member_id, account_index, subject_id, account_id, recorded_at)
        select caller, g.account_index, s.subject_id, g.account_id, at
        from unnest(turns, account_indexes, account_ids, lookups)
            as g (turn, account_index, account_id, lookup)
            join cix.identifier as i on i.lookup = g.lookup
            join cix.subject as s on s.subject_id = i.subject_id
        where g.turn = now and s.status not in (2, 3)
            and exists (
                select from cix.subject_name as n
                where n.subject_id = i.subject_id and n.member_id = caller)
        order by g.account_index
        on conflict do nothing;
        -- Accounts that were there already are locked in order before they change.
        perform from unnest(turns, account_indexes, account_ids) as g (turn, account_index, account_id)
            cross join lateral (
                select k.subject_id, k.account_id from cix.account_key as k
                where k.member_id = caller and k.account_index = g.account_index
                offset 0) as k
            join cix.account as a on a.subject_id = k.subject_id and a.account_id = k.account_id
        where g.turn = now and k.account_id <> g.account_id
        order by a.subject_id, a.account_id
        for no key update of a;
        with given as materialized (
            select g.*, k.subject_id, k.account_id,
                case when exists (
                    select from cix.subject_name as n
                    where n.subject_id = i.subject_id and n.member_id = caller)
                then i.subject_id end as owner
            from unnest(turns, lines, account_indexes, account_ids, record_ids, lookups, types,
                business, currencies, originals, limits, opened, matures, closed, terms, rates,
                frequencies, securities, regions, industries, channels, dealers, platforms, numbers)
                as g (turn, line, account_index, candidate, record_id, lookup, type, business_type,
                    currency, original_amount, credit_limit, opened_on, matures_on, closed_on,
                    term_months, annual_rate_bps, repay_frequency, security, region, industry,
                    channel, dealer_code, platform_id, sealed_account_no)
                left join cix.identifier as i on i.lookup = g.lookup
                left join lateral (
                    select k.subject_id, k.account_id from cix.account_key as k
                    where k.member_id = caller and k.account_index = g.account_index
                    offset 0) as k on true -- offset 0: looked up by the whole key, one by one
            where g.turn = now
        ), judged as materialized (
            select g.*, a.account_id is null as is_new,
                case when g.owner is null then 'A022'
                    when g.account_id is null then 'S021'
                    when g.subject_id <> g.owner then 'A001'
                    when a.currency <> g.currency or a.type <> g.type then 'A023'
                    when a.closed_on is not null and g.closed_on is null then 'A008'
                end as rule,
                (a.business_type, a.original_amount, a.credit_limit, a.opened_on, a.matures_on,
                    a.closed_on, a.term_months, a.annual_rate_bps, a.repay_frequency, a.security,
                    a.region, a.industry, a.channel, a.dealer_code, a.platform_id)
                is distinct from
                (g.business_type, g.original_amount, g.credit_limit, g.opened_on, g.matures_on,
                    g.closed_on, g.term_months, g.annual_rate_bps, g.repay_frequency, g.security,
                    g.region, g.industry, g.channel, g.dealer_code, g.platform_id) as is_other,
                not exists (
                    select from cix.account_version as v
                    where v.subject_id = g.subject_id and v.account_id = g.account_id
                        and v.record_id > g.record_id) as is_latest
            from given as g
                left join cix.account as a
                    on a.subject_id = g.subject_id and a.account_id = g.account_id
        ), version as (
            insert into cix.account_version (
                subject_id, account_id, record_id, member_id, submission_id, type, business_type,
                currency, original_amount, credit_limit, opened_on, matures_on, closed_on,
                term_months, annual_rate_bps, repay_frequency, security, region, industry, channel,
                dealer_code, platform_id, recorded_at)
            select j.subject_id, j.account_id, j.record_id, caller, submission, j.type,
                j.business_type, j.currency, j.original_amount, j.credit_limit, j.opened_on,
                j.matures_on, j.closed_on, j.term_months, j.annual_rate_bps, j.repay_frequency,
                j.security, j.region, j.industry, j.channel, j.dealer_code, j.platform_id, at
            from judged as j
            where j.rule is null and (j.is_new or j.is_other)
            order by j.subject_id, j.account_id
        ), put as (
            insert into cix.account (
                subject_id, account_id, member_id, type, business_type, currency, original_amount,
                credit_limit, opened_on, matures_on, closed_on, term_months, annual_rate_bps,
                repay_frequency, security, region, industry, channel, dealer_code, platform_id,
                record_id, sealed_account_no, attributes_at, status_ring, month_ring)
            select j.subject_id, j.account_id, caller, j.type, j.business_type, j.currency,
                j.original_amount, j.credit_limit, j.opened_on, j.matures_on, j.closed_on,
                j.term_months, j.annual_rate_bps, j.repay_frequency, j.security, j.region,
                j.industry, j.channel, j.dealer_code, j.platform_id, j.record_id,
                j.sealed_account_no, at, decode(repeat('00', 60), 'hex'),
                decode(repeat('00', 960), 'hex')
            from judged as j
            where j.rule is null and j.is_new
            order by j.subject_id, j.account_id
        ), changed as (
            update cix.account as a
            set business_type = j.business_type, original_amount = j.original_amount,
                credit_limit = j.credit_limit, opened_on = j.opened_on, matures_on = j.matures_on,
                closed_on = j.closed_on, term_months = j.term_months,
                annual_rate_bps = j.annual_rate_bps, repay_frequency = j.repay_frequency,
                security = j.security, region = j.region, industry = j.industry,
                channel = j.channel, dealer_code = j.dealer_code, platform_id = j.platform_id,
                attributes_at = at
            from judged as j
            where j.rule is null and not j.is_new and j.is_other and j.is_latest
                and a.subject_id = j.subject_id and a.account_id = j.account_id
        )
        select broken_lines || coalesce(array_agg(j.line), '{}'),
            broken_rules || coalesce(array_agg(j.rule), '{}')
        into broken_lines, broken_rules
        from judged as j
        where j.rule is not null;
    end loop;
    select array_agg((case when r = 'S021' then 3 else 2 end)::smallint),
        array_agg(case r when 'A001' then 'account.account_no' when 'A008' then 'account.closed_on'
            when 'A023' then 'account.type' else 'account.identifier' end)
    into broken_severities, broken_fields
    from unnest(broken_rules) as r;
    return query select v.line, v.rule, v.severity, v.field, ''
        from unnest(broken_lines, broken_rules, broken_severities, broken_fields)
            as v (line, rule, severity, field);
    perform cix.submission_verdict_put(caller, submission, chunk_number, at, broken_lines,
        broken_rules, broken_severities, broken_fields,
        array_fill(''::text, array[cardinality(broken_lines)]));
end;
$$;
comment on function cix.account_put is 'Takes accounts of an open chunk. Granted to cix_submit.';

-- cix.flag_put: listings of a court. Few and precious: one after the other, in the order of lookups.
--   D010: the listing's id comes again with other content. S016 (quarantine): the name is not one
--   of the subject that the identifier finds. An unknown identifier makes a subject.
create or replace function cix.flag_put(
    caller int, submission uuid, chunk_number int, at timestamptz,
    lines int[], external_ids uuid[], flag_ids bigint[], record_ids bigint[], subject_ids bigint[],
    kinds smallint[], birth_years smallint[], lookups bytea[], types smallint[],
    identifier_ids bigint[], identifiers bytea[], name_indexes bytea[], name_ids bigint[],
    names bytea[], cases bytea[], courts text[], regions text[], filed date[], published date[],
    expires date[], grounds smallint[], performances smallint[], grades smallint[],
    restriction_bits int[], statuses smallint[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_bitmapscan = off set enable_material = off set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    broken_lines int[] := '{}';
    broken_rules text[] := '{}';
    broken_severities smallint[] := '{}';
    broken_fields text[] := '{}';
    owner_id bigint;
    known cix.flag_key;
    flag cix.flag;
    bits smallint[];
    n int;
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 8, 4) then
        return;
    end if;
    for n in select g.place from unnest(lookups) with ordinality as g (lookup, place)
        order by g.lookup, g.place
    loop
        owner_id := (cix.subject_owners(array[subject_ids[n]], array[1], array[lookups[n]],
            array[types[n]], at))[1];
        if owner_id = subject_ids[n] then
            insert into cix.subject (subject_id, kind, birth_year, region, recorded_at)
            values (owner_id, kinds[n], birth_years[n], '', at);
            insert into cix.subject_identifier (
                subject_id, lookup, member_id, record_id, type, sealed_value, recorded_at)
            values (owner_id, lookups[n], caller, identifier_ids[n], types[n], identifiers[n], at);
            insert into cix.subject_name (
                subject_id, name_index, member_id, record_id, sealed_name, recorded_at)
            values (owner_id, name_indexes[n], caller, name_ids[n], names[n], at);
        elsif not exists (
            select from cix.subject_name as s
            where s.subject_id = owner_id and s.name_index = name_indexes[n])
        then
            broken_lines := broken_lines || lines[n];
            broken_rules := broken_rules || 'S016'::text;
            broken_severities := broken_severities || 3::smallint;
            broken_fields := broken_fields || 'flag.name'::text;
            continue;
        end if;
        bits := array(select b::smallint from generate_series(0, 30) as b
            where restriction_bits[n] >> b & 1 = 1);
        insert into cix.flag_key (member_id, external_id, subject_id, flag_id, recorded_at)
        values (caller, external_ids[n], owner_id, flag_ids[n], at)
        on conflict do nothing;
        if found then
            insert into cix.flag (
                subject_id, flag_id, member_id, external_id, record_id, sealed_case_no, court,
                region, filed_on, published_on, expires_on, ground, performance, grade,
                restrictions, status, recorded_at)
            values (owner_id, flag_ids[n], caller, external_ids[n], record_ids[n], cases[n],
                courts[n], regions[n], filed[n], published[n], expires[n], grounds[n],
                performances[n], grades[n], bits, statuses[n], at);
            insert into cix.flag_event (
                subject_id, flag_id, event_id, status, status_reason, member_id, recorded_at)
            values (owner_id, flag_ids[n], record_ids[n], statuses[n], 0, caller, at);
            continue;
        end if;
        select k.* into known from cix.flag_key as k
        where k.member_id = caller and k.external_id = external_ids[n];
        select f.* into flag from cix.flag as f
        where f.subject_id = known.subject_id and f.flag_id = known.flag_id;
        if known.subject_id <> owner_id
            or (flag.court, flag.region, flag.filed_on, flag.published_on, flag.expires_on,
                    flag.ground, flag.performance, flag.grade, flag.restrictions)
                is distinct from (courts[n], regions[n], filed[n], published[n], expires[n],
                    grounds[n], performances[n], grades[n], bits)
        then
            broken_lines := broken_lines || lines[n];
            broken_rules := broken_rules || 'D010'::text;
            broken_severities := broken_severities || 2::smallint;
            broken_fields := broken_fields || 'flag.flag_id'::text;
        end if;
    end loop;
    return query select v.line, v.rule, v.severity, v.field, ''
        from unnest(broken_lines, broken_rules, broken_severities, broken_fields)
            as v (line, rule, severity, field);
    perform cix.submission_verdict_put(caller, submission, chunk_number, at, broken_lines,
        broken_rules, broken_severities, broken_fields,
        array_fill(''::text, array[cardinality(broken_lines)]));
end;
$$;
comment on function cix.flag_put is 'Takes listings of an open chunk. Granted to cix_submit.';
