/*
 * Goal: a lawful change of name comes in: a name that is far from what others call a person is kept
 * aside until the operator dismisses the doubt, and then that name of that identifier is taken, in
 * records of the person, in listings and in documents, whoever is merged or split meanwhile; a name
 * found to be a mistake never is. Whom only a record of the same chunk makes known is compared too.
 * Method: a whole exchange, the built cix for members and cixd for the operator; whom an identifier
 * and a name find is read on the owner's connection.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "support/dossier.h"
#include "support/kept.h"
#include "support/shell.h"

#include "support/cmocka.h"

static struct exchange exchange;
static struct dossier dossier;
static char output[32768];
static const char *printed;
static int sent;

static void add_member(const char *code, enum member_type type)
{
    struct member member = exchange_member_of(code, type);

    member.data_classes = 0xff;
    exchange_member_put(&exchange, &member);
}

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    add_member("bank-one", MEMBER_TYPE_BANK);
    add_member("bank-two", MEMBER_TYPE_BANK);
    add_member("bank-three", MEMBER_TYPE_BANK);
    add_member("court-one", MEMBER_TYPE_COURT);
    exchange_settle();
    dossier_open(&dossier, &exchange);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dossier_close(&dossier);
    exchange_stop(&exchange);
    return 0;
}

__attribute__((format(printf, 1, 2))) static const char *text(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *made = arena_vformat(&dossier.arena, format, args);
    va_end(args);
    return made;
}

__attribute__((format(printf, 1, 2))) static int64_t number(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *sql = arena_vformat(&dossier.arena, format, args);
    va_end(args);
    return dossier_number(&dossier, sql);
}

/* ---- Members ---- */

static const char *uuid_of(int n)
{
    char id[37];

    person_uuid("doubt", n, id);
    return arena_string(&dossier.arena, id);
}

static const struct person *person(int64_t k)
{
    struct person *made = arena_alloc(&dossier.arena, sizeof(*made));

    person_make(k, made);
    return made;
}

/* A person's identifiers, as JSON: the resident number, a passport, or both. */
static const char *resident(int64_t k)
{
    return text("{'type':'RESIDENT_ID','value':'%s'}", person(k)->number);
}

static const char *passport(int64_t k)
{
    return text("{'type':'PASSPORT','value':'E7%07lld'}", (long long)k);
}

static const char *both(int64_t k)
{
    return text("%s,%s", resident(k), passport(k));
}

/* The address makes each file another one: the same is answered by what became of it before. */
static const char *subject(const char *name, const char *identifiers)
{
    return text("{'subject':{'kind':'PERSON','name':'%s','address':'%d','identifiers':[%s]}}", name,
                sent, identifiers);
}

static bool is_taken(const char *member, const char *records)
{
    return shell_submit(&exchange, member, uuid_of(++sent), records, output, sizeof(output)) == 0;
}

static void give(const char *member, const char *records)
{
    if (!is_taken(member, records))
        fail_msg("%s: %s", records, output);
}

static void must_hold(const char *member, const char *records)
{
    if (is_taken(member, records) || !strstr(output, "quarantined 1") ||
        strstr(output, "committed before"))
        fail_msg("%s: %s", records, output);
}

static int cix(const char *member, const char *words)
{
    return shell_cix_as(&exchange, member, words, output, sizeof(output));
}

/* The first record of a member that waits; false: none does. */
static bool first_waiting(const char *member, char place[64])
{
    cix(member, "quarantine list");
    const char *line = strchr(output, '\n');
    return line && sscanf(line + 1, "%63s", place) == 1;
}

static int review(const char *member, const char *what)
{
    char place[64];

    if (!first_waiting(member, place))
        fail_msg("nothing of %s waits", member);
    return cix(member,
               text("quarantine %s --id %s --reason 'as asked' %s", what, uuid_of(++sent), place));
}

static bool is_released(const char *member)
{
    return review(member, "release") == 0;
}

static void discard(const char *member)
{
    if (review(member, "discard") != 0)
        fail_msg("%s", output);
}

static bool is_told_accepted(const char *member)
{
    cix(member, "quarantine list --output json");
    bool is_told = strstr(output, "isNameAccepted") != NULL;
    cix(member, "quarantine list");
    assert_int_equal(strstr(output, "the name was accepted") != NULL, is_told);
    return is_told;
}

