-- Submissions: opening, chunks, verdicts, commit. Outcomes are numbers, never errors:
--   0 done  1 replay  2 conflict  3 gap  4 closed  5 not permitted  6 unknown  7 file refused
--   8 the same file was committed before  9 file held  10 busy  11 too many files open  12 file too large
-- Severities as on the wire: 1 file, 2 reject, 3 quarantine, 4 warning.
-- What a member calls leaves one audit row in the same transaction, whatever the outcome is: the
-- parameters audit_id, method, certificate and salt are for it (audit.sql).

-- cix.submission_audit: the audit row of one act of a member on its submissions or on statistics.
create or replace function cix.submission_audit(
    caller int, at timestamptz, audit_id bigint, method smallint, certificate bytea, salt bytea,
    outcome smallint, hash bytea)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform cix.audit_append(array[audit_id], at, array[caller], method, array[certificate],
        array[salt], array[null::bytea], array[0::smallint], array[null::uuid], array[outcome],
        array[hash]);
end;
$$;
comment on function cix.submission_audit is 'One audit row without a subject. Not granted to anyone.';

-- cix.submission_permits: whether a member may contribute these data classes now.
--   ACTIVE or RESTRICTED (or, on a test exchange, TESTING), with the role contributor or court; role_needed: bits, all of them.
create or replace function cix.submission_permits(caller int, classes int, role_needed int)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select exists (
        select from cix.member m
        where m.member_id = caller and (m.state in (4, 5) or cix.member_serves(m.state))
            and m.roles & 5 <> 0
            and m.data_classes & classes = classes and m.roles & role_needed = role_needed);
end;
comment on function cix.submission_permits(int, int, int) is
    'Whether a member may contribute these data classes now. Not granted to anyone.';

-- cix.submission_is_open: whether this chunk was opened (or is being applied) by this transaction.
--   Every put function asks it first: a refused or replayed chunk writes nothing, whatever was sent
--   behind it in the pipeline. A permission that ended since the chunk was opened is a lost race:
--   without its records the chunk would be answered as taken. Tried again, the opening refuses.
create or replace function cix.submission_is_open(
    caller int, submission uuid, chunk_number int, classes int, role_needed int)
returns boolean language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from cix.submission_chunk c
            join cix.submission s on s.member_id = c.member_id and s.submission_id = c.submission_id
        where c.member_id = caller and c.submission_id = submission and c.number = chunk_number
            and c.xid = pg_current_xact_id() and s.state = 1
            and (s.mode = 1 or c.sealed_records is not null))
    then
        return false;
    end if;
    -- From here on no subject becomes another (merge.sql).
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    if not cix.submission_permits(caller, classes, role_needed) then
        raise exception 'the permission of the member ended' using errcode = 'serialization_failure';
    end if;
    return true;
end;
$$;
comment on function cix.submission_is_open(int, uuid, int, int, int) is
    'Whether a chunk was opened by the current transaction. Not granted to anyone.';

-- cix.version_follow: the id of a version that is to follow another (null or 0: none). Versions of one record are
--   in the order of their ids, and that is the order in which they were committed: each decides on the one before,
--   whose lock it had to wait for. An id that was made before, below it, is a lost race: tried again, with new ids.
create or replace function cix.version_follow(latest bigint, id bigint)
returns bigint language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    if latest >= id then
        raise exception 'a newer version was committed' using errcode = 'serialization_failure';
    end if;
    return id;
end;
$$;
comment on function cix.version_follow is 'The id of a version behind another. Not granted to anyone.';

