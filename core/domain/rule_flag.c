#include "domain/rule_check.h"

static const int64_t SEQ_MAX = INT64_C(1000000000000000);

enum {
    COURT_LENGTH_MAX = 80,
    BASIS_NO_MAX = 64,
    DUTY_MAX = 2000,
    TERM_MAX = 600,
    TERM_MONTHS = 24,
    EXTENDED_MONTHS_MIN = 36,
    EXTENDED_MONTHS = 60,
    ADULT_YEARS = 18,
    GRADE_MAX = 3,
};

/* Rule D001: grounds 2 to 6 end after two years, or one to three years later in serious cases. */
static void check_term(struct verdict *verdict, const struct flag_record *flag, bool has_published)
{
    bool has_expires = verdict_day(verdict, &flag->expires_on, true, "expires_on");

    verdict_claim(verdict, code_find(&code_flag_grounds, flag->ground) != NULL, "D001", "ground");
    if (flag->ground >= 2 && flag->ground <= 6)
        verdict_claim(verdict, flag->expires_on.is_present, "D001", "expires_on");
    if (!has_expires || !has_published)
        return;
    /* Whether the last day counts is read in both ways. */
    struct day term = day_add_months(flag->published_on.day, TERM_MONTHS);
    struct day earliest = day_add(day_add_months(flag->published_on.day, EXTENDED_MONTHS_MIN), -1);
    struct day latest = day_add_months(flag->published_on.day, EXTENDED_MONTHS);
    int32_t expires = flag->expires_on.day.number;
    bool is_in_term = (expires >= term.number - 1 && expires <= term.number) ||
                      (expires >= earliest.number && expires <= latest.number);
    bool is_free = flag->ground == 1 && expires >= flag->published_on.day.number;
    verdict_claim(verdict, is_in_term || is_free, "D001", "expires_on");
}

/* Rule D012: a term is that from publication to the end, whether or not the last day counts. */
static void check_term_months(struct verdict *verdict, const struct flag_record *flag,
                              bool has_published)
{
    const struct count_field *term = &flag->term_months;

    if (!term->is_present)
        return;
    if (term->value < 1 || term->value > TERM_MAX) {
        verdict_add(verdict, "E005", "term_months");
        return;
    }
    if (!flag->expires_on.is_present)
        verdict_add(verdict, "D012", NULL);
    if (!flag->expires_on.is_real || !has_published)
        return;
    int32_t ends = day_add_months(flag->published_on.day, term->value).number;
    int32_t expires = flag->expires_on.day.number;
    verdict_claim(verdict, expires == ends || expires == ends - 1, "D012", NULL);
}

/* Rules D013 and D014: what was performed and what was not go with how much was. */
static void check_duty(struct verdict *verdict, const struct flag_record *flag)
{
    verdict_text(verdict, flag->basis_no, BASIS_NO_MAX, true, "basis_no");
    verdict_text(verdict, flag->basis_unit, COURT_LENGTH_MAX, true, "basis_unit");
    verdict_free_text(verdict, flag->duty_text, DUTY_MAX, true, "duty_text");
    verdict_free_text(verdict, flag->performed_part, DUTY_MAX, true, "performed_part");
    verdict_free_text(verdict, flag->unperformed_part, DUTY_MAX, true, "unperformed_part");
    if (flag->performance == FLAG_PERFORMANCE_FULL)
        verdict_claim(verdict, !*flag->unperformed_part, "D013", NULL);
    if (flag->performance == FLAG_PERFORMANCE_NONE)
        verdict_claim(verdict, !*flag->performed_part, "D014", NULL);
}

/* Rules D002 and D005. Gives whether published_on may be compared. */
static bool check_publication(struct verdict *verdict, const struct flag_record *flag)
{
    bool has_filed = verdict_day(verdict, &flag->filed_on, false, "filed_on");
    bool has_published = verdict_day(verdict, &flag->published_on, false, "published_on");
    const struct identifier *who = &flag->identifier.identifier;

    if (!has_published)
        return false;
    struct day published = flag->published_on.day;
    verdict_claim(verdict, published.number <= verdict->where->today.number, "D002", NULL);
    if (has_filed)
        verdict_claim(verdict, published.number >= flag->filed_on.day.number, "D002", NULL);
    if (flag->identifier.is_read && who->has_birth)
        verdict_claim(verdict, day_years_between(who->born_on, published) >= ADULT_YEARS, "D005",
                      NULL);
    return true;
}

static bool is_open_status(enum flag_status status)
{
    return status == FLAG_STATUS_LISTED || status == FLAG_STATUS_GRACE ||
           status == FLAG_STATUS_SUSPENDED;
}

static void check_codes(struct verdict *verdict, const struct flag_record *flag)
{
    verdict_code(verdict, &code_flag_performances, flag->performance, false, "performance");
    verdict_claim(verdict, flag->grade >= 0 && flag->grade <= GRADE_MAX, "E001", "grade");
    verdict_claim(verdict, is_open_status(flag->status), "D003", NULL);
    if (flag->performance == FLAG_PERFORMANCE_FULL)
        verdict_claim(verdict, flag->status != FLAG_STATUS_LISTED, "D007", NULL);
    for (int i = 0; i < flag->restriction_count; i++)
        verdict_code(verdict, &code_flag_restrictions, flag->restrictions[i], false,
                     "restrictions");
}

/* Rule D008: what a masked identifier hides, no name makes up for. */
static void check_identifier(struct verdict *verdict, struct flag_record *flag)
{
    struct identifier_field *field = &flag->identifier;

    flag->is_masked = identifier_is_masked(verdict->where->arena, field->type, field->given);
    if (flag->is_masked)
        verdict_add(verdict, "D008", "identifier.value");
    else
        verdict_identifier(verdict, field, "identifier.value");
}

/* A feed and its number come together; their order is for the store (D009). */
static void check_source(struct verdict *verdict, const struct flag_record *flag)
{
    const struct money_field *seq = &flag->source_seq;

    verdict_member_code(verdict, flag->source, "source");
    if (seq->is_present)
        verdict_claim(verdict, *flag->source, "E004", "source");
    if (*flag->source)
        verdict_claim(verdict, seq->is_present, "E004", "source_seq");
    if (seq->is_present)
        verdict_claim(verdict, seq->minor >= 1 && seq->minor <= SEQ_MAX, "E005", "source_seq");
}

void rule_check_flag_key(struct verdict *verdict, const struct flag_record *flag)
{
    verdict_public_source(verdict);
    verdict_uuid(verdict, flag->flag_id, "flag_id");
    check_source(verdict, flag);
}

void rule_check_flag(struct verdict *verdict, struct flag_record *flag)
{
    rule_check_flag_key(verdict, flag);
    check_identifier(verdict, flag);
    verdict_name(verdict, flag->name, &flag->name_folded);
    flag->case_no_folded = "";
    verdict_claim(verdict,
                  identifier_read_case_no(verdict->where->arena, flag->case_no,
                                          verdict->where->today, &flag->case_no_folded),
                  "P001", NULL);
    verdict_text(verdict, flag->court, COURT_LENGTH_MAX, false, "court");
    verdict_region(verdict, flag->region, &flag->filed_on);
    bool has_published = check_publication(verdict, flag);
    check_term(verdict, flag, has_published);
    check_term_months(verdict, flag, has_published);
    check_codes(verdict, flag);
    check_duty(verdict, flag);
}
