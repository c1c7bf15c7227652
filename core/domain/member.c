#include "domain/member.h"

#include <string.h>

static bool is_code_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool member_code_is_valid(const char *code)
{
    size_t size = strlen(code);

    if (size < MEMBER_CODE_MIN || size > MEMBER_CODE_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        if (!is_code_character(code[i]))
            return false;
    return code[0] != '-' && code[size - 1] != '-';
}

bool member_code14_is_valid(const char *code14)
{
    return code14[0] >= 'A' && code14[0] <= 'Z' && strlen(code14) == MEMBER_CODE14_SIZE &&
           strspn(code14 + 1, "0123456789") == MEMBER_CODE14_SIZE - 1;
}

bool member_is_admitted(const struct member *member)
{
    return member->state == MEMBER_STATE_ACTIVE || member->state == MEMBER_STATE_RESTRICTED ||
           member->state == MEMBER_STATE_TESTING;
}

bool member_may_contribute(const struct member *member)
{
    return member->state == MEMBER_STATE_ACTIVE || member->state == MEMBER_STATE_RESTRICTED;
}

bool member_may_inquire(const struct member *member)
{
    return member->state == MEMBER_STATE_ACTIVE;
}

bool member_has_roles(const struct member *member, uint32_t roles)
{
    return (member->roles & roles) == roles;
}

bool member_has_any_role(const struct member *member, uint32_t roles)
{
    return (member->roles & roles) != 0;
}

bool member_has_data_classes(const struct member *member, uint32_t data_classes)
{
    return (member->data_classes & data_classes) == data_classes;
}

bool member_may_purpose(const struct member *member, enum purpose purpose)
{
    unsigned bit = (unsigned)purpose;

    return bit <= PURPOSE_MAX && code_find(&code_purposes, (int)bit) &&
           (member->purposes[bit / 64] >> bit % 64 & 1);
}

void member_grant_purpose(struct member *member, enum purpose purpose)
{
    unsigned bit = (unsigned)purpose;

    if (bit <= PURPOSE_MAX)
        member->purposes[bit / 64] |= UINT64_C(1) << bit % 64;
}

static bool is_one_of(enum purpose purpose, const enum purpose *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == purpose)
            return true;
    return false;
}

bool purpose_needs_consent(enum purpose purpose)
{
    static const enum purpose list[] = {
        PURPOSE_LOAN_APPROVAL,      PURPOSE_CARD_APPROVAL,    PURPOSE_GUARANTEE,
        PURPOSE_PRE_GUARANTEE,      PURPOSE_EXECUTIVE_CHECK,  PURPOSE_CUSTOMER_ACCESS,
        PURPOSE_FINANCING_APPROVAL, PURPOSE_CREDITWORTHINESS, PURPOSE_LIMIT_APPROVAL,
        PURPOSE_QUALIFICATION_EXAM,
    };

    return is_one_of(purpose, list, sizeof(list) / sizeof(list[0]));
}

bool purpose_needs_account(enum purpose purpose)
{
    static const enum purpose list[] = {PURPOSE_POST_LOAN, PURPOSE_POST_GUARANTEE,
                                        PURPOSE_PORTFOLIO_MONITOR};

    return is_one_of(purpose, list, sizeof(list) / sizeof(list[0]));
}
