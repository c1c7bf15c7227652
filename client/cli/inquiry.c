#include "cli/inquiry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "cli/questions.h"
#include "json.h"

/* A consent in full, as JSON. */
static bool read_consent(struct ctx *ctx, const char *path, Cix__V1__Consent **consent)
{
    char *data = arena_alloc(ctx->arena, CIX_JSON_MAX + 1);
    FILE *file = fopen(path, "re");
    ProtobufCMessage *message;

    if (!file)
        return fail(ctx, ERR_INVALID, "FILE", "--consent: neither a UUID nor a file: %s",
                    strerror(errno));
    struct cix_json_text text = {.data = data, .size = fread(data, 1, CIX_JSON_MAX + 1, file)};
    fclose(file);
    if (!cix_json_read(ctx, &text, &cix__v1__consent__descriptor, &message))
        return false;
    *consent = (Cix__V1__Consent *)message;
    return true;
}

static bool add_consent(struct online *online, Cix__V1__ReportInquiry *inquiry)
{
    const char *given = cli_value(online->args, "consent");
    struct uuid id;

    if (!given)
        return true;
    if (!uuid_parse(given, &id))
        return read_consent(&online->ctx, given, &inquiry->consent);
    inquiry->consent_id = (char *)given;
    return true;
}

bool inquiry_from_args(struct online *online, Cix__V1__ReportInquiry *inquiry,
                       struct subject_key *key)
{
    const char *purpose = cli_value(online->args, "purpose");
    int number;

    if (!subject_from_args(&online->ctx, online->args, key) ||
        !online_enum(&online->ctx, &cix__v1__purpose__descriptor, "purpose", purpose ? purpose : "",
                     &number) ||
        !add_consent(online, inquiry))
        return false;
    inquiry->identifier = &key->identifier;
    inquiry->name = key->name;
    inquiry->purpose = (Cix__V1__Purpose)number;
    inquiry->operator_id = questions_operator(online);
    return true;
}
