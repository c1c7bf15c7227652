-- Findings: what the exchange noticed about members' business, for the regulators.

-- cix.finding_put: findings, one an element; the same finding again changes nothing.
--   subjects: whom it is about; for a finding about a member, the member's id.
--   finding_ids: of the record that each came from. kinds: numbers as in the table's comment.
create or replace function cix.finding_put(
    at timestamptz, submission uuid, subjects bigint[], finding_ids bigint[], kinds smallint[],
    rules text[], member_ids int[], fact_ids bigint[], periods int[], currencies text[],
    measures bigint[], bounds bigint[])
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    insert into cix.finding (
        subject_id, finding_id, kind, rule, member_id, fact_id, submission_id, period, currency,
        measured, bound, state, recorded_at)
    select g.subject_id, g.finding_id, g.kind, g.rule, g.member_id, g.fact_id, submission, g.period,
        g.currency, g.measured, g.bound, 1, at
    from unnest(subjects, finding_ids, kinds, rules, member_ids, fact_ids, periods, currencies,
        measures, bounds)
        as g (subject_id, finding_id, kind, rule, member_id, fact_id, period, currency, measured,
            bound)
    order by g.subject_id, g.finding_id, g.kind
    on conflict do nothing;
end;
comment on function cix.finding_put is 'Stores findings. Not granted to anyone.';