static bool is_told_mistake(const char *member)
{
    cix(member, "quarantine list --output json");
    bool is_told = strstr(output, "isNameMistake") != NULL;
    cix(member, "quarantine list");
    assert_int_equal(strstr(output, "to be a mistake") != NULL, is_told);
    return is_told;
}

/* Behind each test: what waits still is not the next one's. */
static int tidy(void **state)
{
    static const char *const members[] = {"bank-one", "bank-two", "bank-three", "court-one"};
    char place[64];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        while (first_waiting(members[i], place))
            discard(members[i]);
    }
    return 0;
}

/* ---- The operator ---- */

static int try_cixd(const char *words)
{
    return kept_cixd(
        &dossier.arena,
        text("%s --database '%s' --data %s", words, exchange.database.uri, exchange.folder),
        &printed);
}

static void cixd(const char *words)
{
    if (try_cixd(words) != 0)
        fail_msg("%s", printed);
}

/* The doubt that came last. */
static int64_t conflict(void)
{
    return number("select max(record_id) from cix.conflict where kind <> 2");
}

static void dismiss(const char *reason)
{
    cixd(text("subject dismiss %lld --reason %s", (long long)conflict(), reason));
    assert_non_null(strstr(printed, "dismissed conflict"));
}

static const char *hex_of(const struct digest *digest)
{
    char hex[2 * DIGEST_SIZE + 1];

    text_to_hex(digest->bytes, DIGEST_SIZE, hex);
    return arena_string(&dossier.arena, hex);
}

static int64_t subject_of(int64_t k)
{
    struct digest lookup = vault_lookup(dossier.vault, 10, person(k)->number);

    return number("select coalesce(home_id, subject_id) from cix.identifier where lookup = '\\x%s'",
                  hex_of(&lookup));
}

/* Whether an identifier and a name find somebody. type: as on the wire. */
static bool is_found_by(int type, const char *value, const char *name)
{
    struct digest lookup = vault_lookup(dossier.vault, type, value);
    struct digest index =
        vault_name_index(dossier.vault, &lookup, text_fold_name(&dossier.arena, name));

    return number("select count(*) from cix.identifier i join cix.subject_name n using (subject_id)"
                  " where i.lookup = '\\x%s' and n.name_index = '\\x%s'",
                  hex_of(&lookup), hex_of(&index)) > 0;
}

static bool is_found(int64_t k, const char *name)
{
    return is_found_by(10, person(k)->number, name);
}

static bool is_found_by_passport(int64_t k, const char *name)
{
    return is_found_by(15, text("E7%07lld", (long long)k), name);
}

static bool is_excluded(int64_t k)
{
    return number("select (facts & 4)::bigint from cix.rating_facts(array[%lld], current_date)",
                  (long long)subject_of(k)) != 0;
}

/* How many doubts about a person the operator's list shows as open. */
static int doubts_of(int64_t k)
{
    const char *mine = text("S016 subject %lld ", (long long)subject_of(k));
    int count = 0;

    cixd("subject conflicts");
    for (const char *line = strstr(printed, mine); line; line = strstr(line + 1, mine))
        count++;
    return count;
}

static void dismiss_first(int64_t k, const char *reason)
{
    cixd(text("subject dismiss %lld --reason %s",
              (long long)number("select min(record_id) from cix.conflict where state = 1"
                                " and subject_id = %lld",
                                (long long)subject_of(k)),
              reason));
}

static void merge(int64_t alias, int64_t survivor)
{
    cixd(text("subject merge %lld %lld --reason register", (long long)subject_of(alias),
              (long long)subject_of(survivor)));
}

static void split(int64_t alias)
{
    cixd(text("subject split %lld", (long long)subject_of(alias)));
}

static void assert_sound(void)
{
    assert_int_equal(number("select count(*) from cix.rebuild_check()"), 0);
    assert_int_equal(number("select count(*) from cix.fsck_reference(10)"), 0);
    assert_int_equal(number("select count(*) from cix.fsck_derived(10)"), 0);
    assert_int_equal(number("select count(*) from cix.fsck_trace(10)"), 0);
}

/* ---- A change of name ---- */

#define NEW_NAME   "诸葛孔明"
#define OTHER_NAME "司马相如"

