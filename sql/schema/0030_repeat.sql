-- The same question again within ten minutes leaves one footprint (I007).

alter table cix.inquiry
    add column repeats_id bigint;

comment on column cix.inquiry.repeats_id is
    'The inquiry that this one asks again within ten minutes, whose footprint stands for both (I007); null: none.';
