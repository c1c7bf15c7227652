-- Findings about listings for one case (kind 8) have an id each: several shared that of the record that they
-- came with, so that two of their persons could not be merged, and a page of findings could end between them.

with shared as (
    select s.subject_id, s.finding_id, row_number() over (order by s.finding_id, s.subject_id) as n
    from (select f.subject_id, f.finding_id,
            row_number() over (partition by f.finding_id order by f.subject_id) as place
        from cix.finding as f
        where f.kind = 8) as s
    where s.place > 1
), renamed as (
    update cix.finding as f
    set finding_id = ((extract(epoch from now() - timestamptz '2020-01-01 00:00:00+00') * 1000)::bigint << 22) + s.n
    from shared as s
    where f.subject_id = s.subject_id and f.finding_id = s.finding_id and f.kind = 8
    returning f.subject_id, s.finding_id as old_id, f.finding_id as new_id
)
insert into cix.subject_moved (subject_id, row_id)
select m.subject_id, r.new_id
from renamed as r
    join cix.subject as a on a.alias_of = r.subject_id
    join cix.subject_moved as m on m.subject_id = a.subject_id and m.row_id = r.old_id;

comment on column cix.finding.finding_id is 'Time-ordered. Id of the record that it came from; of kinds 8, 9 and 21 to 28 its own.';
