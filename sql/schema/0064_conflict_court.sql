-- A listing or document of a court that S016 keeps aside is in doubt like a record of a subject.

alter table cix.conflict
    alter column distance drop not null,
    drop constraint conflict_check,
    add constraint conflict_name check (name_index is null or octet_length(name_index) = 32 and kind in (1, 3));

comment on column cix.conflict.kind is
    '1 an identifier came with a name far from the known ones (S016); 2 one name and birth date under two primary identifiers (S017); 3 a listing or document with another name than the known ones (S016).';
comment on column cix.conflict.distance is
    'Distance of the names, 0 the same letters to 1000 nothing in common; null: of kind 3, whose names were not compared.';
