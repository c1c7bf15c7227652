-- Submissions: opening, chunks, verdicts, commit. Outcomes are numbers, never errors:
--   0 done  1 replay  2 conflict  3 gap  4 closed  5 not permitted  6 unknown  7 file refused
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
        where m.member_id = caller and (m.state = 5 or cix.member_serves(m.state))
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
    if not cix.submission_permits(caller, classes, role_needed) then
        raise exception 'the permission of the member ended' using errcode = 'serialization_failure';
    end if;
    return true;
end;
$$;
comment on function cix.submission_is_open(int, uuid, int, int, int) is
    'Whether a chunk was opened by the current transaction. Not granted to anyone.';

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

-- cix.submission_open: opens a submission or answers where it stands.
--   period_given: 0 for none. Outcome 2: the id exists with another mode or period.
create or replace function cix.submission_open(
    caller int, submission uuid, mode_given smallint, period_given int, at timestamptz,
    audit_id bigint, method smallint, certificate bytea, salt bytea)
returns table (outcome smallint, next_chunk int, state smallint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    head cix.submission;
    answer smallint;
begin
    if not cix.submission_permits(caller, 0, 0) then
        perform cix.submission_audit(caller, at, audit_id, method, certificate, salt, 5::smallint, null);
        return query select 5::smallint, 0, 0::smallint;
        return;
    end if;
    insert into cix.submission (
        member_id, submission_id, mode, period, state, next_chunk, opened_at)
    values (caller, submission, mode_given, nullif(period_given, 0), 1, 1, at)
    on conflict do nothing;
    if not found then
        perform pg_logical_emit_message(true, 'cix', 'barrier');
    end if;
    select s.* into head from cix.submission s
    where s.member_id = caller and s.submission_id = submission;
    answer := case when head.mode = mode_given and head.period is not distinct from nullif(period_given, 0)
        then 0 else 2 end;
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt, answer, null);
    return query select answer, head.next_chunk, head.state;
end;
$$;
comment on function cix.submission_open is 'Opens a submission, or answers where it stands. Granted to cix_submit.';

-- cix.submission_chunk_open: decides whether a chunk is new, and if so opens it for this transaction.
--   1 replay: the counts stored by the earlier attempt; 3 gap: next_chunk is what is expected.
create or replace function cix.submission_chunk_open(
    caller int, submission uuid, chunk_number int, hash bytea, records int, classes int,
    role_needed int, at timestamptz, audit_id bigint, method smallint, certificate bytea, salt bytea)
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
    else
        insert into cix.submission_chunk (
            member_id, submission_id, number, content_hash, record_count, accepted, rejected,
            quarantined, warned, xid, recorded_at, data_classes, roles)
        values (caller, submission, chunk_number, hash, records, 0, 0, 0, 0, pg_current_xact_id(), at,
            classes, role_needed);
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
        count(*) filter (where worst = 4)]
    into counts
    from (select min(v.severity) as worst from cix.submission_verdict v
        where v.member_id = caller and v.submission_id = submission and v.chunk = chunk_number
        group by v.line) as by_line;
    is_applied := head.mode = 2 and chunk.sealed_records is not null;
    is_kept := (head.mode = 2 and not is_applied) or exists (
        select from cix.quarantine q
        where q.member_id = caller and q.submission_id = submission and q.chunk = chunk_number
            and q.sealed_record is null);
    update cix.submission_chunk c
    set accepted = chunk.record_count - counts[1] - counts[2], rejected = counts[1],
        quarantined = counts[2], warned = counts[3],
        record_id = case when is_kept then coalesce(c.record_id, whole_id) end,
        sealed_records = case when is_kept then coalesce(c.sealed_records, whole) end
    where c.member_id = caller and c.submission_id = submission and c.number = chunk_number;
    update cix.submission s
    set next_chunk = greatest(s.next_chunk, chunk_number + 1),
        accepted = s.accepted + chunk.record_count - counts[1] - counts[2] - chunk.accepted,
        rejected = s.rejected + counts[1] - chunk.rejected,
        quarantined = s.quarantined + counts[2] - chunk.quarantined,
        warned = s.warned + counts[3] - chunk.warned
    where s.member_id = caller and s.submission_id = submission;
    return query select chunk.record_count - counts[1] - counts[2], counts[1], counts[2], counts[3];
end;
$$;
comment on function cix.submission_chunk_close is 'Stores verdicts and counts of a chunk. Granted to cix_submit.';

-- cix.submission_commit_open: locks a submission for its commit.
--   1: committed before (the totals are the answer); 3: next_chunk says how many chunks there are;
--   5: also in mode FILE, when a staged chunk holds records that the member may not give any more;
--   7: mode FILE, and a record broke a rule that refuses the file.
create or replace function cix.submission_commit_open(
    caller int, submission uuid, chunk_count int, at timestamptz, audit_id bigint, method smallint,
    certificate bytea, salt bytea)
returns table (outcome smallint, mode smallint, next_chunk int)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    head cix.submission;
    answer smallint := 0;
begin
    select s.* into head from cix.submission s
    where s.member_id = caller and s.submission_id = submission
    for no key update;
    if not found then
        answer := 6;
    elsif chunk_count <> head.next_chunk - 1 then
        answer := 3;
    elsif head.state = 2 then
        answer := 1;
        perform pg_logical_emit_message(true, 'cix', 'barrier');
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
    end if;
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt, answer, null);
    return query select answer, head.mode, head.next_chunk;
end;
$$;
comment on function cix.submission_commit_open is 'Locks a submission for its commit. Granted to cix_submit.';

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
    rejected bigint, quarantined bigint, warned bigint, opened_at timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt,
        (case when exists (
            select from cix.submission s
            where s.member_id = caller and s.submission_id = submission) then 0 else 6 end)::smallint,
        null);
    return query select s.state, s.mode, s.period, s.next_chunk, s.accepted, s.rejected,
        s.quarantined, s.warned, s.opened_at
    from cix.submission s
    where s.member_id = caller and s.submission_id = submission;
end;
$$;
comment on function cix.submission_read is 'Where a submission of the caller stands. Granted to cix_submit.';

-- cix.submission_verdicts: a page of verdicts behind (chunk, line, rule), in that order.
--   chunk_only: 0, or the one chunk that is wanted.
create or replace function cix.submission_verdicts(
    caller int, submission uuid, chunk_only int, chunk_after int, line_after int, rule_after text,
    page_size int)
returns table (chunk int, line int, rule text, severity smallint, field text, reason text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query select v.chunk, v.line, v.rule, v.severity, v.field, v.reason
    from cix.submission_verdict v
    where v.member_id = caller and v.submission_id = submission
        and (chunk_only = 0 or v.chunk = chunk_only)
        and (v.chunk, v.line, v.rule) > (chunk_after, line_after, rule_after)
    order by v.chunk, v.line, v.rule
    limit page_size;
end;
$$;
comment on function cix.submission_verdicts is 'A page of the caller''s verdicts. Granted to cix_submit.';
