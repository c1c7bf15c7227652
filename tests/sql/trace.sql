-- No read of a person without a committed trace, and none beyond what it permits. Runs in a database
-- of its own, since it has to commit.
create extension pgtap;
select plan(43);

insert into cix.member (member_id, code, name, type, state, roles, data_classes, purposes, recorded_at)
values (1, 'bank-one', 'Bank one', 11, 4, 3, 11, '{1,2,3,32}', now()),
       (2, 'bank-two', 'Bank two', 11, 4, 3, 11, '{1,2,3,32}', now()),
       (3, 'court-one', 'Court one', 83, 4, 4, 9, '{}', now());
insert into cix.identifier values (sha256('known'), 10, 1, now()), (sha256('old'), 10, 2, now());
insert into cix.subject (subject_id, kind, alias_of, recorded_at) values (1, 1, null, now()), (2, 1, 1, now());
insert into cix.subject_name
values (1, sha256('name'), 1, 1, 'sealed', now()), (2, sha256('old name'), 1, 2, 'sealed', now());
insert into cix.consent
select sha256(l::bytea), m, '00000000-0000-7000-8000-000000000001', 1, '{2}', 3, 1, '2026-01-01',
       '2026-01-01', '2030-01-01', sha256('paper'), false, now()
  from unnest(array['known', 'nobody', 'old']) l, generate_series(1, 2) m;
insert into cix.flag_key values (3, '00000000-0000-7000-8000-00000000000f', 1, 1, now());
insert into cix.flag
values (1, 1, 3, '00000000-0000-7000-8000-00000000000f', 1, 'sealed', 'Court', '', '2026-01-01',
        '2026-01-01', null, 1, 1, 1, '{}', 1, 0, now());

-- One element of each function, by name of the identifier and the id of the inquiry.
create schema test;
grant usage on schema test to public;
create function test.ask(
    subject text, name text, id bigint, caller int = 1, purpose int = 2, product int = 1)
returns smallint language sql security definer as $$
    select outcome from cix.report_ask(array[sha256(subject::bytea)], array[sha256(name::bytea)],
        array[caller], array[purpose::smallint], array[id], array[sha256('op')], array[null]::uuid[],
        array[sha256('cert')], array['\x00'::bytea], 10::smallint, '2026-11-22', product::smallint,
        null, null, null, null, null, null, null, null, null, null) $$;
create function test.read(subject text, name text, id bigint, caller int = 1, purpose int = 2)
returns bigint language sql security definer as $$
    select count(*) from cix.report_read(array[sha256(subject::bytea)], array[sha256(name::bytea)],
        array[caller], array[purpose::smallint], array[null]::uuid[], array[id], '2026-11-22') $$;
create function test.exposure_read(subject text, name text, id bigint)
returns bigint language sql security definer as $$
    select count(*) from cix.exposure_read(array[sha256(subject::bytea)], array[sha256(name::bytea)],
        array[1], array[2::smallint], array[null]::uuid[], array[id], array[true], '2026-11-22') $$;
create function test.flag_ask(subject text, name text, id bigint, caller int = 1)
returns smallint language sql security definer as $$
    select outcome from cix.flag_ask(array[sha256(subject::bytea)], array[sha256(name::bytea)],
        array[caller], array[32::smallint], array[id], array[sha256('op')], array[sha256('cert')],
        array['\x00'::bytea], 20::smallint, '2026-11-22') $$;
create function test.flag_read(subject text, name text, id bigint, caller int = 1, purpose int = 32)
returns bigint language sql security definer as $$
    select count(*) from cix.flag_read(array[sha256(subject::bytea)], array[sha256(name::bytea)],
        array[caller], array[purpose::smallint], array[id], '2026-11-22') $$;

create function test.remove(caller int, status int, id bigint) returns int
language sql security definer as $$
    select outcome from cix.flag_remove(caller, '00000000-0000-7000-8000-00000000000f',
        status::smallint, 1::smallint, id, sha256('cert'), '\x00', 22::smallint) $$;
-- They run with the rights of the role that the server would have.
alter function test.ask owner to cix_inquire;
alter function test.read owner to cix_inquire;
alter function test.exposure_read owner to cix_inquire;
alter function test.flag_ask owner to cix_inquire;
alter function test.flag_read owner to cix_inquire;
alter function test.remove owner to cix_submit;

select is(test.read('known', 'name', 1), 0::bigint, 'no report without an inquiry');
select is(test.flag_read('known', 'name', 1), 0::bigint, 'no flag without an inquiry');

begin;
select is(test.ask('known', 'name', 2), 0::smallint, 'asking is granted');
select is(test.read('known', 'name', 2), 0::bigint, 'no report in the transaction of its trace');
savepoint inner_one;
select is(test.read('known', 'name', 2), 0::bigint, 'nor in a savepoint of it');
select test.ask('known', 'name', 3);
select is(test.read('known', 'name', 3), 0::bigint, 'nor for a trace of the savepoint');
rollback to inner_one;
select is(test.flag_ask('known', 'name', 4), 0::smallint, 'a check is granted');
select is(test.flag_read('known', 'name', 4), 0::bigint, 'no flag in the transaction of its trace');
rollback;
select is(test.read('known', 'name', 2), 0::bigint, 'no report after a rollback');
select is(test.flag_read('known', 'name', 4), 0::bigint, 'no flag after a rollback');