static void a_name_that_the_operator_accepts_is_taken(void **state)
{
    (void)state;
    give("bank-two", subject(person(1)->name, resident(1)));
    must_hold("bank-one", subject(NEW_NAME, resident(1)));
    assert_false(is_told_accepted("bank-one"));
    assert_false(is_released("bank-one")); /* nobody has said that it is one person */
    assert_false(is_told_accepted("bank-one"));
    assert_true(is_excluded(1));
    dismiss("document");
    assert_false(is_excluded(1));
    assert_true(is_told_accepted("bank-one"));
    assert_false(is_found(1, NEW_NAME));
    assert_true(is_released("bank-one"));
    assert_true(is_found(1, NEW_NAME) && is_found(1, person(1)->name));
    cixd("subject conflicts --all");
    assert_non_null(strstr(printed, ": accepted"));
    /* Whoever gives them again, and nobody who gives another name. */
    give("bank-two", subject(NEW_NAME, resident(1)));
    must_hold("bank-two", subject(OTHER_NAME, resident(1)));
    assert_true(is_excluded(1));
    discard("bank-two");
    assert_sound();
}

/* Not released, but sent again: by another, to whom the name is as far. */
static void a_record_that_is_sent_again_is_taken_too(void **state)
{
    (void)state;
    give("bank-two", subject(person(2)->name, resident(2)));
    must_hold("bank-one", subject(NEW_NAME, resident(2)));
    dismiss("register");
    discard("bank-one");
    give("bank-one", subject(NEW_NAME, resident(2)));
    give("bank-two", subject(NEW_NAME, resident(2)));
    assert_true(is_found(2, NEW_NAME));
    assert_sound();
}

static void a_name_that_is_a_mistake_stays_aside(void **state)
{
    (void)state;
    give("bank-two", subject(person(3)->name, resident(3)));
    must_hold("bank-one", subject(NEW_NAME, resident(3)));
    assert_true(is_excluded(3));
    dismiss("mistake");
    assert_false(is_excluded(3));
    assert_false(is_told_accepted("bank-one"));
    assert_false(is_released("bank-one"));
    assert_false(is_found(3, NEW_NAME));
    /* A mistake of the operator's: accepted after all, and then found to be one again. */
    dismiss("member");
    assert_true(is_told_accepted("bank-one"));
    assert_int_equal(try_cixd(text("subject dismiss %lld --reason order", (long long)conflict())),
                     0);
    assert_non_null(strstr(printed, "dismissed before"));
    dismiss("mistake");
    assert_false(is_told_accepted("bank-one"));
    must_hold("bank-one", subject(NEW_NAME, resident(3)));
    assert_int_equal(try_cixd("subject merge 1 2 --reason mistake"), 1);
    assert_non_null(strstr(printed, "MERGE_REASON"));
    for (int waiting = 0; waiting < 2; waiting++)
        discard("bank-one");
    assert_sound();
}

/* One doubt about a name accepted it, and another about the same name finds that it is a mistake.
 */
static void a_mistake_takes_a_name_back_that_another_doubt_accepted(void **state)
{
    (void)state;
    give("bank-two", subject(person(34)->name, resident(34)));
    must_hold("bank-one", subject(NEW_NAME, resident(34)));
    int64_t first = conflict();
    must_hold("bank-one", subject(NEW_NAME, resident(34)));
    int64_t second = conflict();
    must_hold("bank-one", subject(OTHER_NAME, resident(34)));
    int64_t third = conflict();
    cixd(text("subject dismiss %lld --reason document", (long long)third));
    cixd(text("subject dismiss %lld --reason document", (long long)first));
    assert_true(is_told_accepted("bank-one"));
    cixd(text("subject dismiss %lld --reason mistake", (long long)second));
    must_hold("bank-one", subject(NEW_NAME, resident(34)));
    give("bank-one", subject(OTHER_NAME, resident(34)));
    for (int waiting = 0; waiting < 4; waiting++)
        discard("bank-one");
    assert_sound();
}

/* Who sent the name, and how often, is one to the operator; a subject is rated when none is left.
 */
static void accepting_a_name_ends_all_doubts_about_it(void **state)
{
    (void)state;
    give("bank-one", subject(person(41)->name, resident(41)));
    must_hold("bank-two", subject(NEW_NAME, resident(41)));
    must_hold("bank-three", subject(NEW_NAME, resident(41)));
    must_hold("bank-three", subject(OTHER_NAME, resident(41)));
    int64_t other = conflict();
    assert_int_equal(doubts_of(41), 3);
    cixd(text("subject dismiss %lld --reason mistake", (long long)other));
    dismiss_first(41, "register");
    assert_int_equal(doubts_of(41), 0);
    assert_false(is_excluded(41));
    give("bank-two", subject(NEW_NAME, resident(41)));
    assert_true(is_released("bank-three"));
    assert_false(is_excluded(41));
    assert_sound();
    /* By another identifier: the name stands in a record, and is one of the subject's. */
    give("bank-one", subject(person(42)->name, both(42)));
    must_hold("bank-two", subject(NEW_NAME, both(42)));
    must_hold("bank-three", subject(NEW_NAME, passport(42)));
    assert_int_equal(doubts_of(42), 2);
    dismiss_first(42, "register");
    give("bank-two", subject(NEW_NAME, both(42)));
    assert_int_equal(doubts_of(42), 0);
    assert_false(is_excluded(42));
    assert_sound();
}

