-- Taking whole submissions back. First every account, fact and listing that one touched is looked at, then
-- each is made what it was before, in slices (back_out_work: kind 0 an account, or with account 0 a subject;
-- 1 a fact; 2 a listing; 3 a consent). What counts again gets a newer copy; nothing is written over.

-- cix.back_out_gone: whether a submission of the caller is taken back, or this one is being.
create or replace function cix.back_out_gone(caller int, submission uuid)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select exists (
        select from cix.back_out as b
        where b.member_id = caller and b.submission_id = submission and b.phase >= 2);
end;
comment on function cix.back_out_gone is 'Whether a submission is taken back. Not granted to anyone.';

-- cix.back_out_list: what a submission touched beside accounts and subjects, from its first to its last
--   record.
create or replace function cix.back_out_list(
    caller int, submission uuid, first_at timestamptz, last_at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = on set jit = off as $$
begin
    insert into cix.back_out_work (subject_id, account_id, member_id, submission_id, phase, kind)
    select distinct on (f.fact_id) f.subject_id, f.fact_id, caller, submission, 1, 1
    from cix.fact as f
    where f.recorded_at between first_at and last_at and f.submission_id = submission
        and f.member_id = caller
    order by f.fact_id, f.record_id desc;
    insert into cix.back_out_work (
        subject_id, account_id, member_id, submission_id, phase, kind, lookup)
    select 0, c.record_id, caller, submission, 1, 3, c.lookup
    from cix.consent as c
    where c.recorded_at between first_at and last_at and c.submission_id = submission
        and c.member_id = caller and not c.is_revoked;
    insert into cix.back_out_work (subject_id, account_id, member_id, submission_id, phase, kind)
    select distinct e.subject_id, e.flag_id, caller, submission, 1, 2
    from cix.flag_event as e
    where e.recorded_at between first_at and last_at and e.submission_id = submission
        and e.member_id = caller;
end;
$$;
comment on function cix.back_out_list is 'Lists facts, listings and consents of a submission. Not granted to anyone.';

-- cix.back_out_begin: asks for a submission to be taken back and lists the accounts and subjects (account
--   0) that it touched, by the time at which its records were recorded. Outcomes: 0 begun, or going on;
--   1 done before; 2 no such submission of the caller; 3 it is not closed yet; 5 the member may not.
create or replace function cix.back_out_begin(
    caller int, submission uuid, back_out_id bigint, reason smallint, sealed_note bytea,
    at timestamptz, certificate bytea, salt bytea, method smallint)
returns table (outcome smallint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = on set jit = off as $$
#variable_conflict use_column
declare
    v_outcome smallint := 0;
    v_state smallint;
    v_phase smallint;
    v_first timestamptz;
    v_last timestamptz;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    select s.state, s.committed_at into v_state, v_last from cix.submission as s
    where s.member_id = back_out_begin.caller and s.submission_id = back_out_begin.submission
    for no key update;
    select b.phase into v_phase from cix.back_out as b
    where b.member_id = back_out_begin.caller and b.submission_id = back_out_begin.submission;
    if not cix.submission_permits(caller, 0, 0) then
        v_outcome := 5;
    elsif v_state is null then
        v_outcome := 2;
    elsif v_phase = 3 then
        v_outcome := 1;
    elsif v_phase is null and v_state <> 2 then
        v_outcome := 3;
    elsif v_phase is null then
        select least(min(c.recorded_at), v_last), greatest(max(c.recorded_at), v_last)
        into v_first, v_last
        from cix.submission_chunk as c
        where c.member_id = back_out_begin.caller and c.submission_id = back_out_begin.submission;
        insert into cix.back_out (
            member_id, submission_id, back_out_id, phase, asked_at)
        values (back_out_begin.caller, back_out_begin.submission, back_out_begin.back_out_id, 1,
            back_out_begin.at);
        insert into cix.correction (
            member_id, submission_id, record_id, kind, action, reason, sealed_note, chunk, line,
            recorded_at)
        values (back_out_begin.caller, back_out_begin.submission, back_out_begin.back_out_id, 0, 2,
            back_out_begin.reason, back_out_begin.sealed_note, 0, 0, back_out_begin.at);
        insert into cix.back_out_work (subject_id, account_id, member_id, submission_id, phase)
        select d.subject_id, d.account_id, back_out_begin.caller, back_out_begin.submission, 1
        from cix.performance_delta as d
        where d.recorded_at between v_first and v_last
            and d.submission_id = back_out_begin.submission and d.member_id = back_out_begin.caller
        union
        select v.subject_id, v.account_id, back_out_begin.caller, back_out_begin.submission, 1
        from cix.account_version as v
        where v.recorded_at between v_first and v_last
            and v.submission_id = back_out_begin.submission and v.member_id = back_out_begin.caller
        union
        select v.subject_id, 0, back_out_begin.caller, back_out_begin.submission, 1
        from cix.subject_version as v
        where v.recorded_at between v_first and v_last
            and v.submission_id = back_out_begin.submission and v.member_id = back_out_begin.caller;
        perform cix.back_out_list(caller, submission, v_first, v_last);
    end if;
    perform cix.submission_audit(caller, at, back_out_id, method, certificate, salt, v_outcome, null);
    return query select v_outcome;
end;
$$;
comment on function cix.back_out_begin is 'Asks for a submission to be taken back. Granted to cix_submit.';

-- cix.back_out_blocker: a submission that builds on what another one introduced: the account is of that
--   one alone, and a month, version or fact of it is of another that stands. Null: none.
create or replace function cix.back_out_blocker(caller int, submission uuid, subject bigint, account bigint)
returns uuid language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select o.submission_id
        from (select d.submission_id
            from (select distinct on (d.period) d.submission_id, d.is_deleted
                from cix.performance_delta as d
                where d.subject_id = subject and d.account_id = account
                order by d.period, d.delta_id desc) as d
            where d.is_deleted is not true
            union all
            select v.submission_id from cix.account_version as v
            where v.subject_id = subject and v.account_id = account
            union all
            select f.submission_id from cix.fact as f
            where f.subject_id = subject and f.account_id = account
                and cix.fact_is_current(f.subject_id, f.fact_id, f.record_id)) as o
        where account <> 0 and o.submission_id <> submission
            and not cix.back_out_gone(caller, o.submission_id)
            and submission = (
                select v.submission_id from cix.account_version as v
                where v.subject_id = subject and v.account_id = account
                    -- gone itself while its records are taken back, and asked again for each
                    and (v.submission_id = submission or not cix.back_out_gone(caller, v.submission_id))
                order by v.record_id limit 1)
        limit 1);
end;
$$;
comment on function cix.back_out_blocker is 'What keeps a back-out from being separated. Not granted to anyone.';

-- cix.back_out_month: one month of an account without a submission: what stood before it counts again.
create or replace function cix.back_out_month(
    caller int, submission uuid, subject bigint, account bigint, month int, id bigint, at timestamptz)
returns boolean language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    old cix.performance_delta := cix.month_latest(subject, account, month);
    new cix.performance_delta;
begin
    if old.submission_id <> submission then
        return false; -- a later one stands in its place
    end if;
    select d.* into new from cix.performance_delta as d
    where d.subject_id = subject and d.account_id = account and d.period = month
        and d.restored_by is null and d.submission_id <> submission
        and not cix.back_out_gone(caller, d.submission_id)
    order by d.delta_id desc limit 1;
    if not found then
        if old.is_deleted then
            return false;
        end if;
        new := old;
        new.is_deleted := true;
    end if;
    new.delta_id := greatest(id, old.delta_id + 1);
    new.restored_by := submission;
    new.recorded_at := at;
    perform cix.month_append(old, new);
    return true;
end;
$$;
comment on function cix.back_out_month is 'Takes one month of a submission back. Not granted to anyone.';

-- cix.back_out_attribute: the attributes of an account without a submission; without any the account goes.
create or replace function cix.back_out_attribute(
    caller int, submission uuid, subject bigint, account bigint, id bigint, at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    old cix.account_version;
    new cix.account_version;
begin
    select v.* into old from cix.account_version as v
    where v.subject_id = subject and v.account_id = account
    order by v.record_id desc limit 1;
    if old.submission_id <> submission then
        return;
    end if;
    select v.* into new from cix.account_version as v
    where v.subject_id = subject and v.account_id = account
        and v.restored_by is null and v.submission_id <> submission
        and not cix.back_out_gone(caller, v.submission_id)
    order by v.record_id desc limit 1;
    if not found then
        new := old;
        new.is_deleted := true;
    end if;
    new.record_id := greatest(id, old.record_id + 1);
    new.restored_by := submission;
    new.recorded_at := at;
    insert into cix.account_version values (new.*);
    if new.is_deleted then
        perform cix.account_remove(subject, account, at);
    else
        perform cix.account_restore(new);
        perform cix.account_attribute_settle(new);
    end if;
end;
$$;
comment on function cix.back_out_attribute is 'Takes attributes of a submission back. Not granted to anyone.';

-- cix.fact_latest: the latest version of a fact, wherever it stands; of one that moved, where it moved to.
create or replace function cix.fact_latest(fact bigint)
returns cix.fact language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select f from cix.fact as f where f.fact_id = fact order by f.record_id desc, f.is_deleted limit 1;
end;
comment on function cix.fact_latest is 'The latest version of a fact. Not granted to anyone.';

-- cix.back_out_fact_before: the version of a fact that counts without a submission; null: none.
create or replace function cix.back_out_fact_before(caller int, submission uuid, fact bigint)
returns cix.fact language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select f from cix.fact as f
    where f.fact_id = fact and f.member_id = caller and f.restored_by is null
        and f.submission_id <> submission and not cix.back_out_gone(caller, f.submission_id)
    order by f.record_id desc, f.is_deleted limit 1;
end;
comment on function cix.back_out_fact_before is 'What a fact was before a submission. Not granted to anyone.';

-- cix.back_out_fact_blocker: a later submission that a map of grades stands in the way of: with what it was
--   before, a grade would mean two things on a day (G005). Null: none.
create or replace function cix.back_out_fact_blocker(caller int, submission uuid, fact bigint)
returns uuid language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    latest cix.fact := cix.fact_latest(fact);
    old cix.fact;
begin
    if latest.kind <> 15 or latest.submission_id <> submission then
        return null;
    end if;
    old := cix.back_out_fact_before(caller, submission, fact);
    if old.record_id is null or old.is_deleted then
        return null;
    end if;
    return (
        select f.submission_id
        from cix.grade_map as b
            join cix.grade_map as m on m.subject_id = b.subject_id and m.grade = b.grade
                and m.fact_id <> b.fact_id
                and m.from_on <= coalesce(b.until_on, 'infinity')
                and coalesce(m.until_on, 'infinity') >= b.from_on
            join cix.fact as f on f.subject_id = m.subject_id and f.fact_id = m.fact_id
                and f.record_id = m.record_id and f.origin = old.origin
        where (b.subject_id, b.fact_id, b.record_id) = (old.subject_id, old.fact_id, old.record_id)
            and f.submission_id <> submission
            and cix.fact_is_current(m.subject_id, m.fact_id, m.record_id)
        limit 1);
end;
$$;
comment on function cix.back_out_fact_blocker is 'What keeps a fact from being what it was. Not granted to anyone.';

-- cix.back_out_findings: what a fund report shows that counts again is a finding again, under the version
--   that makes it count. Findings that stand stay: what is taken back puts nothing right.
create or replace function cix.back_out_findings(counting cix.fact, content jsonb)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    items constant cix.fact_item[] := array[row(1, 1, 0, counting.kind, null, null, counting.fact_id,
        counting.record_id, counting.subject_id, null, null, null, content, null, counting.origin, 0, 0,
        null, null, null, null)::cix.fact_item];
begin
    perform cix.finding_put(counting.recorded_at, counting.submission_id,
        array_agg(counting.subject_id), array_agg(counting.record_id), array_agg(t.finding),
        array_agg(t.rule), array_agg(counting.subject_id::int), array_agg(counting.fact_id),
        array_agg((content ->> 'period')::int), array_agg(content ->> 'currency'),
        array_agg(t.measured), array_agg(t.bound), counting.member_id,
        array_agg(case when t.finding = 4 then t.field end))
    from (
        select * from cix.fact_fund_faults(items)
        union all select * from cix.fact_fund_compared(counting.member_id, items)) as t
    where t.finding > 0 and not exists (
        select from cix.finding as o
        where o.subject_id = counting.subject_id and o.fact_id = counting.fact_id
            and o.kind = t.finding and o.state = 1
            and o.measured is not distinct from t.measured and o.bound is not distinct from t.bound
            and (o.value is null or o.value = case when t.finding = 4 then t.field end))
    having count(*) > 0;
end;
$$;
comment on function cix.back_out_findings is 'Findings of a fund report that counts again. Not granted to anyone.';

-- cix.back_out_fact: one fact without a submission: what stood before it counts again, under whom it stood.
--   Its text stays sealed as it was, bound to the version that it came with (text_id).
create or replace function cix.back_out_fact(
    caller int, submission uuid, fact bigint, id bigint, at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    latest cix.fact;
    new cix.fact;
    gone cix.fact;
    content jsonb;
begin
    perform from cix.fact_key as k
    where k.fact_id = fact and k.member_id = caller for no key update;
    latest := cix.fact_latest(fact);
    if latest.submission_id <> submission or latest.member_id <> caller then
        return; -- a later one stands in its place
    end if;
    new := cix.back_out_fact_before(caller, submission, fact);
    gone := latest;
    gone.record_id := greatest(id, latest.record_id + 1);
    gone.is_deleted := true;
    gone.sealed_text := null;
    gone.text_id := null;
    gone.sealed_note := null;
    gone.reason := 0;
    gone.supersedes := latest.record_id;
    gone.restored_by := submission;
    gone.recorded_at := at;
    perform cix.alias_note_version(coalesce(new.record_id, latest.record_id), gone.record_id);
    perform cix.rating_touch(array[latest.subject_id, new.subject_id]);
    if new.record_id is null or new.is_deleted then
        if not latest.is_deleted then
            insert into cix.fact values (gone.*);
        end if;
        return;
    end if;
    if new.subject_id <> latest.subject_id and not latest.is_deleted then
        insert into cix.fact values (gone.*);
    end if;
    content := cix.fact_row(new.kind, new.subject_id, new.fact_id, new.record_id);
    new.text_id := case when new.sealed_text is not null
        then coalesce(new.text_id, new.record_id) end;
    new.record_id := gone.record_id;
    new.sealed_note := null;
    new.reason := 0;
    new.supersedes := latest.record_id;
    new.restored_by := submission;
    new.recorded_at := at;
    insert into cix.fact values (new.*);
    perform cix.fact_content_put(array[row(1, 1, 0, new.kind, null, null, new.fact_id, new.record_id,
        new.subject_id, new.account_id, (content ->> 'party_subject_id')::bigint, null, content,
        null, new.origin, 0, 0, null, null, null, null)::cix.fact_item]);
    update cix.fact_key as k set subject_id = new.subject_id
    where k.fact_id = fact and k.member_id = caller and k.subject_id <> new.subject_id;
    if new.kind = 12 then
        perform cix.back_out_findings(new, content);
    end if;
end;
$$;
comment on function cix.back_out_fact is 'Takes one fact of a submission back. Not granted to anyone.';

-- cix.back_out_consent: a consent that a submission gave is revoked. One that it revoked stays so: whoever
--   has withdrawn is asked anew, under another id.
create or replace function cix.back_out_consent(
    caller int, submission uuid, p_lookup bytea, record bigint, id bigint, at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    given cix.consent;
begin
    select c.* into given from cix.consent as c
    where c.lookup = p_lookup and c.member_id = caller and c.record_id = record;
    if given.record_id is null or exists (
        select from cix.consent as c
        where c.lookup = p_lookup and c.member_id = caller and c.consent_id = given.consent_id
            and (c.is_revoked or c.submission_id is distinct from submission))
    then
        return;
    end if;
    given.record_id := greatest(id, record + 1);
    given.is_revoked := true;
    given.restored_by := submission;
    given.recorded_at := at;
    insert into cix.consent values (given.*);
end;
$$;
comment on function cix.back_out_consent is 'Revokes a consent of a submission. Not granted to anyone.';

-- cix.back_out_home: a member's record of a home of a subject (subject_name.sql) without a submission. Names
--   that it gave first go (subject_unname); all names go unless another record of the member stands there, or
--   an account or fact of it.
create or replace function cix.back_out_home(
    caller int, submission uuid, subject bigint, home bigint, id bigint, at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
declare
    old cix.subject_version;
begin
    perform cix.subject_unname(caller, subject, home, submission, at);
    if (cix.subject_latest(caller, subject, home)).record_id is not null
        or exists (
            select from cix.account as a
            where a.subject_id = subject and a.member_id = caller
                and cix.alias_home(subject, a.account_id) is not distinct from home)
        or exists (
            select from cix.fact as f
            where f.subject_id = subject and f.member_id = caller
                and cix.fact_is_current(f.subject_id, f.fact_id, f.record_id)
                and cix.alias_home(subject, f.record_id) is not distinct from home)
    then
        return;
    end if;
    perform cix.subject_forget(caller, subject, home, '{}', submission, at);
    select v.* into old from cix.subject_version as v
    where v.subject_id = subject and v.member_id = caller
        and cix.alias_home(subject, v.record_id) is not distinct from home
    order by v.record_id desc limit 1;
    perform cix.alias_note_version(old.record_id, greatest(id, old.record_id + 1));
    old.record_id := greatest(id, old.record_id + 1);
    old.submission_id := submission;
    old.is_deleted := true;
    old.recorded_at := at;
    old.sealed_birth := null;
    old.sealed_mobiles := null;
    old.sealed_address := null;
    old.identifier_details := null;
    old.sealed_details := null;
    insert into cix.subject_version values (old.*);
end;
$$;
comment on function cix.back_out_home is 'Takes a subject of a submission back. Not granted to anyone.';

-- cix.back_out_subject: what a submission said of a subject, home by home. Names that it took away are there
--   again. ids: 4,096 from id on.
create or replace function cix.back_out_subject(
    caller int, submission uuid, subject bigint, id bigint, at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
declare
    home bigint;
    n int := 0;
begin
    perform cix.subject_lock(caller, subject);
    perform cix.subject_restore(caller, subject, submission);
    for home in
        select distinct cix.alias_home(subject, v.record_id) from cix.subject_version as v
        where v.subject_id = subject and v.member_id = caller
            and v.submission_id = back_out_subject.submission
    loop
        perform cix.back_out_home(caller, submission, subject, home, id + n, at);
        n := n + 1;
    end loop;
    perform cix.subject_settle(subject);
end;
$$;
comment on function cix.back_out_subject is 'Takes a subject of a submission back. Not granted to anyone.';

-- cix.back_out_account: one account without a submission. ids: 4,096 from id on.
create or replace function cix.back_out_account(
    caller int, submission uuid, subject bigint, account bigint, id bigint, at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
declare
    month int;
    n int := 0;
begin
    for month in
        select distinct d.period from cix.performance_delta as d
        where d.subject_id = subject and d.account_id = account and d.submission_id = submission
        order by d.period
    loop
        if cix.back_out_month(caller, submission, subject, account, month, id + n, at) then
            n := n + 1;
        end if;
    end loop;
    perform cix.back_out_attribute(caller, submission, subject, account, id, at);
    perform cix.account_settle(subject, account);
end;
$$;
comment on function cix.back_out_account is 'Takes one account of a submission back. Not granted to anyone.';

-- cix.back_out_other: one fact, listing or consent without a submission.
create or replace function cix.back_out_other(
    caller int, submission uuid, kind smallint, subject bigint, target bigint, lookup bytea, id bigint,
    at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
begin
    if kind = 1 then
        perform cix.back_out_fact(caller, submission, target, id, at);
    elsif kind = 2 then
        perform cix.back_out_flag(caller, submission, subject, target, id, at);
    else
        perform cix.back_out_consent(caller, submission, lookup, target, id, at);
    end if;
end;
$$;
comment on function cix.back_out_other is 'Takes what is no account of a submission back. Not granted to anyone.';

-- cix.back_out_step: a slice of a back-out that was begun, in its own transaction; asked again until the
--   phase is 3. At most so many accounts. first_id: of 4,096 ids an account. Outcome 4: it cannot be
--   separated; blocker says from which submission; looked at before anything is taken back, and again at
--   each account.
create or replace function cix.back_out_step(
    caller int, submission uuid, slice int, first_ids bigint[], at timestamptz)
returns table (outcome smallint, phase smallint, blocker uuid, accounts bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
declare
    head cix.back_out;
    item record;
    blocking uuid;
    n int := 0;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    select b.* into head from cix.back_out as b
    where b.member_id = back_out_step.caller and b.submission_id = back_out_step.submission
    for no key update;
    if head.phase is null or head.phase = 3 then
        return query select 0::smallint, head.phase, null::uuid, head.accounts;
        return;
    end if;
    if exists (
        select from cix.back_out_work as w
        where w.member_id = back_out_step.caller and w.submission_id = back_out_step.submission
            and w.phase = head.phase and w.subject_id = back_out_step.caller and w.kind = 1)
    then -- facts of the member, dealers perhaps: as a chunk with some, and in its order (dealer_hold)
        perform pg_advisory_xact_lock(hashtextextended('cix.dealer', caller));
    end if;
    for item in
        select w.subject_id, w.account_id, w.kind, w.lookup from cix.back_out_work as w
        where w.member_id = back_out_step.caller and w.submission_id = back_out_step.submission
            and w.phase = head.phase
        order by (w.account_id = 0), w.subject_id, w.account_id
        limit slice
    loop
        n := n + 1;
        perform from cix.account as a
        where a.subject_id = item.subject_id and a.account_id = item.account_id
        for update;
        blocking := case item.kind
            when 0 then cix.back_out_blocker(caller, submission, item.subject_id, item.account_id)
            when 1 then cix.back_out_fact_blocker(caller, submission, item.account_id) end;
        exit when blocking is not null;
        if head.phase = 1 then
            update cix.back_out_work as w set phase = 2
            where w.subject_id = item.subject_id and w.account_id = item.account_id
                and w.submission_id = back_out_step.submission;
        else
            if item.kind <> 0 then
                perform cix.back_out_other(caller, submission, item.kind, item.subject_id,
                    item.account_id, item.lookup, first_ids[n], at);
            elsif item.account_id <> 0 then
                perform cix.back_out_account(caller, submission, item.subject_id, item.account_id,
                    first_ids[n], at);
            else
                perform cix.back_out_subject(caller, submission, item.subject_id, first_ids[n], at);
            end if;
            head.accounts := head.accounts + (item.kind = 0 and item.account_id <> 0)::int;
            delete from cix.back_out_work as w
            where w.subject_id = item.subject_id and w.account_id = item.account_id
                and w.submission_id = back_out_step.submission;
        end if;
    end loop;
    if blocking is not null and head.phase = 1 then
        delete from cix.back_out_work as w
        where w.member_id = back_out_step.caller and w.submission_id = back_out_step.submission;
        delete from cix.back_out as b
        where b.member_id = back_out_step.caller and b.submission_id = back_out_step.submission;
    elsif blocking is null and n < slice then
        head.phase := head.phase + 1;
        update cix.submission as s set state = case head.phase when 2 then 5 else 6 end
        where s.member_id = back_out_step.caller and s.submission_id = back_out_step.submission;
    end if;
    update cix.back_out as b
    set phase = head.phase, accounts = head.accounts, done_at = case when head.phase = 3 then at end
    where b.member_id = back_out_step.caller and b.submission_id = back_out_step.submission;
    return query select case when blocking is null then 0 else 4 end::smallint, head.phase, blocking,
        head.accounts;
end;
$$;
comment on function cix.back_out_step is 'A slice of the taking back of a submission. Granted to cix_submit.';
