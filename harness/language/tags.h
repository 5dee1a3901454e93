/* Tags of workers and tasks, as texts with commas between the tags. */
#ifndef ROTA_HARNESS_LANGUAGE_TAGS_H
#define ROTA_HARNESS_LANGUAGE_TAGS_H

#include <stdbool.h>

/* Whether `tags` contains every tag of `wanted`. NULL is the empty list. */
bool rota_tags_hold(const char *tags, const char *wanted);

#endif
