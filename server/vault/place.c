#include "vault/place.h"

static const struct vault_place places[] = {
    [PLACE_NAME] = {"subject_name", "sealed_name", 0},
    [PLACE_IDENTIFIER] = {"subject_identifier", "sealed_value", 0},
    [PLACE_BIRTH] = {"subject_version", "sealed_birth", 0},
    [PLACE_MOBILES] = {"subject_version", "sealed_mobiles", 0},
    [PLACE_ADDRESS] = {"subject_version", "sealed_address", 0},
    [PLACE_ACCOUNT_NO] = {"account", "sealed_account_no", 0},
    [PLACE_CASE_NO] = {"flag", "sealed_case_no", 0},
    [PLACE_CHUNK] = {"submission_chunk", "sealed_records", 0},
    [PLACE_QUARANTINE] = {"quarantine", "sealed_record", 0},
    [PLACE_ANNOTATION] = {"annotation", "sealed_text", 0},
    [PLACE_ANSWER] = {"annotation", "sealed_answer", 0},
    [PLACE_PHONES] = {"protection", "sealed_phones", 0},
    [PLACE_EXPLANATION] = {"submission", "sealed_explanation", 0},
    [PLACE_ORIGINAL_CREDITOR] = {"account_creditor", "sealed_original_creditor", 0},
    [PLACE_FACT_TEXT] = {"fact", "sealed_text", 0},
    [PLACE_FACT_NOTE] = {"fact", "sealed_note", 0},
    [PLACE_REMOVED_NO] = {"account", "sealed_account_no", 0},
    [PLACE_NOTE] = {"correction", "sealed_note", 0},
    [PLACE_REPLACED_CASE_NO] = {"flag", "sealed_case_no", 0},
    [PLACE_REMOVED_NAME] = {"subject_name", "sealed_name", 0},
    [PLACE_REMOVED_IDENTIFIER] = {"subject_identifier", "sealed_value", 0},
    [PLACE_FLAG_TEXT] = {"flag_detail", "sealed_text", 0},
    [PLACE_IDENTIFIER_TEXT] = {"subject_version", "sealed_details", 0},
};

struct vault_place place_of(enum place place, int64_t record_id)
{
    struct vault_place found;

    CHECK(place >= PLACE_FIRST && place <= PLACE_LAST);
    found = places[place];
    found.record_id = record_id;
    return found;
}

const char *place_table(enum place place)
{
    switch ((int)place) {
    case PLACE_REMOVED_NO:
        return "account_removed";
    case PLACE_REPLACED_CASE_NO:
        return "flag_version";
    case PLACE_REMOVED_NAME:
        return "subject_name_removed";
    case PLACE_REMOVED_IDENTIFIER:
        return "subject_identifier_removed";
    default:
        return place_of(place, 0).table;
    }
}
