#include "cli/subject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1024 };

/* One line without its end; NULL at the end of the file. */
static char *read_line(struct arena *arena, FILE *file)
{
    char line[LINE_MAX_BYTES];

    if (!fgets(line, sizeof(line), file))
        return NULL;
    line[strcspn(line, "\r\n")] = '\0';
    return arena_string(arena, line);
}

static bool from_file(struct ctx *ctx, const char *path, struct subject_key *key)
{
    FILE *file = fopen(path, "re");

    if (!file)
        return fail(ctx, ERR_INVALID, "FILE", "%s: %s", path, strerror(errno));
    key->identifier.value = read_line(ctx->arena, file);
    key->name = read_line(ctx->arena, file);
    fclose(file);
    if (!key->identifier.value)
        return fail(ctx, ERR_INVALID, "FILE", "%s is empty", path);
    return true;
}

static char *from_option(struct ctx *ctx, const char *value)
{
    if (!value || strcmp(value, "-") != 0)
        return arena_string(ctx->arena, value);
    return read_line(ctx->arena, stdin);
}

bool subject_from_args(struct ctx *ctx, const struct cli_args *args, struct subject_key *key)
{
    const char *type = cli_value(args, "id-type");
    const char *path = cli_value(args, "id-file");
    struct subject_key read = {.identifier = CIX__V1__IDENTIFIER__INIT};
    int number;

    if (!online_enum(ctx, &cix__v1__identifier_type__descriptor, "id-type",
                     type ? type : "RESIDENT_ID", &number))
        return false;
    read.identifier.type = (Cix__V1__IdentifierType)number;
    if (path && cli_value(args, "id"))
        return fail(ctx, ERR_INVALID, "USAGE", "--id and --id-file exclude each other");
    if (path && !from_file(ctx, path, &read))
        return false;
    if (!path)
        read.identifier.value = from_option(ctx, cli_value(args, "id"));
    if (cli_value(args, "name"))
        read.name = from_option(ctx, cli_value(args, "name"));
    if (!read.identifier.value || !read.name)
        return fail(ctx, ERR_INVALID, "USAGE",
                    "an identifier (--id or --id-file) and --name are needed");
    *key = read;
    return true;
}
