-- What reports and histories show of facts, and of the accounts of others that a subject answers for.

-- cix.fact_row: the plain content of a version, every column; null when it has none.
create or replace function cix.fact_row(kind smallint, subject bigint, fact bigint, record bigint)
returns jsonb language sql stable
begin atomic
    select case fact_row.kind
        when 6 then (select to_jsonb(t) from cix.account_event t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 7 then (select to_jsonb(t) from cix.party t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 8 then (select to_jsonb(t) from cix.public_record t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 9 then (select to_jsonb(t) from cix.fraud_case t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 10 then (select to_jsonb(t) from cix.behaviour t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 11 then (select to_jsonb(t) from cix.statement t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 12 then (select to_jsonb(t) from cix.fund_report t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 13 then (select to_jsonb(t) from cix.collection t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 14 then (select to_jsonb(t) from cix.member_grade t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 15 then (select to_jsonb(t) from cix.grade_map t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 16 then (select to_jsonb(t) from cix.dealer t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        end;
end;
comment on function cix.fact_row is 'Plain content of a version of a fact. Not granted to anyone.';

-- cix.fact_lines: plain fields as lines of name=value, as core/domain/fact.h reads them.
create or replace function cix.fact_lines(content jsonb) returns text
language sql immutable parallel safe
begin atomic
    select string_agg(e.key || '=' || e.value, E'\n')
      from jsonb_each_text(jsonb_strip_nulls(content - '{subject_id, fact_id, record_id}'::text[])) e;
end;
comment on function cix.fact_lines is 'Plain fields of a fact as lines. Not granted to anyone.';

-- cix.fact_master_grade: what a member's grade meant on a day on the master scale; null for nothing.
create or replace function cix.fact_master_grade(member int, origin text, grade text, graded date)
returns text language sql stable
begin atomic
    select m.master_grade
      from cix.grade_map m
      join cix.fact f on f.subject_id = m.subject_id and f.fact_id = m.fact_id
                     and f.record_id = m.record_id
     where m.subject_id = member and m.grade = fact_master_grade.grade
       and f.origin = fact_master_grade.origin
       and graded between m.from_on and coalesce(m.until_on, 'infinity')
       and cix.fact_is_current(m.subject_id, m.fact_id, m.record_id)
     limit 1;
end;
comment on function cix.fact_master_grade is 'A grade on the master scale. Not granted to anyone.';

-- cix.fact_content: the plain fields of a version that a report of today shows; null when it shows
-- none of it. Fraud cases are gone after their last day or when unfounded, months of transactions after two years, and a grade has to be on
-- the master scale: the member's own word is not told.
create or replace function cix.fact_content(
    kind smallint, subject bigint, fact bigint, record bigint, member int, origin text, today date)
returns text language sql stable
begin atomic
    select case fact_content.kind
        when 6 then (select cix.fact_lines(to_jsonb(t)) from cix.account_event t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 7 then (select cix.fact_lines(to_jsonb(t) - 'party_subject_id') from cix.party t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 8 then (select cix.fact_lines(to_jsonb(t)) from cix.public_record t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 9 then (select cix.fact_lines(to_jsonb(t)) from cix.fraud_case t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record)
                and t.expires_on >= today and t.status <> 3)
        when 10 then (select cix.fact_lines(to_jsonb(t)) from cix.behaviour t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record)
                and t.period > (extract(year from today) * 12 + extract(month from today))::int - 26)
        when 11 then (select cix.fact_lines(to_jsonb(t)) from cix.statement t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 13 then (select cix.fact_lines(to_jsonb(t)) from cix.collection t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 14 then (select cix.fact_lines(to_jsonb(t) || jsonb_build_object('grade', g.master_grade))
            from cix.member_grade t
                cross join lateral (
                    select cix.fact_master_grade(member, fact_content.origin, t.grade, t.graded_on)
                        as master_grade) g
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record)
                and g.master_grade is not null)
        end;
end;
comment on function cix.fact_content is 'What a report shows of a version of a fact. Not granted to anyone.';

-- cix.fact_report: the facts of subjects that reports of today show, of the latest hundred of a kind. Adverse
-- ones of persons are gone five years after their end (Z001).
-- record_id: the version that the sealed text came with and is bound to.
create or replace function cix.fact_report(subjects bigint[], today date)
returns table (subject_id bigint, fact_id bigint, record_id bigint, member_id int, kind smallint,
    account_id bigint, sealed_text bytea, recorded_at timestamptz, content text, origin text)
language sql stable
begin atomic
    select n.subject_id, n.fact_id, coalesce(n.text_id, n.record_id), n.member_id, n.kind,
           n.account_id, n.sealed_text, n.recorded_at, c.content, n.origin
      from (select v.*, row_number() over (partition by v.subject_id, v.kind
                       order by v.record_id desc) as place
              from (select distinct on (f.subject_id, f.fact_id) f.*
                      from cix.fact f
                     where f.subject_id = any (subjects)
                     order by f.subject_id, f.fact_id, f.record_id desc) v
             where not v.is_deleted) n
     cross join lateral (
           select cix.fact_content(n.kind, n.subject_id, n.fact_id, n.record_id, n.member_id,
               n.origin, today) as content) c
     where n.place <= 100 and c.content is not null
       and not (cix.is_over(cix.fact_end(n.kind, n.subject_id, n.fact_id, n.record_id), today)
           and exists (select from cix.subject s
                        where s.subject_id = n.subject_id and cix.adverse_covers(s.kind)))
     order by n.subject_id, n.kind, n.record_id desc;
end;
comment on function cix.fact_report is 'Facts that reports show. Not granted to anyone.';

-- cix.fact_liabilities: the accounts of others that subjects answer for, as each party says.
create or replace function cix.fact_liabilities(subjects bigint[])
returns table (subject_id bigint, fact_id bigint, record_id bigint, member_id int,
    owner_subject_id bigint, account_id bigint, recorded_at timestamptz, content text, origin text)
language sql stable
begin atomic
    select l.subject_id, l.fact_id, f.record_id, f.member_id, l.owner_subject_id, f.account_id,
           f.recorded_at, cix.fact_content(f.kind, f.subject_id, f.fact_id, f.record_id, f.member_id,
               f.origin, null), f.origin
      from cix.liability l
     cross join lateral (
           select v.* from cix.fact v
            where v.subject_id = l.owner_subject_id and v.fact_id = l.fact_id
            order by v.record_id desc limit 1) f
     where l.subject_id = any (subjects) and not f.is_deleted
     order by l.subject_id, l.fact_id desc
     limit 100 * cardinality(subjects);
end;
comment on function cix.fact_liabilities is 'Accounts of others that subjects answer for. Not granted to anyone.';
