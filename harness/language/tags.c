#include "harness/language/tags.h"

#include <stddef.h>
#include <string.h>

/* Whether a tag of `length` bytes is one of `tags`. */
static bool has_tag(const char *tags, const char *tag, size_t length)
{
    while (strcspn(tags, ",") != length || memcmp(tags, tag, length) != 0) {
        tags += strcspn(tags, ",");
        if (*tags++ == '\0')
            return false;
    }
    return true;
}

bool rota_tags_hold(const char *tags, const char *wanted)
{
    while (wanted != NULL) {
        size_t length = strcspn(wanted, ",");

        if (!has_tag(tags == NULL ? "" : tags, wanted, length))
            return false;
        wanted = wanted[length] == '\0' ? NULL : wanted + length + 1;
    }
    return true;
}
