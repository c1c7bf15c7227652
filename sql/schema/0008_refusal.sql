-- Refusals: what was turned away before it reached a queue, counted. Append-only.

create table cix.refusal (
    refusal_id bigint primary key,
    at         timestamptz not null,
    member_id  int not null,
    method     smallint not null,
    reason     text not null check (length(reason) between 1 and 64),
    count      bigint not null check (count > 0)
);

comment on table cix.refusal is
    'Calls refused before the queue: one row a minute for a member, method and reason. Append-only.';
comment on column cix.refusal.refusal_id is 'Id by the application, also of its audit row.';
comment on column cix.refusal.at is 'End of the minute.';
comment on column cix.refusal.member_id is 'Who was refused; 0: no member uses the certificate.';
comment on column cix.refusal.method is 'Audit code of the method.';
comment on column cix.refusal.reason is 'Stable reason of the refusals.';
comment on column cix.refusal.count is 'How many.';
