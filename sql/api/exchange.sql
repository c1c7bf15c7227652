-- What the exchange itself is: a test exchange or one of production; and what follows for the states of
-- members. The file runs before those that ask member_serves.

create or replace function cix.registry_is_test() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select is_test from cix.registry;
end;
comment on function cix.registry_is_test is 'Whether this is a test exchange.';

-- cix.member_serves: whether a state permits what ACTIVE does: on a test exchange TESTING does. Not inlined:
--   whoever asks for every element of a batch compares with ACTIVE first.
create or replace function cix.member_serves(state smallint) returns boolean
language sql stable
return state = 4 or state = 3 and (select r.is_test from cix.registry r);
comment on function cix.member_serves is 'Whether a state permits what ACTIVE permits. Not granted to anyone.';

-- Outcomes: 1 done, 2 refused: members have submitted or asked already.
create or replace function cix.registry_declare_test() returns smallint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update cix.registry set version = version + 1;
    if exists (select from cix.submission) or exists (select from cix.inquiry) then
        return 2;
    end if;
    update cix.registry set is_test = true;
    return 1;
end
$$;
comment on function cix.registry_declare_test is
    'Makes an exchange without data a test exchange, for good. Not granted to anyone: the owner calls it.';
