#include "harness/judge/judge_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend_sim/world/world_servers.h"
#include "model/base/hash.h"

/* ---- breaches ---- */

void rota_judge_involve(struct rota_judge *j, uint32_t who)
{
    struct rota_breach *b = &j->breach;

    if (who == ROTA_NOBODY || b->involved_count == ROTA_INVOLVED_MAX)
        return;
    for (uint32_t i = 0; i < b->involved_count; i++)
        if (b->involved[i] == who)
            return;
    b->involved[b->involved_count++] = who;
}

void rota_judge_break(struct rota_judge *j, enum rota_invariant invariant, uint32_t who,
                      const char *format, ...)
{
    va_list arguments;
    int length;

    if (j->broken || j->s->without[invariant])
        return;
    j->broken = true;
    j->breach.invariant = invariant;
    j->breach.time = rota_world_now(j->w);
    rota_judge_involve(j, who);
    va_start(arguments, format);
    length = vsnprintf(j->breach.text, sizeof j->breach.text, format, arguments);
    va_end(arguments);
    if (who != ROTA_NOBODY && who < j->h->process_count && length > 0 &&
        (size_t)length < sizeof j->breach.text)
        snprintf(j->breach.text + length, sizeof j->breach.text - (size_t)length, "; step %s:%u",
                 rota_judge_name(j, who), j->h->processes[who].steps);
}

/* ---- processes ---- */

const char *rota_judge_name(const struct rota_judge *j, uint32_t who)
{
    return who == ROTA_NOBODY ? "another client" : rota_world_process(j->w, who)->name;
}

bool rota_judge_is(const struct rota_judge *j, uint32_t who, enum rota_part part)
{
    return who != ROTA_NOBODY && rota_process_is(rota_world_process(j->w, who), part);
}

/* Workers are w1, w2, ..., and follow the masters. */
uint32_t rota_judge_worker(const struct rota_judge *j, const char *name)
{
    const struct rota_cluster *c = &j->s->cluster;
    unsigned long number = name[0] == 'w' ? strtoul(name + 1, NULL, 10) : 0;
    uint32_t who;

    if (number == 0 || number > c->workers)
        return ROTA_NOBODY;
    who = c->masters + (uint32_t)number - 1;
    return strcmp(rota_world_process(j->w, who)->name, name) == 0 ? who : ROTA_NOBODY;
}

/* ---- the tree ---- */

const struct rota_tree *rota_judge_tree(const struct rota_judge *j)
{
    return rota_server_tree(rota_world_server(j->w));
}

uint64_t rota_judge_hash_data(struct rota_bytes data)
{
    return rota_hash_bytes(data.data, data.length > 0 ? (size_t)data.length : 0);
}

uint64_t rota_judge_hash_result(struct rota_bytes status)
{
    const char *text = status.data;
    size_t length = status.length > 0 ? (size_t)status.length : 0;
    size_t line = 0;

    while (line < length && text[line] != '\n')
        line++;
    line += line < length;
    return rota_hash_bytes(length == 0 ? NULL : text + line, length - line);
}

/* ---- tasks ---- */

struct rota_task *rota_judge_task(struct rota_judge *j, const char *name)
{
    uint32_t task = rota_history_task(j->h, name); /* may move h->tasks, so it comes first */

    return &j->h->tasks[task];
}

uint32_t rota_judge_losses(const struct rota_judge *j, const struct rota_task *t)
{
    return t->plan.losses > 0 ? t->plan.losses : j->s->cluster.losses;
}

bool rota_judge_is_final(const char *state)
{
    static const char *const states[] = {"done",      "failed",  "dead",
                                         "cancelled", "expired", "skipped"};

    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(state, states[i]) == 0)
            return true;
    return false;
}

bool rota_judge_timed_out(const struct rota_task *t)
{
    return t->plan.timeout > 0 && t->last_ended - t->last_began >= t->plan.timeout;
}

bool rota_judge_ended_fatally(const struct rota_task *t)
{
    return t->last_worker != ROTA_NOBODY && t->last_ended > 0 &&
           t->last_ending == ROTA_ENDING_FAILURE && !rota_judge_timed_out(t) &&
           (t->plan.fatal[t->last_exit / 8] & 1u << t->last_exit % 8) != 0;
}
