#include "harness/language/glob.h"

#include <stddef.h>
#include <string.h>

bool rota_glob_match(const char *glob, const char *path)
{
    const char *star = NULL;
    const char *back = NULL;

    if (strcmp(glob, "*") == 0)
        return true;
    while (*path != '\0') {
        if (*glob == '*') {
            star = ++glob;
            back = path;
        } else if (*glob == *path) {
            glob++;
            path++;
        } else if (star != NULL && *back != '/') {
            glob = star;
            path = ++back;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}
