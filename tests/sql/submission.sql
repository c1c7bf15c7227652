-- Submissions: what is taken once, what is refused, and that nothing is written for a chunk that the
-- own transaction did not open. Runs in a database of its own, since it has to commit.
create extension pgtap;
select plan(60);

insert into cix.member (member_id, code, name, type, state, roles, data_classes, recorded_at)
values (1, 'bank-one', 'Bank one', 11, 4, 3, 3, now()),
       (2, 'bank-two', 'Bank two', 11, 6, 3, 3, now()), -- suspended
       (3, 'court-one', 'Court one', 83, 4, 4, 9, now()),
       (4, 'regulator', 'Regulator', 81, 4, 8, 0, now());

create schema test;
create sequence test.id;
create function test.sub(n int) returns uuid language sql immutable as
    $$ select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
create function test.ids(n int) returns bigint[] language sql as
    $$ select array_agg(nextval('test.id')) from generate_series(1, n) $$;
create function test.open(s int, mode int = 1, caller int = 1, period int = 0) returns smallint
language sql as $$
    select outcome from cix.submission_open(caller, test.sub(s), mode::smallint, period, null, null, '{}',
        '{}', 0::smallint, 3, now(), nextval('test.id'), 30::smallint, sha256('cert'), sha256('salt')) $$;
create function test.chunk(s int, n int, bytes text = 'a', caller int = 1, classes int = 3, roles int = 0)
returns smallint language sql as $$
    select outcome from cix.submission_chunk_open(caller, test.sub(s), n, sha256(bytes::bytea), 9, classes,
        roles, '{}', '{}', 1000, now(), nextval('test.id'), 30::smallint, sha256('cert'), sha256('salt')) $$;
create function test.close(s int, n int, whole text = null, caller int = 1) returns text language sql as $$
    select concat_ws(' ', accepted, rejected, quarantined, warned)
      from cix.submission_chunk_close(caller, test.sub(s), n, now(), 7, whole::bytea, '{}', '{}', '{}', '{}',
        '{}', '{}', '{}', '{}') $$;
-- One subject by the texts of its identifiers.
create function test.subject(s int, n int, keys text[], caller int = 1) returns text language sql as $$
    select string_agg(rule, ' ') from cix.subject_put(caller, test.sub(s), n, now(), '{0}', test.ids(1),
        test.ids(1), '{1}', '{4}', '{1}', '{1980}', '{null}', '{null}', '{null}', '{440300}', '{""}', '{null}',
        array_fill(1, array[cardinality(keys)]), array(select sha256(k::bytea) from unnest(keys) k),
        array_fill(10::smallint, array[cardinality(keys)]), test.ids(cardinality(keys)),
        array_fill('x'::bytea, array[cardinality(keys)]),
        array(select sha256(('n' || k)::bytea) from unnest(keys) k), test.ids(cardinality(keys)),
        array_fill('x'::bytea, array[cardinality(keys)])) $$;
create function test.account(s int, n int, number text, who text, closed date = null, type int = 1,
    currency text = 'CNY') returns text language sql as $$
    select string_agg(rule || ':' || severity, ' ') from cix.account_put(1, test.sub(s), n, now(), '{1}',
        array[sha256(number::bytea)], test.ids(1), test.ids(1), array[sha256(who::bytea)],
        array[type::smallint], '{91}', array[currency], '{10000}', '{10000}', '{2024-01-15}', '{null}',
        array[closed], '{null}', '{null}', '{3}', '{4}', '{""}', '{""}', '{1}', '{""}', '{null}', '{x}') $$;
create function test.month(s int, n int, number text, yyyymm int, status text, days int = 0,
    balance bigint = 100, account_status int = 1, stage int = 0) returns text language sql as $$
    select string_agg(rule || ':' || severity, ' ' order by rule) from cix.performance_put(1, test.sub(s), n,
        now(), array[sha256(number::bytea)], '{1}', '{2}', test.ids(1),
        array[yyyymm / 100 * 12 + yyyymm % 100 - 1], array[account_status::smallint],
        array[ascii(status)::smallint], array[balance], '{null}', '{0}', '{null}', '{null}', array[days],
        '{null}', '{0}', '{null}', '{null}', '{null}', '{null}', array[stage::smallint], '{null}') $$;
create function test.consent(s int, n int, form int, revoked boolean = false) returns text language sql as $$
    select string_agg(rule, ' ') from cix.consent_put(1, test.sub(s), n, now(), '{3}',
        array[sha256('ann')], array[test.sub(77)], test.ids(1), '{4}', '{3}', array[form::smallint],
        '{2026-01-01}', '{2026-01-01}', '{2027-01-01}', array[sha256('paper')], array[revoked]) $$;
