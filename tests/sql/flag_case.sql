-- Rule D006: who leads an organisation that is listed for a case, what a case of thousands of listings costs, and
-- what merges do to its findings. One transaction.
begin;
create extension pgtap;
select no_plan();

insert into cix.member (member_id, code, name, type, state, roles, data_classes, recorded_at)
values (1, 'bank-one', 'Bank one', 11, 4, 3, 3, now()), (2, 'register', 'Register', 83, 4, 4, 9, now()),
       (3, 'court-one', 'Court one', 83, 4, 4, 9, now());

create schema test;
create sequence test.id start 1000;
create function test.ids(n int) returns bigint[] language sql as
    $$ select array_agg(nextval('test.id')) from generate_series(1, n) $$;
create function test.sub(n int) returns uuid language sql immutable as
    $$ select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
create function test.subject(id bigint, kind int) returns void language sql as $$
    insert into cix.identifier values (sha256(id::text::bytea), 10, id, now());
    insert into cix.subject (subject_id, kind, recorded_at) values (id, kind, now());
    insert into cix.subject_identifier (
        subject_id, lookup, member_id, record_id, type, sealed_value, recorded_at)
    values (id, sha256(id::text::bytea), 1, nextval('test.id'), 10, 'x', now());
    insert into cix.subject_name (
        subject_id, name_index, member_id, record_id, sealed_name, recorded_at, identifier_head)
    values (id, sha256(('n' || id)::bytea), 1, nextval('test.id'), 'x', now(), cix.lookup_head(sha256(id::text::bytea))) $$;
create function test.lead(organisation bigint, person bigint, member int) returns void language sql as $$
    insert into cix.subject_version (
        subject_id, record_id, member_id, submission_id, kind, segment, sex, region, industry, recorded_at,
        representative_id)
    values (organisation, nextval('test.id'), member, test.sub(1), 2, 0, 0, '', '', now(), person) $$;
-- Listings of subjects for one case, in a chunk of their own; gives the rules that they met.
create function test.list(s int, ids bigint[], given int, court_case text) returns text language sql as $$
    select cix.submission_open(3, test.sub(s), 1::smallint, 0, null, null, '{}', '{}', 0::smallint, 3, now(),
        nextval('test.id'), 30::smallint, sha256('cert'), sha256('salt'));
    select cix.submission_chunk_open(3, test.sub(s), 1, sha256(s::text::bytea), 9, 9, 4, '{}', '{}', 1000, now(),
        nextval('test.id'), 30::smallint, sha256('cert'), sha256('salt'));
    with n as (select cardinality(ids) as n)
    select coalesce(string_agg(distinct r.rule || ':' || r.severity, ' '), '') from n, cix.flag_put(3, test.sub(s), 1,
        now(), array(select generate_series(0, n - 1)), array(select test.sub(i::int) from unnest(ids) i),
        test.ids(n), test.ids(n), test.ids(n), array_fill(given::smallint, array[n]), array_fill(null::smallint, array[n]),
        array(select sha256(i::text::bytea) from unnest(ids) i), array_fill(10::smallint, array[n]), test.ids(n),
        array_fill('x'::bytea, array[n]), array(select sha256(('n' || i)::bytea) from unnest(ids) i), test.ids(n),
        array_fill('x'::bytea, array[n]), array_fill('x'::bytea, array[n]), array_fill('Court'::text, array[n]),
        array_fill(''::text, array[n]), array_fill('2026-01-01'::date, array[n]),
        array_fill('2026-02-01'::date, array[n]), array_fill(null::date, array[n]), array_fill(1::smallint, array[n]),
        array_fill(1::smallint, array[n]), array_fill(0::smallint, array[n]), array_fill(0, array[n]),
        array_fill(1::smallint, array[n]), array_fill(sha256(court_case::bytea), array[n]),
        array_fill(''::text, array[n]), array_fill(null::bigint, array[n])) as r $$;
create function test.open(of bigint = 0) returns int language sql as $$
    select count(*)::int from cix.finding as f where kind = 8 and state = 1 and f.subject_id in (of, case of when 0 then f.subject_id end) $$;

-- Only a public source says who leads.
select test.subject(id, 1) from unnest('{11,12,13}'::bigint[]) as id;
select test.subject(id, 2) from unnest('{21,22,23}'::bigint[]) as id;
select test.lead(21, 11, 1), test.lead(22, 12, 2);
select is(test.list(1, '{21}', 2, 'a') || test.list(2, '{11}', 1, 'a'), '',
    'a bank that names its client does not keep a court from listing it');
