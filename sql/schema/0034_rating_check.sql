-- What the table of ratings can judge by itself, beside 0033: G001 and G004.

alter table cix.rating
    add constraint rating_grade_excluded check ((score is null) = (grade = 'NR')),
    add constraint rating_reasons_differ check (reasons !~ '(^|;)([^:;]+):[0-9]+(;[^;]+)*;\2:');
