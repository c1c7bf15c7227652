-- What one member could do to the others, their clients or the regulator with records that are allowed.
-- Runs in one transaction: nothing here has to commit.
begin;
create extension pgtap;
select no_plan();

insert into cix.member (member_id, code, name, type, state, roles, data_classes, recorded_at)
values (1, 'bank-one', 'Bank one', 11, 4, 3, 3, now()), (2, 'bank-two', 'Bank two', 11, 4, 3, 3, now()),
       (3, 'court-one', 'Court one', 83, 4, 4, 9, now()), (4, 'platform', 'Platform', 21, 4, 3, 131, now()),
       (5, 'custodian', 'Custodian', 11, 4, 3, 131, now());

create schema test;
create sequence test.id start 1000;
create function test.sub(n int) returns uuid language sql immutable as
    $$ select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
-- A person by the text of its identifier, named by a member.
create function test.person(id bigint, who text, member int) returns void language sql as $$
    insert into cix.identifier values (sha256(who::bytea), 10, id, now()) on conflict do nothing;
    insert into cix.subject (subject_id, kind, recorded_at) values (id, 1, now()) on conflict do nothing;
    insert into cix.subject_identifier (
        subject_id, lookup, member_id, record_id, type, sealed_value, recorded_at)
    values (id, sha256(who::bytea), member, 1, 10, 'x', now()) on conflict do nothing;
    insert into cix.subject_name (
        subject_id, name_index, member_id, record_id, sealed_name, recorded_at, identifier_head)
    values (id, sha256(('n' || who)::bytea), member, 1, 'x', now(), cix.lookup_head(sha256(who::bytea))) $$;
create function test.found(who text) returns boolean language sql as $$
    select exists (
        select from cix.identifier i
            join cix.subject_name n on n.subject_id = i.subject_id
        where i.lookup = sha256(who::bytea) and n.name_index = sha256(('n' || who)::bytea)) $$;

-- A member that takes its record of a person back does not hide what others said under its name for it.
select test.person(9001, 'listed', 1), test.person(9002, 'sued', 1), test.person(9003, 'frozen', 1),
    test.person(9004, 'disputed', 1), test.person(9005, 'plain', 1), test.person(9006, 'own', 1);
insert into cix.flag (
    subject_id, flag_id, member_id, external_id, record_id, sealed_case_no, court, region, filed_on,
    published_on, ground, performance, grade, restrictions, status, recorded_at)
values (9001, 1, 3, test.sub(1), 1, 'x', 'Court', '', '2026-01-01', '2026-01-01', 1, 1, 1, '{1}', 1, now());
insert into cix.fact (
    subject_id, fact_id, record_id, member_id, kind, origin, content_index, is_deleted, reason,
    submission_id, chunk, line, recorded_at)
values (9002, 1, 1, 3, 8, '', sha256('x'), false, 0, test.sub(1), 1, 0, now());
insert into cix.protection (
    subject_id, protection_id, member_id, external_id, kind, from_on, document_hash, recorded_at)
values (9003, 1, 3, test.sub(1), 2, '2026-01-01', sha256('x'), now()),
       (9006, 2, 1, test.sub(2), 2, '2026-01-01', sha256('x'), now());
insert into cix.annotation (
    subject_id, annotation_id, member_id, external_id, kind, code, target, target_id, period, sealed_text,
    filed_by, evidence_hash, recorded_at)
values (9004, 1, 3, test.sub(1), 1, 101, 1, 0, 0, 'x', 1, sha256('x'), now());
select cix.subject_forget(1, s, null, '{}', test.sub(1), now()) from generate_series(9001, 9006) as s;
select ok(test.found('listed'), 'a listing is found after who knew the person first has gone');
select ok(test.found('sued'), 'so is a public record');
select ok(test.found('frozen'), 'a freeze');
select ok(test.found('disputed'), 'a dispute');
select ok(test.found('own'), 'and what the member did on the person''s behalf');
select ok(not test.found('plain'), 'what nobody else spoke of is gone');

-- A member that says a person anew leaves beside a listing what that is found by, and takes its own elsewhere.
select test.person(9041, 'relisted', 1), test.person(9042, 'renamed', 1), test.person(9043, 'shared', 1);
insert into cix.subject_name (
    subject_id, name_index, member_id, record_id, sealed_name, recorded_at, identifier_head)
