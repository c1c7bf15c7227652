-- The records of a chunk: consent and flag here; subjects, accounts and months have files of their own.
-- Arrays of equal length, one item a record, in the order of the chunk; ids, times, lookups and
-- sealed values come from the server. Each put function answers only the records that it did not
-- simply accept and stores those verdicts; it writes nothing unless this transaction opened the
-- chunk. Reason '' stands for the rule's own sentence. Rows are written in the order of their keys.
-- Every plan but nested loops over keys is off: plans made while tables were small stay in the
-- session, and look-ups by key are right at every size of table and chunk.

-- cix.consent_put: permissions of subjects to the caller. purposes, data classes: bits 1 << number.
--   C004: a consent id comes again with other content or after its revocation, or nothing is known
--   to revoke. A revocation repeats the content of what it revokes, whatever came with it. scopes: digests of
--   the accounts that they are for, null: of none; whether there is such an account is asked by who uses one.
create or replace function cix.consent_put(
    caller int, submission uuid, chunk_number int, at timestamptz,
    lines int[], lookups bytea[], consent_ids uuid[], record_ids bigint[], purpose_bits bigint[],
    class_bits int[], forms smallint[], signed date[], effective date[], expires date[],
    hashes bytea[], revoked boolean[], origins text[] default '{}', scopes bytea[] default '{}')
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
                forms, signed, effective, expires, hashes, revoked, origins, scopes)
                as g (turn, line, lookup, consent_id, record_id, purpose_bits, classes, form,
                    signed_on, effective_on, expires_on, document_hash, is_revoked, origin, scope_index)
            where g.turn = now
        ), judged as materialized (
            select g.line, g.lookup, g.consent_id, g.record_id, g.is_revoked, g.origin,
                case when g.is_revoked then old.purposes else g.purposes end as purposes,
                case when g.is_revoked then old.data_classes else g.classes end as classes,
                case when g.is_revoked then old.form else g.form end as form,
                case when g.is_revoked then old.signed_on else g.signed_on end as signed_on,
                case when g.is_revoked then old.effective_on else g.effective_on end
                    as effective_on,
                case when g.is_revoked then old.expires_on else g.expires_on end as expires_on,
                case when g.is_revoked then old.document_hash else g.document_hash end
                    as document_hash,
                case when g.is_revoked then old.scope_index else g.scope_index end as scope_index,
                old.record_id is not null as is_known, coalesce(old.is_revoked
                or (old.purposes, old.data_classes, old.form, old.signed_on, old.effective_on,
                        old.expires_on, old.document_hash, old.scope_index)
                    is distinct from (g.purposes, g.classes, g.form, g.signed_on, g.effective_on,
                        g.expires_on, g.document_hash, g.scope_index), false) as is_other,
                coalesce(old.is_revoked, false) as was_revoked
            from given as g
                left join lateral (
                    select c.* from cix.consent c
                    where c.lookup = g.lookup and c.member_id = caller and c.consent_id = g.consent_id
                    order by c.is_revoked desc, c.record_id desc limit 1) as old on true
        ), put as (
            insert into cix.consent (
                lookup, member_id, consent_id, record_id, purposes, data_classes, form, signed_on,
                effective_on, expires_on, document_hash, is_revoked, recorded_at, submission_id,
                origin, scope_index)
            select j.lookup, caller, j.consent_id, j.record_id, j.purposes, j.classes, j.form,
                j.signed_on, j.effective_on, j.expires_on, j.document_hash, j.is_revoked, at,
                submission, nullif(j.origin, ''), j.scope_index
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

-- cix.flag_put: listings of a court. Few and precious: one after the other, in the order of lookups.
--   D010: the listing's id comes again with other content or in another status, which is a correction; D003: it
--   comes again and has ended. D011: a court has sixteen feeds. S016 (quarantine): the name is not one
--   of the subject that the identifier finds, nor accepted: a doubt of kind 3. No release waives it. A name that was
--   accepted comes in with the listing, which is found by it then. An unknown identifier makes a subject.
--   D006 (quarantine): a person is to be listed for a case for which an organisation that it leads is listed;
--   organisations go first. When the person's listing came before, the court of the organisation's is
--   warned and a finding (kind 8) stands until one of the two ends. cases: sealed; case_indexes: digests.
--   corrections: 1 says a listing of the caller anew; K001: it has none, D003: it ended, D010: of another person.
--   units, terms, texts: what flag_detail keeps, texts sealed; details: the digest of all of it, null: nothing.
create or replace function cix.flag_put(
    caller int, submission uuid, chunk_number int, at timestamptz,
    lines int[], external_ids uuid[], flag_ids bigint[], record_ids bigint[], subject_ids bigint[],
    kinds smallint[], birth_years smallint[], lookups bytea[], types smallint[],
    identifier_ids bigint[], identifiers bytea[], name_indexes bytea[], name_ids bigint[],
    names bytea[], cases bytea[], courts text[], regions text[], filed date[], published date[],
    expires date[], grounds smallint[], performances smallint[], grades smallint[],
    restriction_bits int[], statuses smallint[], case_indexes bytea[], sources text[],
    source_seqs bigint[], corrections smallint[] default '{}', units text[] default '{}',
    terms int[] default '{}', texts bytea[] default '{}', details bytea[] default '{}')
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
    new cix.flag;
    bits smallint[];
    led int[];
    listed int[] := '{}';
    changed bytea[] := '{}';
    doubted int[] := '{}';
    full_feeds text[];
    n int;
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 8, 4) then
        return;
    end if;
    full_feeds := cix.flag_feeds_full(caller, sources, source_seqs, at);
    for n in select g.place from unnest(lookups, kinds) with ordinality as g (lookup, kind, place)
        order by g.kind = 1, g.lookup, g.place
    loop
        if led is null and kinds[n] = 1 then -- behind all organisations
            led := cix.flag_led_places(lookups, kinds, case_indexes);
        end if;
        if source_seqs[n] is not null and sources[n] = any (full_feeds) then
            broken_lines := broken_lines || lines[n];
            broken_rules := broken_rules || 'D011'::text;
            broken_severities := broken_severities || 2::smallint;
            broken_fields := broken_fields || 'flag.source'::text;
            continue;
        end if;
        if corrections[n] = 1 and not exists (
            select from cix.flag_key as k
            where k.member_id = caller and k.external_id = external_ids[n])
        then
            broken_lines := broken_lines || lines[n];
            broken_rules := broken_rules || 'K001'::text;
            broken_severities := broken_severities || 2::smallint;
            broken_fields := broken_fields || 'correction'::text;
            continue;
        end if;
        owner_id := cix.subject_owner(subject_ids[n], lookups[n], types[n], at);
        if owner_id = subject_ids[n] then
            insert into cix.subject (subject_id, kind, birth_year, region, recorded_at)
            values (owner_id, kinds[n], birth_years[n], '', at);
            insert into cix.subject_identifier (
                subject_id, lookup, member_id, record_id, type, sealed_value, recorded_at)
            values (owner_id, lookups[n], caller, identifier_ids[n], types[n], identifiers[n], at);
            insert into cix.subject_name (
                subject_id, name_index, member_id, record_id, sealed_name, recorded_at,
                identifier_head)
            values (owner_id, name_indexes[n], caller, name_ids[n], names[n], at,
                cix.lookup_head(lookups[n]));
        elsif not exists (
            select from cix.subject_name as s
            where s.subject_id = owner_id and s.name_index = name_indexes[n])
            and not cix.name_is_accepted(lookups[n], name_indexes[n])
        then
            doubted := doubted || n;
            broken_lines := broken_lines || lines[n];
            broken_rules := broken_rules || 'S016'::text;
            broken_severities := broken_severities || 3::smallint;
            broken_fields := broken_fields || 'flag.name'::text;
            continue;
        elsif n = any (led)
            and not exists (
                select from cix.flag_key as k
                where k.member_id = caller and k.external_id = external_ids[n])
            and not cix.quarantine_waives(caller, submission, chunk_number, lines[n], 'D006')
        then
            broken_lines := broken_lines || lines[n];
            broken_rules := broken_rules || 'D006'::text;
            broken_severities := broken_severities || 3::smallint;
            broken_fields := broken_fields || 'flag.identifier'::text;
            continue;
        end if;
        bits := array(select b::smallint from generate_series(0, 30) as b
            where restriction_bits[n] >> b & 1 = 1);
        insert into cix.flag_key (member_id, external_id, subject_id, flag_id, recorded_at)
        values (caller, external_ids[n], owner_id, flag_ids[n], at)
        on conflict do nothing;
        if found then
            perform cix.name_take(caller, owner_id, lookups[n], name_indexes[n], name_ids[n], names[n], at);
            insert into cix.flag (
                subject_id, flag_id, member_id, external_id, record_id, sealed_case_no, court,
                region, filed_on, published_on, expires_on, ground, performance, grade,
                restrictions, status, recorded_at, case_index, source, source_seq, submission_id,
                detail_index)
            values (owner_id, flag_ids[n], caller, external_ids[n], record_ids[n], cases[n],
                courts[n], regions[n], filed[n], published[n], expires[n], grounds[n],
                performances[n], grades[n], bits, statuses[n], at, case_indexes[n],
                nullif(sources[n], ''), source_seqs[n], submission, details[n]);
            perform cix.flag_detail_put(record_ids[n], owner_id, flag_ids[n], units[n], terms[n],
                texts[n], at);
            insert into cix.flag_event (
                subject_id, flag_id, event_id, status, status_reason, member_id, recorded_at,
                submission_id, version_id)
            values (owner_id, flag_ids[n], record_ids[n], statuses[n], 0, caller, at, submission,
                record_ids[n]);
            perform cix.rating_touch(array[owner_id]);
            perform cix.flag_unmask(caller, submission, external_ids[n], at);
            changed := changed || case_indexes[n];
            listed := listed || n;
            continue;
        end if;
        select k.* into known from cix.flag_key as k
        where k.member_id = caller and k.external_id = external_ids[n];
        select f.* into flag from cix.flag as f
        where f.subject_id = known.subject_id and f.flag_id = known.flag_id for update;
        if known.subject_id = owner_id and (corrections[n] = 1 or cix.flag_is_again(flag)) then
            if flag.status not in (1, 2, 3) and not cix.flag_is_again(flag) then
                broken_lines := broken_lines || lines[n];
                broken_rules := broken_rules || 'D003'::text;
                broken_severities := broken_severities || 2::smallint;
                broken_fields := broken_fields || 'flag.status'::text;
                continue;
            end if;
            new := flag;
            new.record_id := record_ids[n];
            new.submission_id := submission;
            new.sealed_case_no := cases[n];
            new.case_index := case_indexes[n];
            new.court := courts[n];
            new.region := regions[n];
            new.filed_on := filed[n];
            new.published_on := published[n];
            new.expires_on := expires[n];
            new.ground := grounds[n];
            new.performance := performances[n];
            new.grade := grades[n];
            new.restrictions := bits;
            new.status := statuses[n];
            new.source := coalesce(nullif(sources[n], ''), flag.source);
            new.source_seq := coalesce(source_seqs[n], flag.source_seq);
            new.detail_index := details[n];
            changed := changed || flag.case_index || new.case_index;
            perform cix.name_take(caller, owner_id, lookups[n], name_indexes[n], name_ids[n], names[n], at);
            perform cix.flag_replace(flag, new, caller, submission, at);
            perform cix.flag_detail_put(new.record_id, new.subject_id, new.flag_id, units[n],
                terms[n], texts[n], at);
        elsif known.subject_id <> owner_id
            or coalesce(flag.case_index <> case_indexes[n], false) -- null: came before it was kept
            or (flag.court, flag.region, flag.filed_on, flag.published_on, flag.expires_on,
                    flag.ground, flag.performance, flag.grade, flag.restrictions, flag.detail_index)
                is distinct from (courts[n], regions[n], filed[n], published[n], expires[n],
                    grounds[n], performances[n], grades[n], bits, details[n])
        then
            broken_lines := broken_lines || lines[n];
            broken_rules := broken_rules || 'D010'::text;
            broken_severities := broken_severities || 2::smallint;
            broken_fields := broken_fields || 'flag.flag_id'::text;
        elsif flag.status <> statuses[n] then
            broken_lines := broken_lines || lines[n];
            broken_rules := broken_rules
                || case when flag.status in (1, 2, 3) then 'D010' else 'D003' end::text;
            broken_severities := broken_severities || 2::smallint;
            broken_fields := broken_fields || 'flag.status'::text;
        end if;
    end loop;
    perform cix.conflict_keep(caller, submission, chunk_number, at, 3::smallint,
        array_agg(lines[d]), array_agg(record_ids[d]), array_agg(lookups[d]), array_agg(null::smallint),
        array_agg(name_indexes[d]))
    from unnest(doubted) as d;
    perform cix.alias_note(flag_ids, lookups);
    changed := cix.flag_case_settle(changed, submission, at);
    foreach n in array listed loop
        if case_indexes[n] = any (changed) then
            broken_lines := broken_lines || lines[n];
            broken_rules := broken_rules || 'D006'::text;
            broken_severities := broken_severities || 4::smallint;
            broken_fields := broken_fields || 'flag.case_no'::text;
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