static void a_record_keeps_one_doubt_however_often_it_comes(void **state)
{
    (void)state;
    give("bank-two", subject(person(43)->name, resident(43)));
    must_hold("bank-one", subject(NEW_NAME, resident(43)));
    assert_false(is_released("bank-one"));
    assert_non_null(strstr(output, " waits now as "));
    must_hold("bank-one", subject(NEW_NAME, resident(43)));
    assert_int_equal(doubts_of(43), 1);
    discard("bank-one");
    assert_true(is_excluded(43)); /* one copy waits still */
    assert_false(is_released("bank-one"));
    assert_int_equal(doubts_of(43), 1);
    dismiss_first(43, "mistake");
    for (int again = 0; again < 2; again++) {
        assert_false(is_released("bank-one"));
        assert_int_equal(doubts_of(43), 0);
        assert_false(is_excluded(43));
        assert_true(is_told_mistake("bank-one"));
    }
    must_hold("bank-one", subject(NEW_NAME, resident(43)));
    assert_int_equal(doubts_of(43), 0);
    assert_false(is_excluded(43));
    /* Another who gives the name is heard. */
    must_hold("bank-three", subject(NEW_NAME, resident(43)));
    assert_int_equal(doubts_of(43), 1);
    assert_true(is_excluded(43));
    dismiss("document");
    assert_false(is_told_mistake("bank-one"));
    assert_true(is_told_accepted("bank-one"));
    assert_sound();
}

static void a_vain_release_says_where_the_record_is(void **state)
{
    char before[64], now[64];

    (void)state;
    give("bank-two", subject(person(44)->name, resident(44)));
    must_hold("bank-one", subject(NEW_NAME, resident(44)));
    assert_true(first_waiting("bank-one", before));
    assert_false(is_released("bank-one"));
    const char *said = strstr(output, "waits now as ");
    assert_non_null(said);
    assert_int_equal(sscanf(said, "waits now as %63s", now), 1);
    assert_int_not_equal(cix("bank-one", text("quarantine discard --reason old %s", before)), 0);
    assert_non_null(strstr(output, text("%.36s", now))); /* by the review that took it */
    assert_int_equal(cix("bank-one", text("quarantine discard --reason new %s", now)), 0);
}

/* One name is one name, with however many of the person's identifiers it comes. */
static void a_name_is_accepted_with_all_identifiers_of_a_record(void **state)
{
    (void)state;
    give("bank-two", subject(person(4)->name, both(4)));
    must_hold("bank-one", subject(NEW_NAME, both(4)));
    dismiss("document");
    assert_true(is_released("bank-one"));
    /* Of another identifier alone it was never said. */
    give("bank-two", subject(person(5)->name, both(5)));
    must_hold("bank-one", subject("WANG XIAO", resident(5)));
    dismiss("document");
    assert_true(is_released("bank-one"));
    must_hold("bank-one", subject(OTHER_NAME, passport(5)));
    discard("bank-one");
    assert_sound();
}

static const char *two(const char *first, const char *second)
{
    return text("%s\n%s", first, second);
}

static const char *flag(int64_t k, const char *name)
{
    return text(
        "{'flag':{'flagId':'%s','identifier':%s,'name':'%s','caseNo':'(2025)粤0305执%lld号',"
        "'court':'某法院','region':'440300','filedOn':20250101,'publishedOn':20250201,"
        "'ground':1,'performance':1,'grade':1,'status':'LISTED','restrictions':[1,2]}}",
        uuid_of(5000 + (int)k), resident(k), name, (long long)k);
}

static const char *document(int64_t k, const char *name)
{
    return text(
        "{'publicRecord':{'recordNo':'D-%lld','identifier':%s,'name':'%s','type':2,"
        "'authority':'某法院','caseNo':'(2025)粤0305执%lld号','decidedOn':20250201,'status':1}}",
        (long long)k, resident(k), name, (long long)k);
}