values (9043, sha256('nshared'), 2, 2, 'x', now(), cix.lookup_head(sha256('shared'))),
       (9042, sha256('other name'), 1, 3, 'x', now(), cix.lookup_head(sha256('renamed')));
insert into cix.flag (
    subject_id, flag_id, member_id, external_id, record_id, sealed_case_no, court, region, filed_on,
    published_on, ground, performance, grade, restrictions, status, recorded_at, submission_id)
values (9041, 41, 3, test.sub(41), 1, 'x', 'Court', '', '2026-01-01', '2026-01-01', 1, 1, 1, '{1}', 1, now(),
    test.sub(41));
insert into cix.flag_event (
    subject_id, flag_id, event_id, status, status_reason, member_id, recorded_at, submission_id, version_id)
values (9041, 41, 1, 1, 0, 3, now(), test.sub(41), 1);
select cix.subject_forget(1, 9041, null, '{}', test.sub(1), now()),
    cix.subject_forget(1, 9043, null, '{}', test.sub(1), now()),
    cix.subject_forget(1, 9042, null, array[sha256('other name')], test.sub(1), now());
select ok(test.found('relisted'), 'the name that a listing is found by stays');
select ok(test.found('shared'), 'so does the name that another member gave too');
select ok(not test.found('renamed'), 'a name that is not given again finds nobody');
select is((select count(*)::int from cix.identifier where subject_id = 9042), 1,
    'but the identifier that has the new name does');

-- Nobody takes the listing, the fact or the consent of another back, whatever the submission is called.
select cix.back_out_flag(1, test.sub(41), 9041, 41, 100, now());
select is((select status from cix.flag where flag_id = 41), 1::smallint, 'another court''s listing stands');
select cix.back_out_fact(1, test.sub(1), 1, 100, now());
select is((select count(*)::int from cix.fact where fact_id = 1), 1, 'another''s fact has no new version');
insert into cix.consent (
    lookup, member_id, consent_id, record_id, purposes, data_classes, form, signed_on, effective_on,
    expires_on, document_hash, is_revoked, recorded_at, submission_id)
values (sha256('renamed'), 2, test.sub(42), 42, '{2}', 3, 1, '2026-01-01', '2026-01-01', '2027-01-01',
    sha256('x'), false, now(), test.sub(42));
select cix.back_out_consent(1, test.sub(42), sha256('renamed'), 42, 100, now());
select is((select count(*)::int from cix.consent where consent_id = test.sub(42)), 1,
    'another''s consent is not revoked');
select cix.back_out_flag(3, test.sub(41), 9041, 41, 100, now());
select is((select (status, status_reason)::text from cix.flag where flag_id = 41), '(5,7)',
    'its own court ends it as wrong');

-- Sums beyond 64 bits: one member's amounts stop neither a question nor another member's records.
select test.person(9010, 'rich', 4);
insert into cix.account (
    subject_id, account_id, member_id, type, business_type, currency, original_amount, opened_on,
    repay_frequency, security, region, industry, channel, dealer_code, record_id, sealed_account_no,
    attributes_at, status_ring, month_ring)
select 9010, n, 4, 1, 'P1', 'CNY', 1000000000000000, '2026-01-01', 3, 4, '', '', 1, '', 1, 'x', now(),
    decode(repeat('00', 60), 'hex'), decode(repeat('00', 960), 'hex')
from generate_series(1, 10000) as n;
insert into cix.account_key values (4, sha256('rich'), 9010, 1, now());
select is((select amount from cix.platform_exposure('{9010}')), 9223372036854775807,
    'exposure beyond 64 bits is the largest number');
select is(cix.exposure_sum(null), null, 'of nothing it is nothing');
-- As account_put calls it: with what the borrower owes.
create function test.show(who text, account bigint, record bigint) returns void language sql as $$
    select cix.account_findings(4, test.sub(1), now(), array[sha256(who::bytea)], array[account], array[record],
            e.own, e.overall)
    from cix.exposure_sums(4, array[sha256(who::bytea)], '{P1}', '{CNY}', '{null}') as e $$;
select lives_ok($$ select test.show('rich', 1, 77) $$,
    'and a finding, not an error');

-- Credit for who froze it, and more of it on an account that is there, are findings like a new one.
create function test.findings(member int, given int) returns int language sql as $$
    select count(*)::int from cix.finding where member_id = member and kind = given $$;
