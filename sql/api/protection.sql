-- Fraud alerts and freezes: what every answer about a subject shows of them. They are set and lifted in correction.sql.

-- cix.protections: those in force on a day. Hardly anybody has any. subjects: without a repetition.
create or replace function cix.protections(subjects bigint[], today date)
returns table (subject_id bigint, protection_id bigint, kind smallint, from_on date, until_on date,
    sealed_phones bytea, recorded_at timestamptz)
language sql stable
begin atomic
    select p.subject_id, p.protection_id, p.kind, p.from_on, p.until_on, p.sealed_phones, p.recorded_at
      from cix.protection p
     where p.subject_id = any (protections.subjects) and p.ended_at is null
       and p.from_on <= protections.today and coalesce(p.until_on >= protections.today, true);
end;
comment on function cix.protections is 'Fraud alerts and freezes in force. Not granted to anyone.';