static void a_court_may_name_whom_the_operator_accepted(void **state)
{
    (void)state;
    give("bank-two", subject(person(6)->name, resident(6)));
    must_hold("bank-one", subject(NEW_NAME, resident(6)));
    must_hold("court-one", flag(6, NEW_NAME));
    discard("court-one");
    must_hold("court-one", document(6, NEW_NAME));
    discard("court-one");
    dismiss("order");
    give("court-one", two(flag(6, NEW_NAME), document(6, NEW_NAME)));
    must_hold("court-one", document(6, OTHER_NAME));
    assert_true(is_released("bank-one"));
    if (cix("bank-two",
            text("flag --operator desk --id %s --name %s", person(6)->number, NEW_NAME)) != 0)
        fail_msg("%s", output);
    assert_non_null(strstr(output, "listed"));
    assert_null(strstr(output, "not listed"));
    assert_sound();
}

/* A court vouches for what it decided, not for whose identifier it is. */
static void what_a_court_says_under_another_name_is_the_operators(void **state)
{
    (void)state;
    give("bank-two", subject(person(45)->name, resident(45)));
    must_hold("court-one", flag(45, NEW_NAME));
    assert_int_equal(doubts_of(45), 1);
    assert_false(is_excluded(45)); /* by what nobody has shown to be about the person */
    assert_false(is_released("court-one"));
    must_hold("court-one", document(45, NEW_NAME));
    assert_int_equal(doubts_of(45), 1);
    dismiss_first(45, "mistake");
    assert_true(is_told_mistake("court-one"));
    assert_false(is_released("court-one"));
    assert_int_equal(doubts_of(45), 0);
    assert_false(is_found(45, NEW_NAME));
    dismiss("order"); /* a paper was found */
    assert_true(is_told_accepted("court-one"));
    while (first_waiting("court-one", (char[64]){0}))
        assert_true(is_released("court-one"));
    assert_true(is_found(45, NEW_NAME));
    if (cix("bank-two",
            text("flag --operator desk --id %s --name %s", person(45)->number, NEW_NAME)) != 0)
        fail_msg("%s", output);
    assert_null(strstr(output, "not listed"));
    /* A document alone brings its name, too. */
    give("bank-two", subject(person(46)->name, resident(46)));
    must_hold("court-one", document(46, NEW_NAME));
    dismiss_first(46, "document");
    assert_true(is_released("court-one"));
    assert_true(is_found(46, NEW_NAME));
    assert_sound();
}

/* A doubt is that of the identifier's home, under whomever it stands. */
static void what_was_accepted_holds_through_a_merge_and_a_split(void **state)
{
    (void)state;
    for (int64_t k = 11; k <= 14; k++)
        give("bank-two", subject(person(k)->name, resident(k)));
    must_hold("bank-one", subject(NEW_NAME, resident(11)));
    dismiss("document");
    merge(11, 12);
    assert_true(is_told_accepted("bank-one"));
    assert_true(is_released("bank-one"));
    assert_true(is_found(11, NEW_NAME));
    assert_sound();
    split(11);
    assert_true(is_found(11, NEW_NAME));
    assert_sound();
    /* Accepted while they are one, and taken when they are two. */
    merge(13, 14);
    must_hold("bank-one", subject(NEW_NAME, resident(13)));
    assert_true(is_excluded(14));
    dismiss("document");
    assert_false(is_excluded(14));
    split(13);
    assert_true(is_told_accepted("bank-one"));
    assert_true(is_released("bank-one"));
    assert_true(is_found(13, NEW_NAME));
    must_hold("bank-one", subject(NEW_NAME, resident(14)));
    discard("bank-one");
    assert_sound();
}

/* An identifier that went to another person takes no name with it. */
static void what_was_accepted_is_of_one_subject(void **state)
{
    (void)state;
    give("bank-two", subject(person(15)->name, resident(15)));
    must_hold("bank-one", subject(NEW_NAME, resident(15)));
    dismiss("document");
    discard("bank-one");
    give("bank-two", text("{'subject':{'kind':'PERSON','name':'%s','identifiers':[%s]},"
                          "'correction':{'action':'DELETE','reason':'OWN_ERROR'}}",
                          person(15)->name, resident(15)));
    give("bank-two", subject(OTHER_NAME, resident(15)));
    must_hold("bank-one", subject(NEW_NAME, resident(15)));
    discard("bank-one");
}

