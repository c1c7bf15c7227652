-- An account's latest month is told in full by reports: what its ring does not hold is kept with it.

comment on column cix.account.latest_amounts is
    'What the latest month told beyond its ring, null when nothing: bill, unbilled instalments, overdue 31-60, 61-90, 91-180 and over 180 days, overdraft over 180, latest payment, pay ratio in basis points, provision, recovered, written off, overdue principal, overdue terms, used limit, day of the latest payment, collection stage, day reported, day classified, day settled. Days count from 1970-01-01.';

update cix.account as a
set latest_amounts = (
    select case when num_nonnulls(d.bill_amount, d.unbilled_instalments, d.overdue_31_60,
            d.overdue_61_90, d.overdue_91_180, d.overdue_over_180, d.overdraft_over_180,
            d.last_paid_amount, d.pay_ratio_bps, d.provision_amount, d.recovered_amount,
            d.written_off_amount, d.overdue_principal, d.overdue_terms, d.used_limit, d.paid_on,
            nullif(d.collection_stage, 0), d.reported_on, d.classified_on, d.settled_on) > 0
        then array[d.bill_amount, d.unbilled_instalments, d.overdue_31_60, d.overdue_61_90,
            d.overdue_91_180, d.overdue_over_180, d.overdraft_over_180, d.last_paid_amount,
            d.pay_ratio_bps, d.provision_amount, d.recovered_amount, d.written_off_amount,
            d.overdue_principal, d.overdue_terms, d.used_limit, d.paid_on - date '1970-01-01',
            nullif(d.collection_stage, 0), d.reported_on - date '1970-01-01',
            d.classified_on - date '1970-01-01', d.settled_on - date '1970-01-01'] end
    from cix.performance_delta as d
    where d.subject_id = a.subject_id and d.account_id = a.account_id and d.period = a.last_period
    order by d.delta_id desc
    limit 1)
where a.last_period is not null;
