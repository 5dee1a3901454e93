/* Patterns of znode paths. */
#ifndef ROTA_HARNESS_LANGUAGE_GLOB_H
#define ROTA_HARNESS_LANGUAGE_GLOB_H

#include <stdbool.h>

/* Whether `glob` matches the whole path. `*` matches any text without `/`; alone it matches every
 * path. */
bool rota_glob_match(const char *glob, const char *path);

#endif