/* Five years after it was dismissed, or was doubted, the name is forgotten. */
static void a_name_is_purged_in_the_end(void **state)
{
    static const char purge[] = "with turn as (select cix.purge_names(array[%lld], (current_date + "
                                "interval '%s')::date, false))"
                                " select count(*) from turn";

    (void)state;
    give("bank-two", subject(person(16)->name, resident(16)));
    must_hold("bank-one", subject(NEW_NAME, resident(16)));
    dismiss("document");
    long long id = subject_of(16);
    number(purge, id, "4 years");
    assert_int_equal(number("select count(*) from cix.conflict where subject_id = %lld"
                            " and name_index is not null",
                            id),
                     1);
    number(purge, id, "5 years 2 days");
    assert_int_equal(number("select count(*) from cix.conflict where subject_id = %lld"
                            " and name_index is not null",
                            id),
                     0);
    assert_false(is_told_accepted("bank-one"));
    discard("bank-one");
}

/* ---- Known by another record of the chunk ---- */

static void whom_a_record_of_the_chunk_makes_known_is_compared(void **state)
{
    (void)state;
    give("bank-two", subject(person(21)->name, resident(21)));
    must_hold("bank-one",
              two(subject(person(21)->name, both(21)), subject(NEW_NAME, passport(21))));
    assert_false(is_found_by_passport(21, NEW_NAME));
    assert_true(is_excluded(21));
    dismiss("document");
    assert_true(is_released("bank-one"));
    assert_true(is_found_by_passport(21, NEW_NAME));
    /* A near one, and one in another script, are taken. */
    give("bank-two", subject("WANG XIAOMING", resident(22)));
    give("bank-one",
         two(subject("WANG XIAOMING", both(22)), subject("WANG XIAOMIN", passport(22))));
    give("bank-two", subject(person(23)->name, resident(23)));
    give("bank-one", two(subject(person(23)->name, both(23)), subject("LI SI", passport(23))));
    /* Nobody else knows the person: nothing to compare with. */
    give("bank-one", two(subject(person(24)->name, both(24)), subject(NEW_NAME, passport(24))));
    assert_sound();
}

/* What joins the identifier is kept aside itself: so is whoever has its name by that identifier. */
static void what_is_held_with_its_name_is_held_whole(void **state)
{
    (void)state;
    give("bank-two", subject(person(25)->name, resident(25)));
    assert_false(
        is_taken("bank-one", two(subject(NEW_NAME, both(25)), subject(NEW_NAME, passport(25)))));
    assert_non_null(strstr(output, "quarantined 2"));
    assert_int_equal(number("select count(*) from cix.conflict where subject_id = %lld",
                            (long long)subject_of(25)),
                     1);
    dismiss("document");
    assert_true(is_told_accepted("bank-one"));
    for (int waiting = 0; waiting < 2; waiting++)
        assert_true(is_released("bank-one"));
    assert_true(is_found(25, NEW_NAME));
    assert_sound();
    /* Accepted before: both pass in one chunk. */
    give("bank-two", subject(person(26)->name, resident(26)));
    must_hold("bank-one", subject(NEW_NAME, both(26)));
    dismiss("document");
    discard("bank-one");
    give("bank-one", two(subject(NEW_NAME, both(26)), subject(NEW_NAME, passport(26))));
    assert_true(is_found(26, NEW_NAME));
    assert_sound();
}

#define TEST(name) cmocka_unit_test_teardown(name, tidy)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_name_that_the_operator_accepts_is_taken),
        TEST(a_record_that_is_sent_again_is_taken_too),
        TEST(a_name_that_is_a_mistake_stays_aside),
        TEST(a_mistake_takes_a_name_back_that_another_doubt_accepted),
        TEST(accepting_a_name_ends_all_doubts_about_it),
        TEST(a_record_keeps_one_doubt_however_often_it_comes),
        TEST(a_vain_release_says_where_the_record_is),
        TEST(a_name_is_accepted_with_all_identifiers_of_a_record),
        TEST(a_court_may_name_whom_the_operator_accepted),
        TEST(what_a_court_says_under_another_name_is_the_operators),
        TEST(what_was_accepted_holds_through_a_merge_and_a_split),
        TEST(what_was_accepted_is_of_one_subject),
        TEST(a_name_is_purged_in_the_end),
        TEST(whom_a_record_of_the_chunk_makes_known_is_compared),
        TEST(what_is_held_with_its_name_is_held_whole),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