create function test.lend(id bigint, who text, amount bigint, record bigint) returns void language sql as $$
    insert into cix.account_version (
        subject_id, account_id, record_id, member_id, submission_id, type, business_type, currency,
        original_amount, opened_on, repay_frequency, security, region, industry, channel, dealer_code,
        recorded_at)
    values (id, 1, record, 4, test.sub(1), 1, 'P1', 'CNY', amount, '2026-01-01', 3, 4, '', '', 1, '', now());
    insert into cix.account (
        subject_id, account_id, member_id, type, business_type, currency, original_amount, opened_on,
        repay_frequency, security, region, industry, channel, dealer_code, record_id, sealed_account_no,
        attributes_at, status_ring, month_ring)
    values (id, 1, 4, 1, 'P1', 'CNY', amount, '2026-01-01', 3, 4, '', '', 1, '', 1, 'x', now(),
        decode(repeat('00', 60), 'hex'), decode(repeat('00', 960), 'hex'))
    on conflict (subject_id, account_id) do update set original_amount = amount;
    insert into cix.account_key values (4, sha256(who::bytea), id, 1, now()) on conflict do nothing;
    select test.show(who, case record when 1 then 1 else 99 end, record) $$;
select test.person(9020, 'guarded', 4), test.person(9021, 'raised', 4);
insert into cix.protection (
    subject_id, protection_id, member_id, external_id, kind, from_on, document_hash, recorded_at)
values (9020, 1, 1, test.sub(3), 3, '2026-01-01', sha256('x'), now());
delete from cix.finding;
select test.lend(9020, 'guarded', 100, 1);
select is(test.findings(4, 7), 1, 'credit for who asked for none is a finding');
select test.lend(9020, 'guarded', 100, 2);
select is(test.findings(4, 7), 1, 'what lends nothing more is none');
select test.lend(9020, 'guarded', 101, 3);
select is(test.findings(4, 7), 2, 'lending more is one');
select test.lend(9021, 'raised', 100, 1);
select is(test.findings(4, 5), 0, 'a small loan is none');
select test.lend(9021, 'raised', 20000001, 2);
select is(test.findings(4, 5), 1, 'made larger than a cap it is one');

-- A platform's finding ends by the report that puts it right, not by one that avoids it.
create function test.report(fact bigint, record bigint, member int, side int, custodian int, action int = 0)
returns int language sql as $$
    insert into cix.fund_report (subject_id, fact_id, record_id, platform_id, period, side, currency,
        custodian_id, custody_account, own_funds_account, segregation)
    values (4, fact, record, 4, 24300, side, 'CNY', custodian, '', '', 1);
    select cix.fact_findings(member, test.sub(1), now(), '{}', array[row(1, 1, 0, 12, sha256('k'), sha256('c'), fact,
        record, 4, null, null, null, jsonb_build_object('period', 24300, 'currency', 'CNY', 'side', side,
            'custodian_id', custodian), null, '', action, 0, null, null, null, null)::cix.fact_item], '{}');
    select count(*)::int from cix.finding where member_id = 4 and kind in (1, 4) and state = 1 $$;
delete from cix.finding;
select is(test.report(70, 1, 5, 2, 5), 0, 'nothing is found yet');
select cix.finding_put(now(), test.sub(1), '{4,4}', '{1,1}', '{1,4}', '{U001,U004}', '{4,4}', '{70,70}',
    '{24300,24300}', '{CNY,CNY}', '{1,1}', '{2,2}', 5);
select is(test.report(71, 2, 1, 2, 1), 2, 'who is not the custodian ends nothing');
select is(test.report(72, 3, 4, 1, 1), 2, 'nor does naming another custodian');
select is(test.report(70, 4, 5, 2, 5, 2), 2, 'nor taking the report back');
select is(test.report(72, 5, 4, 1, 5), 1, 'the other side of the same two ends the difference');
select is(test.report(70, 6, 5, 2, 5), 0, 'and the report in its place the shortfall');

-- Disputes: one member leaves room for the others.
create function test.dispute(member int, n int) returns int language sql as $$
    select outcome::int from cix.annotation_put(member, test.sub(n), nextval('test.id'), sha256('plain2'),
        sha256('nplain2'), 1::smallint, 0, null, 0, 1::smallint, 101::smallint, 'x', 1::smallint,
        sha256('x'), '2026-12-01', sha256('x'), now(), sha256('cert'), sha256('salt'), 50::smallint) $$;
select test.person(9030, 'plain2', 1), test.person(9030, 'plain2', 2);
select is((select array_agg(distinct test.dispute(1, n)) from generate_series(100, 119) n), '{0}',
    'twenty disputes by one member are taken');