-- cix.submission_verdict_put: stores findings of a put function; quarantined records are marked as
--   kept in the whole sealed chunk.
create or replace function cix.submission_verdict_put(
    caller int, submission uuid, chunk_number int, at timestamptz, lines int[], rules text[],
    severities smallint[], fields text[], reasons text[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if cardinality(lines) > 0 then
        insert into cix.submission_verdict (
            member_id, submission_id, chunk, line, rule, severity, field, reason)
        select caller, submission, chunk_number, v.line, v.rule, v.severity, v.field, v.reason
        from unnest(lines, rules, severities, fields, reasons)
            as v (line, rule, severity, field, reason)
        on conflict do nothing;
        insert into cix.quarantine (
            member_id, submission_id, chunk, line, record_id, sealed_record, recorded_at)
        select caller, submission, chunk_number, v.line, null, null, at
        from unnest(lines, severities) as v (line, severity)
        group by v.line
        having min(v.severity) = 3
        on conflict do nothing;
    end if;
end;
$$;
comment on function cix.submission_verdict_put is
    'Stores the verdicts of a put function. Not granted to anyone.';

-- cix.submission_earlier: the submission under which a member committed this very file; null: none.
create or replace function cix.submission_earlier(caller int, submission uuid, hash bytea)
returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select s.submission_id
    from cix.submission s
    where s.member_id = caller and s.file_hash = hash and s.state = 2 and s.submission_id <> submission
    order by s.committed_at, s.submission_id
    limit 1;
end;
comment on function cix.submission_earlier is
    'The submission under which a member committed this file. Not granted to anyone.';

-- cix.submission_open: opens a submission or answers where it stands.
--   period_given: 0 for none. hash: of the file, or null. records: declared, or null: nothing was.
--   currencies, amounts: the declared totals. open_max: files of a member that may be open or held at once.
--   Outcome 2: the id exists with another mode, period or declaration. 8: earlier holds the same file;
--   nothing is opened.
create or replace function cix.submission_open(
    caller int, submission uuid, mode_given smallint, period_given int, hash bytea, records bigint,
    currencies text[], amounts bigint[], kind_given smallint, open_max int, at timestamptz,
    audit_id bigint, method smallint, certificate bytea, salt bytea)
returns table (outcome smallint, next_chunk int, state smallint, earlier uuid)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    head cix.submission;
    found_earlier uuid;
    answer smallint := 0;
begin
    if records is null then
        currencies := null;
        amounts := null;
    end if;
    select s.* into head from cix.submission s
    where s.member_id = caller and s.submission_id = submission;
    if not cix.submission_permits(caller, 0, 0) then
        answer := 5;
    elsif head.member_id is null then
        found_earlier := cix.submission_earlier(caller, submission, hash);
        if found_earlier is not null then
            answer := 8;
            perform pg_logical_emit_message(true, 'cix', 'barrier');
        elsif mode_given = 2 and open_max <= (
            select count(*) from cix.submission s
            where s.member_id = caller and s.mode = 2 and s.state in (1, 3))
        then
            answer := 11;
        else
            insert into cix.submission (
                member_id, submission_id, mode, period, state, next_chunk, opened_at, file_hash,
                declared_records, declared_currencies, declared_amounts, kind)
            values (caller, submission, mode_given, nullif(period_given, 0), 1, 1, at, hash, records,
                currencies, amounts, kind_given)
            on conflict do nothing;
            select s.* into head from cix.submission s
            where s.member_id = caller and s.submission_id = submission;
        end if;
    else
        perform pg_logical_emit_message(true, 'cix', 'barrier');
    end if;
    if answer = 0 then
        answer := case
            when (head.mode, head.period, head.file_hash, head.declared_records, head.declared_currencies,
                head.declared_amounts, head.kind)
                is distinct from (mode_given, nullif(period_given, 0), hash, records, currencies, amounts,
                kind_given) then 2
            when head.earlier_id is not null then 8
            else 0 end;
        found_earlier := head.earlier_id;
    end if;
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt, answer, null);
    return query select answer, head.next_chunk, head.state, found_earlier;
end;
$$;
comment on function cix.submission_open is 'Opens a submission, or answers where it stands. Granted to cix_submit.';

-- cix.submission_chunk_open: decides whether a chunk is new, and if so opens it for this transaction.
--   1 replay: the counts stored by the earlier attempt; 3 gap: next_chunk is what is expected.
--   currencies, amounts: the control totals of the chunk. records_max: of a submission (F005). The counts
--   at the end are for the member's data quality.
create or replace function cix.submission_chunk_open(
    caller int, submission uuid, chunk_number int, hash bytea, records int, classes int,
    role_needed int, currencies text[], amounts bigint[], records_max bigint, at timestamptz,
    audit_id bigint, method smallint, certificate bytea, salt bytea, month_count int default 0,
    field_due_count int default 0, field_given_count int default 0)
returns table (outcome smallint, next_chunk int, accepted int, rejected int, quarantined int, warned int)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    head cix.submission;
    old cix.submission_chunk;
    answer smallint := 0;
begin
    select s.* into head from cix.submission s
    where s.member_id = caller and s.submission_id = submission
    for no key update;
    if chunk_number < head.next_chunk then
        select c.* into old from cix.submission_chunk c
        where c.member_id = caller and c.submission_id = submission and c.number = chunk_number;
    end if;
    if head.member_id is null then
        answer := 6;
    elsif old.number is not null then
        answer := case when old.content_hash = hash then 1 else 2 end;
        perform pg_logical_emit_message(true, 'cix', 'barrier');
    elsif head.state <> 1 then
        answer := 4;
    elsif chunk_number <> head.next_chunk then
        answer := 3;
    elsif not cix.submission_permits(caller, classes, role_needed) then
        answer := 5;
    elsif head.accepted + head.rejected + head.quarantined + records > records_max then
        answer := 12;
    else
        insert into cix.submission_chunk (
            member_id, submission_id, number, content_hash, record_count, accepted, rejected,
            quarantined, warned, xid, recorded_at, data_classes, roles, total_currencies, total_amounts,
            months, fields_due, fields_given)
        values (caller, submission, chunk_number, hash, records, 0, 0, 0, 0, pg_current_xact_id(), at,
            classes, role_needed, currencies, amounts, month_count, field_due_count, field_given_count);
    end if;
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt, answer, hash);
    return query select answer, head.next_chunk, old.accepted, old.rejected, old.quarantined, old.warned;
