-- Rating standards: who may change them, what each step needs, and that one version of a name is in force.
create extension pgtap;
begin;
select plan(33);

insert into cix.member (member_id, code, name, type, state, roles, data_classes, recorded_at)
values (1, 'bank-one', 'Bank one', 11, 4, 3, 3, now()),
       (2, 'regulator', 'Regulator', 81, 4, 8, 0, now()),
       (3, 'association', 'Association', 82, 4, 16, 0, now()),
       (4, 'suspended', 'Suspended', 11, 6, 3, 3, now());

create schema test;
create sequence test.id;
create function test.put(id text, number int, text text, caller int = 2, most int = 100) returns smallint
language sql as $$
    select outcome from cix.standard_put(caller, id, number, text::bytea, '2026-01-01', '2026-12-31', most,
        now(), nextval('test.id'), 72::smallint, sha256('cert'), sha256('salt')) $$;
create function test.publish(id text, number int, caller int = 2, today date = '2026-12-31', most int = 16)
returns text language sql as $$
    select outcome || ' ' || replaced from cix.standard_publish(caller, id, number, today, most,
        now(), nextval('test.id'), 73::smallint, sha256('cert'), sha256('salt')) $$;
create function test.retire(id text, number int, caller int = 2) returns smallint language sql as $$
    select outcome from cix.standard_retire(caller, id, number, 'test',
        now(), nextval('test.id'), 74::smallint, sha256('cert'), sha256('salt')) $$;
create function test.shown(caller int = 1, id text = '', state int = 0) returns text language sql as $$
    select string_agg(outcome || ' ' || standard_id || ' ' || version || ' ' || state, ', ')
      from cix.standard_list(caller, id, state::smallint,
        now(), nextval('test.id'), 70::smallint, sha256('cert'), sha256('salt')) $$;
create function test.got(number int, caller int = 1) returns text language sql as $$
    select concat_ws(' ', outcome, version, convert_from(content, 'UTF8')) from cix.standard_get(caller, 'card', number,
        now(), nextval('test.id'), 71::smallint, sha256('cert'), sha256('salt')) $$;

select is(test.put('card', 1, 'one', caller => 1), 5::smallint, 'a bank loads nothing');
select is(test.put('card', 1, 'one', caller => 3), 5::smallint, 'an association loads nothing');
select is(test.put('card', 1, 'one'), 0::smallint, 'a regulator loads');
select is(test.put('card', 1, 'one'), 1::smallint, 'the same text again is no change');
select is(test.put('card', 1, 'two'), 2::smallint, 'another text under the same version is a conflict');
select is(test.put('card', 2, 'two', caller => 0), 0::smallint, 'the operator loads');
select is(test.put('thin', 1, 'three', most => 2), 9::smallint, 'no more are stored than there is room for');
select is(test.put('thin', 1, 'three'), 0::smallint, 'another name');
select is(cix.standard_revision(), 0::bigint, 'loading changes nothing of what is in force');

select is(test.publish('card', 9), '6 0', 'what is not loaded is not published');
select is(test.publish('card', 1, caller => 1), '5 0', 'a bank publishes nothing');
select is(test.publish('card', 1, today => '2027-01-01'), '4 0', 'its days are over');
select is(test.publish('card', 1, today => '2025-12-31'), '10 0', 'its days have not begun');
select is(test.publish('card', 1), '0 0', 'published on its last day');
select is(test.publish('card', 1), '1 0', 'published already');
select is(test.publish('thin', 1, most => 1), '8 0', 'no more are in force than there is room for');
select is(test.publish('card', 2, today => '2025-12-31'), '10 0', 'the days of a later version have not begun');
select is(test.got(0), '0 1 one', 'so that the one in force stays');
select is(test.publish('card', 2, most => 1), '0 1', 'a later version replaces the one in force at once');
select is(test.publish('card', 1), '3 0', 'what is retired stays so');
select is(test.publish('thin', 1), '0 0', 'another name beside it');
select results_eq('select standard_no from cix.standard_in_force()', array[2, 3], 'two are in force');
select is(cix.standard_revision(), 4::bigint, 'three publications and a retirement');

select is(test.put('card', 3, 'x'), 0::smallint, 'a third version');
select is(test.retire('card', 2, caller => 3), 5::smallint, 'an association retires nothing');
select is(test.retire('card', 2), 0::smallint, 'a regulator retires');
select is(test.retire('card', 2), 1::smallint, 'retired already');
update cix.standard set standard_id = 'card', version = 10 where standard_id = 'thin';
select is(test.publish('card', 3), '7 0', 'an earlier version is not published after a later one');

select is(test.shown(), '0 card 1 3, 0 card 2 3, 0 card 3 1, 0 card 10 2', 'every member sees all versions');
select is(test.shown(caller => 4), '5  0 0', 'who is suspended sees none');
select is(test.got(1) || ', ' || test.got(0) || ', ' || test.got(7), '0 1 one, 0 10 three, 6',
    'a retired text, the one in force, an unknown one');

-- The operator is nobody whom a connection for members could name.
set local session authorization cix_regulate;
select outcome from cix.standard_put(0, 'card', 11, 'x', '2026-01-01', '2026-12-31', 100, now(), 999,
    72::smallint, sha256('cert'), sha256('salt')) \gset
reset session authorization;
select is(:outcome, 5, 'a connection for members does not pass as the operator');

select is((select count(*) from cix.audit where method between 70 and 74), 31::bigint, 'an audit row each');

select * from finish();
rollback;
