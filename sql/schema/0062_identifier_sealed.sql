-- Where an identifier was issued and until when it is valid go under a seal: the days of a document are what people are asked for when
-- they have to prove who they are. What was said of them before that cannot be sealed here, and goes; it comes again with the record.

alter table cix.subject_version
    add column sealed_details bytea;
alter table cix.subject_version alter column sealed_details set storage external; -- sealed bytes do not compress

update cix.subject_version as v
set identifier_details = (
    select jsonb_agg(e.said - array['region', 'from', 'until'] order by e.place)
    from jsonb_array_elements(v.identifier_details) with ordinality as e (said, place))
where v.identifier_details is not null;

comment on column cix.subject_version.identifier_details is
    'By identifier (head: lookup_head) verification and whether the member goes by it; null: nothing is said of any.';
comment on column cix.subject_version.sealed_details is
    'Days of validity and region of issue, a line each of identifier_details, sealed as one text; null: nothing is said of any.';
