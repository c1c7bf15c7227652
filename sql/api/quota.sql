-- Daily quotas: what each server took, told to the others and to itself after a restart.

-- cix.quota_note: what one server took on a day; the number of a member only grows, so that what is told again
--   counts once. Answers what is known of that day: here at that server, elsewhere at all others.
create or replace function cix.quota_note(node int, day date, members int[], tokens bigint[])
returns table (member_id int, here bigint, elsewhere bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    insert into cix.quota_spent as q (member_id, day, node, tokens)
    select u.member_id, quota_note.day, quota_note.node, u.tokens
    from unnest(quota_note.members, quota_note.tokens) as u (member_id, tokens)
    order by u.member_id
    on conflict (member_id, day, node) do update set tokens = excluded.tokens
    where q.tokens < excluded.tokens;
    delete from cix.quota_spent as q where q.day < quota_note.day - 1;
    return query
    select q.member_id, coalesce(sum(q.tokens) filter (where q.node = quota_note.node), 0)::bigint,
        coalesce(sum(q.tokens) filter (where q.node <> quota_note.node), 0)::bigint
    from cix.quota_spent as q
    where q.day = quota_note.day
    group by q.member_id;
end;
$$;
comment on function cix.quota_note is 'Notes what members spent of daily quotas. Granted to cix_admin.';