select test.ask('known', 'name', 5);
select is(test.read('known', 'name', 5), 3::bigint, 'after the commit: subject, name, flag');
select is(test.read('known', 'name', 5, 2), 0::bigint, 'not for another member');
select is(test.read('known', 'name', 5, 1, 3), 0::bigint, 'not for another purpose');
select is(test.read('known', 'other name', 5), 0::bigint, 'not under another name');
select is(test.flag_read('known', 'name', 5), 0::bigint, 'a report''s trace opens no flag');
select test.flag_ask('known', 'name', 6);
select is(test.flag_read('known', 'name', 6), 1::bigint, 'a flag after its commit');
select is(test.read('known', 'name', 6, 1, 32), 0::bigint, 'a flag''s trace opens no report');

-- A batch that is run again after a lost connection.
select is(test.ask('known', 'name', 5), 0::smallint, 'the same inquiry again: the same outcome');
select is(test.ask('unheard', 'name', 13), 3::smallint, 'a refusal');
select is(test.ask('unheard', 'name', 13), 3::smallint, 'again');
select results_eq(
    $$ select (select count(*) from cix.inquiry where inquiry_id in (5, 13)),
              (select count(*) from cix.audit where audit_id in (5, 13)) $$,
    $$ values (1::bigint, 2::bigint) $$, 'and no second trace');

select is(test.ask('nobody', 'name', 7), 0::smallint, 'asking about nobody is granted alike');
select is(test.read('nobody', 'name', 7), 1::bigint, 'and answers that there is no file');
select is(test.ask('unheard', 'name', 8), 3::smallint, 'without consent: refused (I002)');
select is(test.ask('known', 'name', 9, 1, 3), 3::smallint, 'known subjects alike');
select is(test.ask('old', 'old name', 10), 0::smallint, 'an alias is followed');
select is(test.read('old', 'old name', 10), 3::bigint, 'one step, to the same report');

select results_eq(
    $$ select i.subject_id < 0 from cix.inquiry i where i.inquiry_id = 7 $$, array[true],
    'a question about nobody left its inquiry');
select results_eq(
    $$ select a.outcome::int from cix.audit a order by a.audit_id $$,
    array[0, 0, 0, 3, 3, 0, 3], 'every question left an audit row, granted or refused; rollbacks none');

update cix.inquiry set at = at - interval '11 seconds' where inquiry_id = 5;
select is(test.read('known', 'name', 5), 0::bigint, 'a trace serves ten seconds');
select is(test.exposure_read('known', 'name', 5), 0::bigint, 'no exposure without an inquiry for one');
select test.ask('known', 'name', 9, product => 3);
select is(array[test.exposure_read('known', 'name', 9), test.read('known', 'name', 9)],
    array[1, 0]::bigint[], 'a trace of one product serves no other');

-- A report lists, and a rating reads, the same inquiries: of the latest 10,000, whatever they were for.
insert into cix.inquiry (subject_id, inquiry_id, member_id, purpose, product, operator, xid, at)
select 1, 1000 + n, 1, 2, case when n <= 150 then 1 else 2 end, sha256('op'), '1', now() - interval '1 day'
  from generate_series(1, 10100) n;
create function test.listed(id bigint) returns bigint[] language sql security definer as $$
    select inquiry_ids from cix.report_read(array[sha256('known')], array[sha256('name')], array[2],
        array[2::smallint], array[null]::uuid[], array[id], '2026-11-22') where section = 1 $$;
alter function test.listed owner to cix_inquire;
select is(test.ask('known', 'name', 40000, 2), 0::smallint, 'another member asks');
select is(
    row(cardinality(test.listed(40000)), (select cardinality(at) from cix.rating_inquiries(1, 40000, now()))),
    row(50, 50), 'a report and a rating read the same inquiries');
delete from cix.inquiry where inquiry_id between 1000 and 40000;

-- What a member gives is what it may see, by the subject's kind where the asker does not say which.
update cix.member set reciprocity_consumer = 1, data_classes = 75 where member_id = 1;
select is(
    array[test.ask('known', 'name', 51), test.ask('known', 'name', 52, product => 3), test.ask('known', 'name', 53, product => 4)],
    array[0, 7, 7]::smallint[], 'at level default a report, and nothing made of all accounts');
select is(test.read('known', 'name', 51), 3::bigint, 'and it is read');
update cix.member set reciprocity_consumer = 0 where member_id = 1;
select is(test.read('known', 'name', 51), 0::bigint, 'a level lost in between serves nothing');
select is(test.ask('known', 'name', 54), 7::smallint, 'at level none no report');
select is(test.flag_ask('known', 'name', 55), 0::smallint, 'flags are public');
update cix.member set reciprocity_consumer = 2, data_classes = 11 where member_id = 1;

select test.ask('known', 'name', 11);
update cix.consent set is_revoked = true where member_id = 1;
select is(test.read('known', 'name', 11), 0::bigint, 'a consent revoked in between serves nothing');
insert into cix.consent
select c.lookup, c.member_id, c.consent_id, 2, c.purposes, c.data_classes, c.form, c.signed_on, c.effective_on,
       c.expires_on, c.document_hash, false, now()
  from cix.consent c where c.member_id = 1 and c.lookup = sha256('known');
select is(test.read('known', 'name', 11), 0::bigint,
    'a later version, by the clock of another server, brings it not back');
select test.flag_ask('known', 'name', 12);
update cix.member set state = 6 where member_id = 1;
select is(test.flag_read('known', 'name', 12), 0::bigint, 'a member suspended in between neither');

-- The court ends its listing; a second end says so.
select is(
    array[test.remove(1, 4, 101), test.remove(3, 4, 102), test.remove(3, 4, 103), test.remove(3, 5, 104)],
    array[3, 0, 0, 2], 'not by a bank, once by its court, the same again, not otherwise');

select * from finish();
