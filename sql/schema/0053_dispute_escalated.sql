-- Disputes that nobody answered by their last day (rule T005): they follow from that day and the answer's, and are counted by
-- whose record it is and the month in which the day after came.

create index annotation_due on cix.annotation (holder_id, due_on) where due_on is not null;
create index annotation_unanswered on cix.annotation (due_on) where due_on is not null and ended_at is null;

alter table cix.quality_month
    add column escalated bigint;

comment on column cix.quality_month.escalated is
    'Disputes on its records whose last day to answer passed in the month without an answer, whether or not one came later.';

update cix.quality_month as q set escalated = (
    select count(*) from cix.annotation as a
    where a.holder_id = q.member_id and a.kind = 1
        and (extract(year from a.due_on + 1) * 12 + extract(month from a.due_on + 1))::int - 1 = q.period
        and coalesce((a.ended_at at time zone 'UTC')::date > a.due_on, true));
