-- Rule D009: what numbers of feeds cost, and that what is kept of a feed is what its gaps say. One transaction.
begin;
create extension pgtap;
select no_plan();

insert into cix.member (member_id, code, name, type, state, roles, data_classes, recorded_at)
values (3, 'court-one', 'Court one', 83, 4, 4, 9, now());

create schema test;
-- Begins a feed and sends every second number up to n, in chunks of a thousand.
create function test.holes(feed text, n int) returns void language sql as $$
    select cix.flag_feeds_full(3, array[feed], '{0}', now());
    select cix.flag_feed_take(3, feed, array(select g::bigint from generate_series(a, least(a + 1998, n), 2) as g), now())
    from generate_series(2, n, 2000) as a $$;
create function test.fill(feed text, n int) returns void language sql as $$
    select cix.flag_feed_take(3, feed, array(select g::bigint from generate_series(a, least(a + 1998, n), 2) as g), now())
    from generate_series(1, n, 2000) as a $$;
create function test.work() returns bigint language sql as $$
    select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_xact_user_tables
    where schemaname = 'cix' and relname in ('flag_feed', 'flag_feed_gap') $$;
create temp table cost (numbers int, rows bigint, ms numeric);
create function test.measure(numbers int, run text) returns void language plpgsql as $$
declare
    rows bigint := test.work();
    began timestamptz := clock_timestamp();
begin
    execute run;
    insert into cost values (numbers, test.work() - rows, extract(epoch from clock_timestamp() - began) * 1000);
end $$;

select test.holes('small', 1000), test.holes('large', 4000);
select is((select (highest, missing, gap_since is not null)::text from cix.flag_feed where source = 'large'), '(4000,2000,t)',
    'every second number is missing');
select test.measure(1000, $$ select test.fill('small', 1000) $$), test.measure(4000, $$ select test.fill('large', 4000) $$);
select diag(format('closing %s gaps: %s rows, %s ms', numbers / 2, rows, round(ms))) from cost;
select is((select (highest, missing, gap_since is null)::text from cix.flag_feed where source = 'large'), '(4000,0,t)',
    'what came closed its gaps');
select is((select count(*)::int from cix.flag_feed_gap), 0, 'none is left');
select cmp_ok(m.rows, '<', f.rows * 6, 'four times the gaps are closed by four times the work')
from cost f join cost m on m.numbers > f.numbers;

-- A feed that is there already takes no room.
select is(array(select n from unnest(cix.flag_feeds_full(3, array(select 'feed-' || n from generate_series(1, 20) as n) || '{large,none}'::text[],
    array(select n::bigint from generate_series(1, 20) as n) || array[5, null]::bigint[], now())) as n order by n),
    '{feed-15,feed-16,feed-17,feed-18,feed-19,feed-20}', 'sixteen feeds find room');

select * from finish();
rollback;