create function test.flag(s int, n int, court text, name text = 'nann', who text = 'ann') returns text
language sql as $$
    select string_agg(rule || ':' || severity, ' ') from cix.flag_put(3, test.sub(s), n, now(), '{0}',
        array[test.sub(88)], test.ids(1), test.ids(1), test.ids(1), '{1}', '{1980}',
        array[sha256(who::bytea)], '{10}', test.ids(1), '{x}', array[sha256(name::bytea)], test.ids(1),
        '{x}', '{x}', array[court], '{""}', '{2026-01-01}', '{2026-02-01}', '{null}', '{1}', '{1}', '{0}',
        '{6}', '{1}', '{null}', '{""}', '{null}') $$;

-- Opening.
select is(test.open(1), 0::smallint, 'a submission is opened');
select is(test.open(1), 0::smallint, 'and found again');
select is(test.open(1, 2), 2::smallint, 'under the same id with another mode it is a conflict');
select is(test.open(1, 1, 2), 5::smallint, 'a suspended member opens none');
select is(test.open(1, 1, 4), 5::smallint, 'a regulator opens none');
select is(test.chunk(99, 1), 6::smallint, 'an unknown submission takes no chunk');
select is(test.chunk(1, 2), 3::smallint, 'a gap is refused');
select is(test.chunk(1, 1, 'a', 1, 8), 5::smallint, 'so is a data class that the member lacks');
select is(test.chunk(1, 1, 'a', 1, 3, 4), 5::smallint, 'and a role that it lacks');

-- Nothing without an opened chunk.
select is(test.subject(1, 1, '{ann}'), null, 'a put without a chunk answers nothing');
select is_empty('select from cix.subject', 'and writes nothing');
begin;
select is(test.chunk(1, 1), 0::smallint, 'a chunk is opened');
select is(test.subject(1, 1, '{ann}'), null, 'a subject is taken');
rollback;
select is_empty('select from cix.subject', 'nothing stays when the transaction does not');
select is(test.chunk(1, 1), 0::smallint, 'a chunk without its close');
select is(test.subject(1, 1, '{ann}'), null, 'is no chunk of a later transaction');
select is_empty('select from cix.subject', 'so nothing is written');
delete from cix.submission_chunk;

begin;
select test.chunk(1, 1), test.subject(1, 1, '{ann,anna}'), test.subject(1, 1, '{bob}');
select is(test.subject(1, 1, '{ann,bob}'), 'S024', 'identifiers of two subjects are refused');
select is(test.subject(1, 1, '{bob,robert}'), null, 'a further identifier joins its subject');
select is(test.account(1, 1, 'A1', 'ann'), null, 'an account is taken');
select is(test.account(1, 1, 'A2', 'nobody'), 'A022:2', 'not one of nobody');
select is(test.account(1, 1, 'A1', 'bob'), 'A001:2', 'a number never moves to another subject');
select is(test.account(1, 1, 'A1', 'ann', null, 1, 'USD'), 'A023:2', 'a currency never changes');
select is(test.month(1, 1, 'A1', 202401, 'N'), null, 'a month is taken');
select is(test.month(1, 1, 'A1', 202402, 'N', 0, -5), 'M003:2', 'no negative balance of a loan');
select is(test.month(1, 1, 'A1', 202402, '3', 85), 'M016:3 M017:3', 'three months late in one are kept aside');
select is(test.month(1, 1, 'A1', 202312, 'N'), 'M001:2', 'no month before the opening');
select is(test.month(1, 1, 'A1', 202402, 'C'), 'M002:2 M011:2', 'no C without a closing, nor as other content');
select is(test.consent(1, 1, 1), null, 'a consent is taken');
select is(test.consent(1, 1, 1), null, 'and taken again');
select is(test.consent(1, 1, 2), 'C004', 'but not with other content');
select is(test.consent(1, 1, 2, true), null, 'it is revoked');
select is(test.consent(1, 1, 1), 'C004', 'and not given again');
select is(test.close(1, 1, 'whole'), '5 4 0 0', 'the worst verdict of a line counts');
commit;

select is((select count(*) from cix.account), 1::bigint, 'what was taken is there');
select is((select sealed_records from cix.submission_chunk), 'whole'::bytea,
    'the chunk of a record that was kept aside is kept');
select is(test.chunk(1, 1), 1::smallint, 'the same chunk again is a replay');
select is(test.chunk(1, 1, 'b'), 2::smallint, 'other bytes under its number are a conflict');

begin;
select test.chunk(1, 2);
select is(test.account(1, 2, 'A1', 'ann', '2024-03-10'), null, 'an account is closed');
select is(test.account(1, 2, 'A1', 'ann'), 'A008:2', 'and not opened again');
select is(test.month(1, 2, 'A1', 202404, 'N'), 'F010:4 M012:2', 'no month after the closing');
select is(test.month(1, 2, 'A1', 202404, 'N', 0, 100, 1, 5), 'F010:4', 'but one of a recovery');
update cix.subject set status = 2;
select is(test.account(1, 2, 'A9', 'ann'), 'S021:3', 'no new account of the dead');
select test.close(1, 2);
commit;
select is_empty('select * from cix.rebuild_check()', 'kept equals rebuilt');