end;
$$;
comment on function cix.submission_chunk_open is 'Opens a chunk for the current transaction, or says why not. Granted to cix_submit.';

-- cix.submission_chunk_close: stores the verdicts and quarantined records that the server found by
--   itself, counts, and moves the submission on. Does nothing unless this transaction opened or
--   applies the chunk. whole_id, whole: the sealed chunk; kept while mode FILE is open, afterwards
--   only when a rule of the store kept a record of it aside.
create or replace function cix.submission_chunk_close(
    caller int, submission uuid, chunk_number int, at timestamptz, whole_id bigint, whole bytea,
    lines int[], rules text[], severities smallint[], fields text[], reasons text[],
    aside_lines int[], aside_ids bigint[], aside_sealed bytea[])
returns table (accepted int, rejected int, quarantined int, warned int)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    head cix.submission;
    chunk cix.submission_chunk;
    counts int[];
    is_applied boolean;
    is_kept boolean;
begin
    select c.* into chunk from cix.submission_chunk c
    where c.member_id = caller and c.submission_id = submission and c.number = chunk_number
        and c.xid = pg_current_xact_id();
    if not found then
        return;
    end if;
    select s.* into head from cix.submission s
    where s.member_id = caller and s.submission_id = submission;
    insert into cix.submission_verdict (
        member_id, submission_id, chunk, line, rule, severity, field, reason)
    select caller, submission, chunk_number, v.line, v.rule, v.severity, v.field, v.reason
    from unnest(lines, rules, severities, fields, reasons) as v (line, rule, severity, field, reason)
    on conflict do nothing;
    insert into cix.quarantine (
        member_id, submission_id, chunk, line, record_id, sealed_record, recorded_at)
    select caller, submission, chunk_number, q.line, q.record_id, q.sealed, at
    from unnest(aside_lines, aside_ids, aside_sealed) as q (line, record_id, sealed)
    on conflict do nothing;
    select array[count(*) filter (where worst <= 2), count(*) filter (where worst = 3),
        count(*) filter (where worst = 4), count(*) filter (where is_late),
        count(*) filter (where is_unmatched)]
    into counts
    from (select min(v.severity) as worst, bool_or(v.rule = 'M030') as is_late,
            bool_or(v.rule in ('S016', 'S017', 'S024', 'A001', 'A022')) as is_unmatched
        from cix.submission_verdict v
        where v.member_id = caller and v.submission_id = submission and v.chunk = chunk_number
        group by v.line) as by_line;
    is_applied := head.mode = 2 and chunk.sealed_records is not null;
    is_kept := (head.mode = 2 and not is_applied) or exists (
        select from cix.quarantine q
        where q.member_id = caller and q.submission_id = submission and q.chunk = chunk_number
            and q.sealed_record is null and q.state = 1);
    update cix.submission_chunk c
    set accepted = chunk.record_count - counts[1] - counts[2], rejected = counts[1],
        quarantined = counts[2], warned = counts[3], late = counts[4], unmatched = counts[5],
        record_id = case when is_kept then coalesce(c.record_id, whole_id) end,
        sealed_records = case when is_kept then coalesce(c.sealed_records, whole) end
    where c.member_id = caller and c.submission_id = submission and c.number = chunk_number;
    update cix.submission s
    set next_chunk = greatest(s.next_chunk, chunk_number + 1), touched_at = at,
        accepted = s.accepted + chunk.record_count - counts[1] - counts[2] - chunk.accepted,
        rejected = s.rejected + counts[1] - chunk.rejected,
        quarantined = s.quarantined + counts[2] - chunk.quarantined,
        warned = s.warned + counts[3] - chunk.warned
    where s.member_id = caller and s.submission_id = submission;
    return query select chunk.record_count - counts[1] - counts[2], counts[1], counts[2], counts[3];
