-- Who sent the record that a finding came from: of a platform's funds it may be the custodian.

alter table cix.finding add column reporter_id int references cix.member;
comment on column cix.finding.reporter_id is 'The member that sent the record that it came from; null of kinds 8, 9 and 21 to 28.';

update cix.finding as f set reporter_id = o.member_id
from cix.fact as o
where f.kind between 1 and 4 and o.subject_id = f.subject_id and o.fact_id = f.fact_id and o.record_id = f.finding_id;
update cix.finding as f set reporter_id = v.member_id
from cix.account_version as v
where f.kind between 5 and 7 and v.subject_id = f.subject_id and v.record_id = f.finding_id;
-- Refused (U002): nothing was kept but the submission; the platform itself sent it.
update cix.finding as f set reporter_id = f.member_id where f.kind = 2 and f.reporter_id is null;
