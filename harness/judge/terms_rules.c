/* terms-kept: what a submit asked for is kept, however often the task is placed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/judge/judge_rules.h"

enum {
    ROUNDING_US = 2000,    /* time stamps are whole milliseconds */
    TOO_LATE_US = 1000000, /* an expiry is seen by clocks that are behind by a message's way */
    TOO_LONG_US = 1000000, /* the end of an attempt takes its time */
};

/* Whether all clocks go as they should, from the first to the last, and messages take no longer
 * than they do: else what is asked for is kept as well as can be. */
static bool clocks_are_right(const struct rota_judge *j)
{
    for (uint32_t i = 0; i < j->s->count; i++) {
        enum rota_script_action_kind kind = j->s->statements[i].action.kind;

        if (kind == ROTA_SCRIPT_SKEW || kind == ROTA_SCRIPT_SLOW)
            return false;
    }
    return true;
}

/* The next of the names with commas between; NULL behind the last. */
static const char *next_name(const char *names, char *name, size_t size)
{
    size_t length;

    if (names == NULL || *names == '\0')
        return NULL;
    length = strcspn(names, ",");
    snprintf(name, size, "%.*s", (int)length, names);
    return names + length + (names[length] == ',');
}

/* How many of the tasks it comes after have not been done, of those that are known; `which` is the
 * last of them. */
static uint32_t not_done(const struct rota_judge *j, const struct rota_task *t, char *which,
                         size_t size)
{
    const char *names = t->plan.after;
    uint32_t count = 0;
    char name[256];

    while ((names = next_name(names, name, sizeof name)) != NULL) {
        uint32_t other = rota_history_find(j->h, name);

        if (other != ROTA_NO_TASK && strcmp(j->h->tasks[other].status, "done") == 0)
            continue;
        snprintf(which, size, "%s", name);
        count++;
    }
    return count;
}

void rota_judge_terms_began(struct rota_judge *j, uint32_t who, const struct rota_task *t)
{
    rota_time now = rota_world_now(j->w);
    bool first = t->placements == 1 && t->sent_back == 0;
    char which[256];

    if (!t->wanted || !clocks_are_right(j))
        return;
    if (now + ROUNDING_US < t->due)
        ROTA_BREAK_TASK(j, TERMS_KEPT, who, t, "%s runs %s %" PRId64 " ms before its time",
                        rota_judge_name(j, who), t->name, (t->due - now) / 1000);
    if (first && t->plan.expires > 0 && now > t->created + t->plan.expires + TOO_LATE_US)
        ROTA_BREAK_TASK(j, TERMS_KEPT, who, t, "%s runs %s, which has expired %" PRId64 " ms ago",
                        rota_judge_name(j, who), t->name,
                        (now - t->created - t->plan.expires) / 1000);
    if (first && not_done(j, t, which, sizeof which) > 0)
        ROTA_BREAK_TASK(j, TERMS_KEPT, who, t, "%s runs %s before %s is done",
                        rota_judge_name(j, who), t->name, which);
}

void rota_judge_terms_ended(struct rota_judge *j, uint32_t who, const struct rota_task *t)
{
    rota_time took = rota_world_now(j->w) - t->last_began;

    if (t->last_who != who || t->plan.timeout == 0 || took <= t->plan.timeout + TOO_LONG_US ||
        j->h->parties[who].misfortune >= t->last_fence || !clocks_are_right(j))
        return;
    ROTA_BREAK_TASK(j, TERMS_KEPT, who, t,
                    "%s ran %s for %" PRId64 " ms, of at most %" PRId64 " ms",
                    rota_judge_name(j, who), t->name, took / 1000, t->plan.timeout / 1000);
}

void rota_judge_terms_skipped(struct rota_judge *j, uint32_t who, const struct rota_task *t)
{
    char which[256];

    if (t->wanted && t->plan.after != NULL && not_done(j, t, which, sizeof which) == 0)
        ROTA_BREAK_TASK(j, TERMS_KEPT, who, t, "%s skipped %s, and all it comes after was done",
                        rota_judge_name(j, who), t->name);
}