select is(test.dispute(1, 120), 4, 'the next is not');
select is(test.dispute(2, 121), 0, 'and one by another is');

-- A status that was taken back keeps nobody's accounts out.
insert into cix.subject_version (
    subject_id, record_id, member_id, submission_id, kind, segment, sex, region, industry, recorded_at, status)
values (9030, 1, 2, test.sub(1), 1, 0, 0, '', '', now(), 2);
update cix.subject set status = 2 where subject_id = 9030;
select cix.subject_settle(9030);
select is((select status from cix.subject where subject_id = 9030), 2::smallint, 'who is said to be dead is');
insert into cix.subject_version (subject_id, record_id, member_id, submission_id, kind, segment, sex, region,
    industry, recorded_at, status, is_deleted)
values (9030, 2, 2, test.sub(1), 1, 0, 0, '', '', now(), 2, true);
select cix.subject_settle(9030);
select is((select status from cix.subject where subject_id = 9030), 1::smallint,
    'until whoever said so takes it back');

-- However many persons of one name and birth date a member makes, another's record is compared with a hundred.
insert into cix.subject_likeness select sha256('like'), 10000 + n, 1, now() from generate_series(1, 200) as n;
insert into cix.subject_name (subject_id, name_index, member_id, record_id, sealed_name, recorded_at)
values (10100, sha256('x'), 2, 1, 'x', now()), (10101, sha256('y'), 5, 1, 'x', now());
create function test.doubts(member int, id bigint) returns text[] language sql as $$
    select array_agg(rule) from cix.subject_doubts(member, test.sub(1), 1, now(), '{0}', array[id], array[id], array[id],
        '{null}', array[sha256('like')], '{1}', array[sha256('who')]) $$;
select is(test.doubts(2, 20001), '{S017}', 'the hundredth is seen');
select is(test.doubts(5, 20002), null, 'the next is not');

-- Nobody buys an account of a member that does not exist.
select is(cix.account_held(1, array[sha256('bought')], array[sha256('plain2')], '{2026-01-01}',
    array[null]::bytea[], array[null]::int[], array[sha256('sold')]), '{A018}',
    'an account of no member is not taken over');
select is(cix.account_held(1, array[sha256('new')], array[sha256('plain2')], '{2026-01-01}',
    array[null]::bytea[], array[null]::int[], array[null]::bytea[]), '{null}', 'a new one is no such');

-- A member that lists its own findings walks through nobody else's.
insert into cix.finding (subject_id, finding_id, kind, rule, member_id, currency, state, recorded_at)
select n, n, 7, '', 2, '', 1, now() from generate_series(20000, 39999) as n;
insert into cix.finding (subject_id, finding_id, kind, rule, member_id, currency, state, recorded_at)
select 1, n, k, '', 1, '', 1 + n % 2, now() from generate_series(50001, 50002) as n, unnest('{1,21,28}'::int[]) as k;
create function test.looked_at() returns bigint language sql as $$
    select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_xact_user_tables
    where schemaname = 'cix' and relname = 'finding' $$;
create function test.own(with_closed boolean, behind bigint = 0, kind int = 0) returns text language sql as $$
    select string_agg(finding_id || ':' || kind, ' ') from cix.finding_list(1, 0::smallint, 0, with_closed, behind,
        kind::smallint, 3, now(), nextval('test.id'), 82::smallint, sha256('cert'), sha256('salt')) $$;
create temp table looked as select test.looked_at() as rows;
select is(test.own(true), '50001:21 50001:28 50002:21', 'a page of what is about a member''s own limits');
select is(test.own(true, 50002, 21), '50002:28', 'the page behind it');
select is(test.own(false), '50002:21 50002:28', 'and what is open');
select cmp_ok(test.looked_at() - rows, '<', 100::bigint, 'looks at its own rows alone') from looked;

-- A document that is refused takes whom it alone named with it; who answers for an account by then stays.
select test.person(9030, 'document', 4), test.person(9031, 'guarantor', 4);
insert into cix.liability values (9031, 1, 9020, now());
select cix.fact_documents_forget('{9030,9031}');
select is(array(select subject_id from cix.subject where subject_id in (9030, 9031)), '{9031}',
    'a subject that answers for an account is not forgotten');
select ok(test.found('guarantor') and not test.found('document'), 'and is found');

select * from finish();
rollback;
