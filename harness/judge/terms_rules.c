#include "harness/judge/terms_rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    ROUNDING_US = 2000,         /* time stamps are whole milliseconds */
    EXPIRY_SLACK_US = 1000000,  /* clocks see an expiry late by the latency of a message */
    TIMEOUT_SLACK_US = 1000000, /* ending an attempt takes some time */
};

/* Whether all clocks are right and all messages are fast in the whole scenario. Otherwise terms are
 * kept only as well as possible. */
static bool clocks_are_right(const struct rota_judge *j)
{
    for (uint32_t i = 0; i < j->s->count; i++) {
        enum rota_script_action_kind kind = j->s->statements[i].action.kind;

        if (kind == ROTA_SCRIPT_SKEW || kind == ROTA_SCRIPT_SLOW)
            return false;
    }
    return true;
}

/* The next of the names, which commas separate; NULL after the last one. */
static const char *next_name(const char *names, char *name, size_t size)
{
    size_t length;

    if (names == NULL || *names == '\0')
        return NULL;
    length = strcspn(names, ",");
    snprintf(name, size, "%.*s", (int)length, names);
    return names + length + (names[length] == ',');
}

/* How many of the tasks that this one depends on are not done. `which` is the last of them. */
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

void rota_terms_rules_began(struct rota_judge *j, uint32_t who, const struct rota_task *t)
{
    rota_time now = rota_world_now(j->w);
    bool first = t->times_assigned == 1 && t->retried_zxid == 0;
    char which[256];

    if (!t->submitted || !clocks_are_right(j))
        return;
    if (now + ROUNDING_US < t->due)
        ROTA_BREAK_TASK(j, TERMS_KEPT, who, t, "%s runs %s %" PRId64 " ms too early",
                        rota_judge_name(j, who), t->name, (t->due - now) / 1000);
    if (first && t->plan.expires > 0 && now > t->created + t->plan.expires + EXPIRY_SLACK_US)
        ROTA_BREAK_TASK(j, TERMS_KEPT, who, t, "%s runs %s, which expired %" PRId64 " ms ago",
                        rota_judge_name(j, who), t->name,
                        (now - t->created - t->plan.expires) / 1000);
    if (first && not_done(j, t, which, sizeof which) > 0)
        ROTA_BREAK_TASK(j, TERMS_KEPT, who, t, "%s runs %s before %s is done",
                        rota_judge_name(j, who), t->name, which);
}

void rota_terms_rules_ended(struct rota_judge *j, uint32_t who, const struct rota_task *t)
{
    rota_time took = rota_world_now(j->w) - t->last_began;

    if (t->last_worker != who || t->plan.timeout == 0 ||
        took <= t->plan.timeout + TIMEOUT_SLACK_US ||
        j->h->processes[who].fault_zxid >= t->last_fence || !clocks_are_right(j))
        return;
    ROTA_BREAK_TASK(j, TERMS_KEPT, who, t,
                    "%s ran %s for %" PRId64 " ms, of at most %" PRId64 " ms",
                    rota_judge_name(j, who), t->name, took / 1000, t->plan.timeout / 1000);
}

void rota_terms_rules_skipped(struct rota_judge *j, uint32_t who, const struct rota_task *t)
{
    char which[256];

    if (t->submitted && t->plan.after != NULL && not_done(j, t, which, sizeof which) == 0)
        ROTA_BREAK_TASK(j, TERMS_KEPT, who, t,
                        "%s skipped %s although all tasks that it depends on are done",
                        rota_judge_name(j, who), t->name);
}
