-- Approval inquiries that no account followed (I008): found by the month in which they were made.

create index inquiry_at on cix.inquiry using brin (at);

comment on column cix.finding.kind is '1 fund shortfall 2 client money not kept apart 3 guarantee fund short 4 platform and custodian differ 5 limit on one platform passed 6 limit over all platforms passed 7 new credit of a restricted subject 8 representative listed for the case of the organisation 9 approval inquiries not followed by accounts; 21 to 28 a limit that the member set itself is passed, numbers as in code list member_attribute.';
comment on column cix.finding.submission_id is 'The submission that it came with; null of kinds 9 and 21 to 28.';
comment on column cix.finding.measured is 'What was found: minor units, of shares (kinds 9 and 21 to 27) basis points; null when it is no amount.';
