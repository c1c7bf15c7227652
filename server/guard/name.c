#include "guard/name.h"

#include <stdbool.h>
#include <string.h>

enum { CODE_MIN = 3, CODE_MAX = 32 };

/* Steps over a text at the front of the rest; false when it is not there. */
static bool skip(const char **rest, size_t *size, const char *text)
{
    size_t text_size = strlen(text);

    if (*size < text_size || memcmp(*rest, text, text_size) != 0)
        return false;
    *rest += text_size;
    *size -= text_size;
    return true;
}

enum guard_reason name_member_code(const char *uri, size_t size, const char *trust_domain,
                                   char code[33])
{
    if (!skip(&uri, &size, "spiffe://") || !skip(&uri, &size, trust_domain) ||
        !skip(&uri, &size, "/member/"))
        return GUARD_NAME_FOREIGN;
    if (size < CODE_MIN || size > CODE_MAX)
        return GUARD_NAME_MALFORMED;
    for (size_t i = 0; i < size; i++) {
        bool is_allowed =
            (uri[i] >= 'a' && uri[i] <= 'z') || (uri[i] >= '0' && uri[i] <= '9') || uri[i] == '-';
        if (!is_allowed)
            return GUARD_NAME_MALFORMED;
    }
    memcpy(code, uri, size);
    code[size] = '\0';
    return GUARD_OK;
}
