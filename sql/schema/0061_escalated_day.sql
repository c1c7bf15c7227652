-- A dispute that was answered in the first eight hours of the day after its last one, by the exchange's days (UTC+8), was still in
-- time by those of 0053 (UTC), so the months that are closed lack it; nothing else differs. Disputes whose rows are gone stay
-- as they were counted.

update cix.quality_month as q set escalated = q.escalated + l.missed
from (
    select a.holder_id, extract(year from a.due_on + 1)::int * 12 + extract(month from a.due_on + 1)::int - 1 as period,
        count(*) as missed
    from cix.annotation as a
    where a.kind = 1 and (a.ended_at at time zone 'UTC')::date = a.due_on
        and (a.ended_at at time zone interval '8 hours')::date > a.due_on
    group by 1, 2) as l
where q.member_id = l.holder_id and q.period = l.period;