end;
$$;
comment on function cix.submission_chunk_close is 'Stores verdicts and counts of a chunk. Granted to cix_submit.';

-- cix.submission_mismatch: the first difference between what was declared and what came (F003); currency
--   '' is the number of records. No row: nothing differs, or nothing was declared.
create or replace function cix.submission_mismatch(caller int, submission uuid)
returns table (currency text, declared bigint, found bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    head cix.submission;
    came bigint;
begin
    select s.* into head from cix.submission s
    where s.member_id = caller and s.submission_id = submission;
    came := head.accepted + head.rejected + head.quarantined;
    if head.declared_records <> came then
        return query select '', head.declared_records, came;
    elsif head.declared_records is not null then
        -- Sums of 64-bit numbers, brought back into -2^63 .. 2^63 - 1.
        return query
        with came as (
            select t.currency, sum(t.amount) as amount
            from cix.submission_chunk c
                cross join lateral unnest(c.total_currencies, c.total_amounts) as t (currency, amount)
            where c.member_id = caller and c.submission_id = submission
            group by t.currency
        ), compared as (
            select coalesce(d.currency, f.currency) as currency, coalesce(d.amount, 0) as declared,
                (mod(mod(coalesce(f.amount, 0) + 9223372036854775808, 18446744073709551616)
                    + 18446744073709551616, 18446744073709551616) - 9223372036854775808)::bigint as found
            from unnest(head.declared_currencies, head.declared_amounts) as d (currency, amount)
                full join came as f on f.currency = d.currency
        )
        select c.currency, c.declared, c.found from compared as c
        where c.declared <> c.found
        order by c.currency limit 1;
    end if;
end;
$$;
comment on function cix.submission_mismatch(int, uuid) is
    'What of a declaration is not so. Not granted to anyone.';

-- cix.submission_holds: the rule that holds a complete file back before it is applied; null: none.
--   F006: more refused records than reject_bps of all; F008: fewer than fall_bps less than in the file
--   of the same kind for the period before. Neither counts once it is explained, F006 only if accepted.
create or replace function cix.submission_holds(
    head cix.submission, reject_bps int, fall_bps int, is_accepted boolean, is_explained boolean)
returns text language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select case
        when not is_accepted
            and (head).rejected * 10000 > ((head).accepted + (head).rejected + (head).quarantined) * reject_bps
        then 'F006'
        when not is_explained and (
            select (s.accepted + s.rejected + s.quarantined) * (10000 - fall_bps)
                > ((head).accepted + (head).rejected + (head).quarantined) * 10000
            from cix.submission s
            where s.member_id = (head).member_id and s.mode = 2 and s.state = 2 and s.kind = (head).kind
                and s.kind <> 0 and s.period < (head).period
            order by s.period desc, s.committed_at desc, s.submission_id desc
            limit 1)
        then 'F008' end;
end;
comment on function cix.submission_holds(cix.submission, int, int, boolean, boolean) is
    'The rule that holds a complete file back. Not granted to anyone.';

-- cix.submission_unstage: forgets the staged chunks of a file that ends without effect.
create or replace function cix.submission_unstage(caller int, submission uuid)
returns void language sql security definer set search_path = pg_catalog, pg_temp
begin atomic
    update cix.submission_chunk c
    set record_id = null, sealed_records = null
    where c.member_id = caller and c.submission_id = submission and c.sealed_records is not null;
    delete from cix.quarantine q where q.member_id = caller and q.submission_id = submission;
end;
comment on function cix.submission_unstage(int, uuid) is 'Forgets staged chunks. Not granted to anyone.';

-- cix.submission_commit_open: locks a submission for its commit.
--   1: committed before, and perhaps taken back since (the totals are the answer); 3: next_chunk says how
--   many chunks there are; 5: also in mode FILE, when a staged chunk holds records that the member may not give any more;
--   7: rule F003 with currency, declared and found; or mode FILE, and a record broke a rule that refuses
--   the file; 8: mode FILE, earlier holds the same file: this one ends; 9: mode FILE, rule holds it;
--   10: another transaction commits it, or the same file.
--   explanation: sealed, or null. reject_max: as many records may be refused while it is applied, or null.
create or replace function cix.submission_commit_open(
    caller int, submission uuid, chunk_count int, is_accepted boolean, explanation_id bigint,
    explanation bytea, reject_bps int, fall_bps int, at timestamptz, audit_id bigint, method smallint,
    certificate bytea, salt bytea)
returns table (outcome smallint, mode smallint, next_chunk int, earlier uuid, rule text, currency text,
    declared bigint, found bigint, records bigint, reject_max bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    head cix.submission;
    wrong_currency text; -- what of the declaration is not so
    wrong_declared bigint;
    wrong_found bigint;
    answer smallint := 0;
    why text := '';
    is_forgiven boolean := is_accepted and explanation is not null;
begin
    select s.* into head from cix.submission s
    where s.member_id = caller and s.submission_id = submission
    for no key update skip locked;
    if head.member_id is not null then
        select m.currency, m.declared, m.found into wrong_currency, wrong_declared, wrong_found
        from cix.submission_mismatch(caller, submission) as m;
    end if;
    if head.member_id is null then
        answer := case when exists (
            select from cix.submission s
            where s.member_id = caller and s.submission_id = submission) then 10 else 6 end;
    elsif head.earlier_id is not null then
        answer := 8;
    elsif chunk_count <> head.next_chunk - 1 then
        answer := 3;
    elsif head.state in (2, 5, 6) then
        answer := 1;
        perform pg_logical_emit_message(true, 'cix', 'barrier');
    elsif head.state = 4 then
        answer := 4;
    elsif not cix.submission_permits(caller, 0, 0) or head.mode = 2 and exists (
        select from cix.submission_chunk c
        where c.member_id = caller and c.submission_id = submission
            and not cix.submission_permits(caller, c.data_classes, c.roles))
    then
        answer := 5;
    elsif head.mode = 2 and exists (
        select from cix.submission_verdict v
        where v.member_id = caller and v.submission_id = submission and v.severity = 1) then
        answer := 7;
    elsif wrong_currency is not null then
        answer := 7;
        why := 'F003';
    elsif head.mode = 2 and head.file_hash is not null
        and not pg_try_advisory_xact_lock(caller, hashtext(encode(head.file_hash, 'hex')))
    then
        answer := 10;
    elsif head.mode = 2 then
        head.earlier_id := cix.submission_earlier(caller, submission, head.file_hash);
        why := coalesce(cix.submission_holds(head, reject_bps, fall_bps, is_forgiven,
            explanation is not null), '');
        if head.earlier_id is not null then
            answer := 8;
            why := '';
            update cix.submission s
            set state = 4, earlier_id = head.earlier_id, touched_at = at
            where s.member_id = caller and s.submission_id = submission;
            perform cix.submission_unstage(caller, submission);
        elsif why <> '' or head.state = 3 and explanation is null then
            answer := 9;
            why := coalesce(nullif(why, ''), head.held_rule);
            update cix.submission s
            set state = 3, held_rule = why, touched_at = at
            where s.member_id = caller and s.submission_id = submission and s.state = 1;
        else
            update cix.submission s
            set state = 1, record_id = explanation_id, sealed_explanation = explanation
            where s.member_id = caller and s.submission_id = submission;
        end if;
    end if;
    if answer = 0 and head.mode = 1 and explanation is not null then
        update cix.submission s
        set record_id = explanation_id, sealed_explanation = explanation
        where s.member_id = caller and s.submission_id = submission;
    end if;
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt, answer, null);
    return query select answer, head.mode, head.next_chunk, head.earlier_id, why, wrong_currency,
        wrong_declared, wrong_found, head.accepted + head.rejected + head.quarantined,
        case when not is_forgiven then
            (head.accepted + head.rejected + head.quarantined) * reject_bps / 10000 end;
end;
$$;
comment on function cix.submission_commit_open is 'Locks a submission for its commit. Granted to cix_submit.';

-- cix.submission_hold: holds a file of which too many records were refused while it was applied (F006); the
--   transaction that applied it has left nothing. The verdicts are what it found; counts stay as they were
--   when its chunks came. Held already, or committed meanwhile: nothing happens.
create or replace function cix.submission_hold(
    caller int, submission uuid, why text, chunks int[], lines int[], rules text[],
    severities smallint[], fields text[], reasons text[], at timestamptz, audit_id bigint,
    method smallint, certificate bytea, salt bytea)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    update cix.submission s
    set state = 3, held_rule = why, touched_at = at
    where s.member_id = caller and s.submission_id = submission and s.state = 1 and s.mode = 2;
    if found then
        insert into cix.submission_held (
            member_id, submission_id, chunk, line, rule, severity, field, reason)
        select caller, submission, v.chunk, v.line, v.rule, v.severity, v.field, v.reason
        from unnest(chunks, lines, rules, severities, fields, reasons)
            as v (chunk, line, rule, severity, field, reason)
        on conflict do nothing;
    end if;
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt, 9::smallint, null);
end;
$$;
comment on function cix.submission_hold is 'Holds a file with too many refused records. Granted to cix_submit.';