begin;
select test.open(3, 1, 3), test.chunk(3, 1, 'a', 3, 8, 4);
select is(test.flag(3, 1, 'Court'), null, 'a listing is taken');
select is(test.flag(3, 1, 'Court'), null, 'and taken again');
select is(test.flag(3, 1, 'Other court'), 'D010:2', 'but not with other content');
select is(test.flag(3, 1, 'Court', 'nobob'), 'S016:3', 'a name that is not the subject''s is kept aside');
rollback;

-- Mode file: nothing before the commit.
begin;
select test.open(2, 2), test.chunk(2, 1), test.subject(2, 1, '{carl}'), test.close(2, 1, 'whole');
commit;
select is_empty('select from cix.identifier where lookup = sha256(''carl'')', 'a staged chunk puts nothing');
select is((select state from cix.submission_commit(1, test.sub(2), now())), 1::smallint,
    'and is not committed without being applied');

-- A permission that ends between the opening of a chunk and its records is no acknowledgement.
begin;
select test.open(4), test.chunk(4, 1);
update cix.member set data_classes = 1 where member_id = 1;
select throws_ok($$ select test.month(4, 1, 'A1', 202405, 'N') $$, '40001',
    'the permission of the member ended', 'records without permission are a lost race, not taken');
rollback;
begin;
select test.open(4), test.chunk(4, 1, 'a', 1, 1);
update cix.member set state = 6 where member_id = 1;
select throws_ok($$ select test.subject(4, 1, '{dora}') $$, '40001',
    'the permission of the member ended', 'the same for a member that was suspended');
rollback;
begin;
select test.open(5, 2), test.chunk(5, 1, 'a', 1, 2), test.close(5, 1, 'whole');
update cix.member set data_classes = 1 where member_id = 1;
select is((select outcome from cix.submission_commit_open(1, test.sub(5), 1, false, null,
    null, 500, 2000, now(), nextval('test.id'),
    30::smallint, sha256('cert'), sha256('salt'))), 5::smallint,
    'a file with records that the member may not give any more is refused');
update cix.member set data_classes = 3 where member_id = 1;
select is((select outcome from cix.submission_commit_open(1, test.sub(5), 1, false, null,
    null, 500, 2000, now(), nextval('test.id'),
    30::smallint, sha256('cert'), sha256('salt'))), 0::smallint, 'and taken when it may again');
rollback;

-- A revocation counts whatever the clocks of the servers made of its place among the versions.
begin;
insert into cix.consent
select sha256('eve'), 1, test.sub(78), v, '{4}', 3, 1, '2026-01-01', '2026-01-01', '2027-01-01',
       sha256('paper'), v = 5, now()
  from unnest(array[5, 9]) v;
select test.open(6), test.chunk(6, 1);
select is((select string_agg(rule, ' ') from cix.consent_put(1, test.sub(6), 1, now(), '{3}',
    array[sha256('eve')], array[test.sub(78)], test.ids(1), '{16}', '{3}', '{1}', '{2026-01-01}',
    '{2026-01-01}', '{2027-01-01}', array[sha256('paper')], '{false}')), 'C004',
    'a revoked consent is not given again, whichever version is the latest');
rollback;

-- Whether others know somebody is nothing that an account tells.
begin;
insert into cix.identifier values (sha256('theirs'), 10, 9001, now());
insert into cix.subject (subject_id, kind, recorded_at) values (9001, 1, now());
insert into cix.subject_name values (9001, sha256('name'), 3, 1, 'x', now());
select test.open(8), test.chunk(8, 1);
select is(test.account(8, 1, 'A7', 'theirs'), test.account(8, 1, 'A8', 'nobody'),
    'an account of others'' subject is refused as one of nobody''s');
select is_empty($$ select from cix.account_key where subject_id = 9001 $$, 'and leaves no key');
rollback;

-- One member's sums beyond 64 bits do not stop the merge for all.
begin;
select test.open(7), test.chunk(7, 1);
insert into cix.cell values (70, 'CNY', 1, 11, '', '', '91', 0, '', 0, 0, false, 0, 0);
insert into cix.rollup_delta
select n, nextval('test.id'), 24300, 70, 1, 9000000000000000000, 9000000000000000000
  from generate_series(1001, 1003) n;
select lives_ok('select cix.rollup_merge(100000, now())', 'sums beyond 64 bits are merged');
select is((select balance from cix.rollup where cell_id = 70), 27000000000000000000::numeric, 'exactly');
select lives_ok('select cix.rollup_merge(100000, now())', 'and the merge goes on');
rollback;

select * from finish();
