-- Listings that their courts put right or take back, and what counts again when a submission is taken back.
-- The content that counts stands in flag, what it replaced in flag_version; every change is an event that
-- names the content from then on.

-- cix.flag_turn: a listing has a status, and its present content, from an event on. restored: the submission
--   whose back-out it is, else null. The caller settles its case (flag_case_settle).
create or replace function cix.flag_turn(
    listing cix.flag, event bigint, given smallint, reason smallint, caller int, submission uuid,
    restored uuid, at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update cix.flag as f set status = given, status_reason = reason, recorded_at = at
    where f.subject_id = listing.subject_id and f.flag_id = listing.flag_id;
    perform cix.rating_touch(array[listing.subject_id]);
    insert into cix.flag_event (
        subject_id, flag_id, event_id, status, status_reason, member_id, recorded_at, submission_id,
        restored_by, version_id)
    select f.subject_id, f.flag_id, event, given, reason, caller, at, submission, restored, f.record_id
    from cix.flag as f
    where f.subject_id = listing.subject_id and f.flag_id = listing.flag_id;
end;
$$;
comment on function cix.flag_turn is 'Gives a listing a status. Not granted to anyone.';

-- cix.flag_keep: keeps what a listing says now as a version, before something else takes its place.
create or replace function cix.flag_keep(f cix.flag, at timestamptz)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    insert into cix.flag_version (
        subject_id, flag_id, record_id, submission_id, sealed_case_no, case_index, court, region,
        filed_on, published_on, expires_on, ground, performance, grade, restrictions, source,
        source_seq, detail_index, recorded_at)
    select (f).subject_id, (f).flag_id, (f).record_id, (f).submission_id, (f).sealed_case_no,
        (f).case_index, (f).court, (f).region, (f).filed_on, (f).published_on, (f).expires_on,
        (f).ground, (f).performance, (f).grade, (f).restrictions, (f).source, (f).source_seq,
        (f).detail_index, at
    on conflict do nothing;
end;
comment on function cix.flag_keep is 'Keeps a version of a listing. Not granted to anyone.';

-- cix.flag_say: what a listing says from now on.
create or replace function cix.flag_say(f cix.flag)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    update cix.flag as o
    set record_id = (f).record_id, submission_id = (f).submission_id,
        sealed_case_no = (f).sealed_case_no, case_index = (f).case_index, court = (f).court,
        region = (f).region, filed_on = (f).filed_on, published_on = (f).published_on,
        expires_on = (f).expires_on, ground = (f).ground, performance = (f).performance,
        grade = (f).grade, restrictions = (f).restrictions, source = (f).source,
        source_seq = (f).source_seq, detail_index = (f).detail_index
    where o.subject_id = (f).subject_id and o.flag_id = (f).flag_id;
end;
comment on function cix.flag_say is 'Writes the content of a listing. Not granted to anyone.';

-- cix.flag_same: whether two listings say the same; of case numbers, whether both are known to be one.
create or replace function cix.flag_same(a cix.flag, b cix.flag)
returns boolean language sql immutable
return ((a).court, (a).region, (a).filed_on, (a).published_on, (a).expires_on, (a).ground,
        (a).performance, (a).grade, (a).restrictions, (a).case_index, (a).detail_index) is not distinct from
    ((b).court, (b).region, (b).filed_on, (b).published_on, (b).expires_on, (b).ground,
        (b).performance, (b).grade, (b).restrictions, (b).case_index, (b).detail_index);
comment on function cix.flag_same is 'Whether two listings say the same. Not granted to anyone.';

-- cix.flag_detail_put: keeps what the document behind a version says, when that version is the listing's
--   present one and says anything.
create or replace function cix.flag_detail_put(
    version bigint, subject bigint, flag bigint, unit text, term int, text bytea, at timestamptz)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    insert into cix.flag_detail (
        subject_id, flag_id, record_id, basis_unit, term_months, sealed_text, recorded_at)
    select f.subject_id, f.flag_id, f.record_id, nullif(unit, ''), term, text, at
    from cix.flag as f
    where f.subject_id = subject and f.flag_id = flag and f.record_id = version
        and f.detail_index is not null;
end;
comment on function cix.flag_detail_put is 'Keeps what the document behind a listing says. Not granted to anyone.';

-- cix.flag_replace: a court says a listing of its own anew; the same again changes nothing. The row of the
--   old one is locked. Disputes on it end (T004).
create or replace function cix.flag_replace(
    old cix.flag, new cix.flag, caller int, submission uuid, at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if cix.flag_same(old, new) and old.status = new.status then
        return;
    end if;
    perform cix.flag_keep(old, at);
    perform cix.flag_say(new);
    perform cix.flag_turn(old, new.record_id, new.status, 0::smallint, caller, submission, null, at);
    perform cix.flag_undispute(old.subject_id, old.flag_id, new.record_id, 5::smallint, at, caller);
end;
$$;
comment on function cix.flag_replace is 'Puts a listing right. Not granted to anyone.';

-- cix.flag_is_again: whether a listing ended by nothing but the taking back of its submission, so that it may
--   be given again.
create or replace function cix.flag_is_again(listing cix.flag)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select (listing).status = 5 and coalesce((
        select e.restored_by is not null from cix.flag_event as e
        where e.subject_id = (listing).subject_id and e.flag_id = (listing).flag_id
        order by e.event_id desc limit 1), false);
end;
comment on function cix.flag_is_again is 'Whether a listing may be given again. Not granted to anyone.';

-- cix.flag_delete: ends listings of the caller as wrong (status 5, reason 7), behind everything else of the
--   chunk. K001: the caller has no such listing. D003: it ended before, otherwise.
create or replace function cix.flag_delete(
    caller int, submission uuid, chunk_number int, at timestamptz, lines int[], external_ids uuid[],
    event_ids bigint[])
returns table (line int, rule text, severity smallint, field text, reason text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off
as $$
#variable_conflict use_column
declare
    refused int[] := '{}';
    rules text[] := '{}';
    fields text[] := '{}';
    changed bytea[] := '{}';
    item record;
    listing cix.flag;
begin
    if not cix.submission_is_open(caller, submission, chunk_number, 8, 4) then
        return;
    end if;
    for item in
        select g.line, g.event_id, k.subject_id, k.flag_id
        from unnest(lines, external_ids, event_ids) as g (line, external_id, event_id)
            left join cix.flag_key as k on k.member_id = caller and k.external_id = g.external_id
        order by k.subject_id, k.flag_id, g.event_id
    loop
        listing := null;
        select f.* into listing from cix.flag as f
        where f.subject_id = item.subject_id and f.flag_id = item.flag_id for update;
        if listing.flag_id is null or listing.status not in (1, 2, 3, 5) then
            refused := refused || item.line;
            rules := rules || case when listing.flag_id is null then 'K001' else 'D003' end;
            fields := fields || case when listing.flag_id is null then 'correction'
                else 'flag.status' end;
        elsif listing.status <> 5 then
            perform cix.flag_turn(listing, item.event_id, 5::smallint, 7::smallint, caller, submission,
                null, at);
            changed := changed || listing.case_index;
            perform cix.flag_undispute(listing.subject_id, listing.flag_id, item.event_id, 5::smallint,
                at, caller);
        end if;
    end loop;
    perform cix.flag_case_settle(changed, submission, at);
    return query select v.line, v.rule, 2::smallint, v.field, ''
        from unnest(refused, rules, fields) as v (line, rule, field);
    perform cix.submission_verdict_put(caller, submission, chunk_number, at, refused, rules,
        array_fill(2::smallint, array[cardinality(refused)]), fields,
        array_fill(''::text, array[cardinality(refused)]));
end;
$$;
comment on function cix.flag_delete is 'Takes listings of an open chunk back. Granted to cix_submit.';

-- cix.back_out_flag: one listing without a submission: it says what it said before, with the status that it
--   had; one that the submission brought ends as wrong. What ended otherwise stays ended.
create or replace function cix.back_out_flag(
    caller int, submission uuid, subject bigint, flag bigint, id bigint, at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    listing cix.flag;
    old cix.flag_version;
    new cix.flag;
    last cix.flag_event;
    given smallint;
    event bigint;
begin
    select f.* into listing from cix.flag as f
    where f.subject_id = subject and f.flag_id = flag and f.member_id = caller for update;
    if not found then
        return;
    end if;
    select e.* into last from cix.flag_event as e
    where e.subject_id = subject and e.flag_id = flag order by e.event_id desc limit 1;
    event := greatest(id, last.event_id + 1);
    given := listing.status;
    new := listing;
    if listing.submission_id = submission then
        select v.* into old from cix.flag_version as v
        where v.subject_id = subject and v.flag_id = flag and v.submission_id is distinct from submission
            and not cix.back_out_gone(caller, v.submission_id)
        order by v.record_id desc limit 1;
        if old.record_id is null then
            if given in (1, 2, 3) then
                perform cix.flag_turn(listing, event, 5::smallint, 7::smallint, caller, submission,
                    submission, at);
                perform cix.flag_case_settle(array[listing.case_index], submission, at);
                perform cix.flag_undispute(subject, flag, event, 5::smallint, at, caller);
            end if;
            return;
        end if;
        new := jsonb_populate_record(listing, to_jsonb(old));
        perform cix.flag_keep(listing, at);
        perform cix.flag_say(new);
    end if;
    if last.submission_id = submission and last.restored_by is null then
        select e.status into given from cix.flag_event as e
        where e.subject_id = subject and e.flag_id = flag and e.restored_by is null
            and e.submission_id is distinct from submission
            and not cix.back_out_gone(caller, e.submission_id)
        order by e.event_id desc limit 1;
        given := coalesce(given, listing.status);
    end if;
    if given <> listing.status or new.record_id <> listing.record_id then
        perform cix.flag_turn(listing, event, given,
            case when given = listing.status then listing.status_reason else 0::smallint end, caller,
            submission, submission, at);
        perform cix.flag_case_settle(array[listing.case_index, new.case_index], submission, at);
    end if;
end;
$$;
comment on function cix.back_out_flag is 'Takes one listing of a submission back. Not granted to anyone.';