-- cix.submission_expire: ends files that were left alone since a day: open or held, mode FILE. Their staged
--   chunks are forgotten; verdicts and counts stay. audit_ids: room for so many, each with its salt; an
--   audit row each, outcome 0, certificate zeros: nobody called. Gives how many ended.
create or replace function cix.submission_expire(
    before timestamptz, audit_ids bigint[], salts bytea[], at timestamptz)
returns int language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    members int[];
    submissions uuid[];
begin
    select coalesce(array_agg(o.member_id), '{}'), coalesce(array_agg(o.submission_id), '{}')
    into members, submissions
    from (select s.member_id, s.submission_id from cix.submission s
        where s.mode = 2 and s.state in (1, 3) and coalesce(s.touched_at, s.opened_at) < before
        order by s.member_id, s.submission_id
        limit cardinality(audit_ids)
        for no key update skip locked) as o;
    if cardinality(members) = 0 then
        return 0;
    end if;
    update cix.submission s
    set state = 4, touched_at = at
    from unnest(members, submissions) as o (member_id, submission_id)
    where s.member_id = o.member_id and s.submission_id = o.submission_id;
    perform cix.submission_unstage(o.member_id, o.submission_id)
    from unnest(members, submissions) as o (member_id, submission_id);
    perform cix.audit_append(audit_ids[: cardinality(members)], at, members, 35::smallint,
        array_fill(decode(repeat('00', 32), 'hex'), array[cardinality(members)]),
        salts[: cardinality(members)], array_fill(null::bytea, array[cardinality(members)]),
        array_fill(0::smallint, array[cardinality(members)]),
        array_fill(null::uuid, array[cardinality(members)]),
        array_fill(0::smallint, array[cardinality(members)]),
        array(select sha256(uuid_send(o.id)) from unnest(submissions) with ordinality as o (id, place)
            order by o.place));
    return cardinality(members);
