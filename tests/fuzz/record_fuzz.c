/*
 * Records of the wire of any kind, facts among them: what the rules take, or only remark on, is
 * written as text and JSON, read back, and shown again as a message. The first byte chooses the
 * member's type, the rest is a packed Record.
 */
#include "wire/record.h"

#include <string.h>

#include "message.h"
#include "wire/control.h"
#include "wire/fact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int32_t find_member(const void *members, const char *code)
{
    (void)members;
    return (int32_t)strlen(code);
}

/* The text of a fact that the rules took reads as a fact of the same text. */
static void check_fact(struct arena *arena, const struct fact_kind *kind, const union fact *fact)
{
    const char *text = fact_text(arena, kind, fact, FACT_PART_SEALED);
    union fact again;

    memset(&again, 0, sizeof(again));
    CHECK(fact_read(arena, kind, text, &again));
    CHECK(!strcmp(fact_text(arena, kind, &again, FACT_PART_SEALED), text));
    CHECK(*fact_text(arena, kind, fact, FACT_PART_KEY));
    CHECK(fact_json(arena, kind, fact, find_member, NULL)[0] == '{');
    ProtobufCMessage *message = fact_to_proto(arena, kind, fact);
    size_t packed = protobuf_c_message_get_packed_size(message);
    CHECK(protobuf_c_message_pack(message, arena_alloc(arena, packed + 1)) == packed);
}

static void check_record(struct arena *arena, enum member_type type, const Cix__V1__Record *proto)
{
    const struct member member = {.type = type, .state = MEMBER_STATE_ACTIVE};
    const struct rule_context where = {
        .arena = arena, .today = day_of_civil(2026, 11, 22), .member = &member};
    struct finding findings[FINDING_MAX];
    struct record record;
    int count = 0;

    memset(&record, 0, sizeof(record));
    if (!record_from_proto(proto, &record, findings)) {
        CHECK(findings[0].rule && findings[0].field);
        return;
    }
    count = rule_check(&where, &record, findings, FINDING_MAX);
    CHECK(count >= 0 && count <= FINDING_MAX);
    for (int i = 0; i < count; i++)
        CHECK(rule_find(findings[i].rule->id) == findings[i].rule && *findings[i].field);
    const struct fact_kind *kind = fact_kind_find(record.kind);
    if (kind && rule_is_taken(rule_worst(findings, count)) &&
        record_action(&record) != CORRECTION_ACTION_DELETE)
        check_fact(arena, kind, &record.fact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct control control;
    ProtobufCAllocator allocator;
    Cix__V1__Record *proto;
    struct arena arena;

    if (size == 0)
        return 0;
    arena_init(&arena, 8 << 20);
    allocator = cix_message_allocator(&arena);
    proto = cix__v1__record__unpack(&allocator, size - 1, data + 1);
    if (proto) {
        control = (struct control){.count = 0};
        control_add(&control, proto);
        check_record(&arena, (enum member_type)data[0], proto);
    }
    arena_done(&arena);
    return 0;
}