select is(test.list(3, '{22}', 2, 'b') || test.list(4, '{12}', 1, 'b'), 'D006:3', 'what a register says does');
select is(test.list(5, '{13}', 1, 'c') || test.list(6, '{23}', 2, 'c'), '', 'nobody leads the third one');
select test.lead(23, 13, 1), cix.flag_subject_settle('{23}', null, now());
select is(test.open(), 0, 'a bank causes no finding');
select test.lead(23, 13, 2), cix.flag_subject_settle('{23}', null, now());
select is(test.open(13), 1, 'a register does');
select test.lead(23, 12, 2), cix.flag_subject_settle('{23}', null, now());
select is(test.open(13), 0, 'until it names another');

-- A merge may make somebody a representative, and two persons with a finding each one.
select test.subject(id, 1) from unnest('{31,32,33}'::bigint[]) as id;
select test.subject(id, 2) from unnest('{41,42}'::bigint[]) as id;
select test.lead(41, 31, 2), test.lead(41, 32, 3);
select is(test.list(7, '{31,32}', 1, 'd') || test.list(8, '{41}', 2, 'd'), 'D006:4', 'the organisation''s court is told');
select is((select count(distinct finding_id)::int from cix.finding where subject_id in (31, 32) and kind = 8), 2,
    'two findings of one record have an id each');
select is(cix.subject_merge(31, 32, 1::smallint, now(), nextval('test.id'), sha256('salt')), 0::smallint,
    'their persons may be merged');
select is(test.open(32), 2, 'and both findings stand');
select is(cix.subject_split(31, now(), nextval('test.id'), sha256('salt')), 0::smallint, 'they may be split');
select is((test.open(31), test.open(32))::text, '(1,1)', 'and each has its own again');
select is(test.list(9, '{33}', 1, 'e') || test.list(10, '{42}', 2, 'e'), '', 'somebody else is listed');
select test.subject(34, 1), test.lead(42, 34, 2);
select is(test.open(33), 0, 'for the case of no organisation of his');
select is(cix.subject_merge(33, 34, 1::smallint, now(), nextval('test.id'), sha256('salt')), 0::smallint,
    'he turns out to be the representative');
select is(test.open(34), 1, 'and that is a finding');
select is(cix.subject_split(33, now(), nextval('test.id'), sha256('salt')), 0::smallint, 'or not');
select is(test.open(33) + test.open(34), 0, 'and it ends');

-- The work for a case grows as its listings do, and not faster.
create function test.work() returns bigint language sql as $$
    select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_xact_user_tables
    where schemaname = 'cix' and relname in ('flag', 'subject', 'subject_version', 'finding') $$;
create temp table cost (listings int, step text, rows bigint, ms numeric);
create function test.measure(listings int, step text, run text) returns void language plpgsql as $$
declare
    rows bigint := test.work();
    began timestamptz := clock_timestamp();
begin
    execute run;
    insert into cost values (listings, step, test.work() - rows, extract(epoch from clock_timestamp() - began) * 1000);
end $$;
-- n listings for one case, half persons and half organisations that they lead; then another person is listed.
create function test.fill(n int, base bigint) returns void language sql as $$
    select test.subject(base + i, 1), test.subject(base + 5000 + i, 2), test.lead(base + 5000 + i, base + i, 2)
    from generate_series(0, n / 2) as i;
    select test.measure(n, 'persons', format('select test.list(%s, array(select generate_series(%s::bigint, %s)), 1, %L)',
        base, base + 1, base + n / 2, base));
    select test.measure(n, 'organisations', format(
        'select test.list(%s, array(select generate_series(%s::bigint, %s)), 2, %L)',
        base + 1, base + 5001, base + 5000 + n / 2, base));
    select test.measure(n, 'again', format('select test.list(%s, array[%s::bigint], 1, %L)', base + 2, base, base)) $$;
select test.fill(500, 100000), test.fill(2000, 200000);
select is(array(select count(*)::int from cix.finding where kind = 8 and state = 1 and subject_id >= 100000
    group by subject_id / 100000 order by 1), '{250,1000}', 'each person has its finding');
select is((select count(distinct finding_id) = count(*) from cix.finding where kind = 8), true, 'of its own id');
select diag(format('%s: %s listings, %s rows, %s ms', step, listings, rows, round(ms))) from cost;
select cmp_ok(m.rows, '<', f.rows * 6, m.step || ': four times the listings are no more than four times the work')
from cost f join cost m using (step) where f.listings = 500 and m.listings = 2000;

-- The thousand organisations that were listed first are looked at.
select test.subject(300000 + i, 1), test.subject(305000 + i, 2), test.lead(305000 + i, 300000 + i, 2)
from generate_series(1, 1001) as i;
select is(test.list(300, array(select generate_series(305001::bigint, 306000)), 2, 'f')
    || test.list(301, '{306001}', 2, 'f'), '', 'of a case with a thousand and one');
select is(test.list(302, '{300001}', 1, 'f'), 'D006:3', 'the first counts');
select is(test.list(303, '{301001}', 1, 'f'), '', 'the last does not');

select * from finish();
rollback;
