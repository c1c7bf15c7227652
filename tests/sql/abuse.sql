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
select cix.subject_drop(1, s) from generate_series(9001, 9006) as s;
select ok(test.found('listed'), 'a listing is found after who knew the person first has gone');
select ok(test.found('sued'), 'so is a public record');
select ok(test.found('frozen'), 'a freeze');
select ok(test.found('disputed'), 'a dispute');
select ok(test.found('own'), 'and what the member did on the person''s behalf');
select ok(not test.found('plain'), 'what nobody else spoke of is gone');

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
select lives_ok($$ select cix.account_findings(4, test.sub(1), now(), array[sha256('rich')], '{1}', '{77}') $$,
    'and a finding, not an error');

select * from finish();
rollback;