end;
$$;
comment on function cix.submission_expire is 'Ends files that were left alone. Granted to cix_admin.';

-- cix.submission_chunk_apply: gives one staged chunk back to the server and opens it for the put
--   functions of this transaction. No row when there is nothing staged under the number.
create or replace function cix.submission_chunk_apply(caller int, submission uuid, chunk_number int)
returns table (record_id bigint, sealed_records bytea, recorded_at timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    update cix.submission_chunk c
    set xid = pg_current_xact_id()
    from cix.submission s
    where c.member_id = caller and c.submission_id = submission and c.number = chunk_number
        and s.member_id = c.member_id and s.submission_id = c.submission_id
        and s.state = 1 and s.mode = 2 and c.sealed_records is not null
    returning c.record_id, c.sealed_records, c.recorded_at;
end;
$$;
comment on function cix.submission_chunk_apply is 'Hands a staged chunk back for its application. Granted to cix_submit.';

-- cix.submission_commit: closes a submission. Mode FILE: only when every chunk was applied by this
--   very transaction; otherwise nothing happens and the state stays open. Gives the totals.
create or replace function cix.submission_commit(caller int, submission uuid, at timestamptz)
returns table (state smallint, accepted bigint, rejected bigint, quarantined bigint, warned bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update cix.submission s
    set state = 2, committed_at = at
    where s.member_id = caller and s.submission_id = submission and s.state = 1
        and (s.mode = 1 or not exists (
            select from cix.submission_chunk c
            where c.member_id = caller and c.submission_id = submission
                and c.xid <> pg_current_xact_id()));
    return query select s.state, s.accepted, s.rejected, s.quarantined, s.warned
    from cix.submission s
    where s.member_id = caller and s.submission_id = submission;
end;
$$;
comment on function cix.submission_commit is 'Closes a submission and gives its totals. Granted to cix_submit.';

-- cix.submission_read: where a submission of the caller stands; no row for anybody else's.
create or replace function cix.submission_read(
    caller int, submission uuid, at timestamptz, audit_id bigint, method smallint,
    certificate bytea, salt bytea)
returns table (state smallint, mode smallint, period int, next_chunk int, accepted bigint,
    rejected bigint, quarantined bigint, warned bigint, opened_at timestamptz, held_rule text,
    earlier uuid)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt,
        (case when exists (
            select from cix.submission s
            where s.member_id = caller and s.submission_id = submission) then 0 else 6 end)::smallint,
        null);
    return query select s.state, s.mode, s.period, s.next_chunk, s.accepted, s.rejected,
        s.quarantined, s.warned, s.opened_at, case when s.state = 3 then s.held_rule end, s.earlier_id
    from cix.submission s
    where s.member_id = caller and s.submission_id = submission;
end;
$$;
comment on function cix.submission_read is 'Where a submission of the caller stands. Granted to cix_submit.';

-- cix.submission_verdicts: a page of verdicts behind (chunk, line, rule, field), in that order; of a
--   file that is held also those it is held for.
--   chunk_only: 0, or the one chunk that is wanted.
create or replace function cix.submission_verdicts(
    caller int, submission uuid, chunk_only int, chunk_after int, line_after int, rule_after text,
    field_after text, page_size int)
returns table (chunk int, line int, rule text, severity smallint, field text, reason text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    (select v.chunk, v.line, v.rule, v.severity, v.field, v.reason
    from cix.submission_verdict v
    where v.member_id = caller and v.submission_id = submission
        and (chunk_only = 0 or v.chunk = chunk_only)
        and (v.chunk, v.line, v.rule, v.field) > (chunk_after, line_after, rule_after, field_after)
    order by v.chunk, v.line, v.rule, v.field
    limit page_size)
    union
    (select h.chunk, h.line, h.rule, h.severity, h.field, h.reason
    from cix.submission_held h
    where h.member_id = caller and h.submission_id = submission
        and (chunk_only = 0 or h.chunk = chunk_only)
        and (h.chunk, h.line, h.rule, h.field) > (chunk_after, line_after, rule_after, field_after)
        and exists (
            select from cix.submission s
            where s.member_id = caller and s.submission_id = submission and s.state = 3)
    order by h.chunk, h.line, h.rule, h.field
    limit page_size)
    order by 1, 2, 3, 5
    limit page_size;
end;
$$;
comment on function cix.submission_verdicts is 'A page of the caller''s verdicts. Granted to cix_submit.';
