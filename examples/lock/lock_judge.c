#include "examples/lock/lock_judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend_sim/world/world.h"
#include "model/base/assert.h"

enum { PROCESSES_MAX = 64 };

/* A process, as the judge knows it. */
struct lock_party {
    int64_t written;      /* the last fence that it wrote */
    int64_t announced;    /* the last fence under which it said that it holds the lock */
    bool holding;         /* and it has not said otherwise since */
    bool working;         /* its work goes on */
    rota_time work_began; /* the last one */
    bool excused;         /* another client has deleted its candidate */
    char candidate[300];  /* path */
};

/* The state of the judge. */
struct lock_judge_state {
    int64_t fence; /* in PATH/fence */
    struct lock_party parties[PROCESSES_MAX];
};

static void breaks(struct rota_protocol_breach *breach, const char *invariant, const char *format,
                   ...) __attribute__((format(printf, 3, 4)));

static void breaks(struct rota_protocol_breach *breach, const char *invariant, const char *format,
                   ...)
{
    va_list arguments;

    if (breach->invariant != NULL)
        return;
    breach->invariant = invariant;
    va_start(arguments, format);
    vsnprintf(breach->text, sizeof breach->text, format, arguments);
    va_end(arguments);
}

static struct lock_party *party_of(struct lock_judge_state *judge, uint32_t who)
{
    rota_assert(who < PROCESSES_MAX);
    return &judge->parties[who];
}

static const char *name_of(const struct rota_world *w, uint32_t who)
{
    return who == ROTA_NOBODY ? "a server" : w->processes[who]->name;
}

static bool is_process(const struct rota_world *w, uint32_t who)
{
    return who != ROTA_NOBODY && rota_process_has_driver(w->processes[who]);
}

/* ---- what was committed ---- */

static bool ends_with(const char *path, const char *end)
{
    size_t length = strlen(path);

    return length >= strlen(end) && strcmp(path + length - strlen(end), end) == 0;
}

/* The number behind `key`, 0 if there is none. */
static int64_t number_in(struct rota_bytes data, const char *key)
{
    char text[128];
    size_t length = data.length > 0 ? (size_t)data.length : 0;

    length = length < sizeof text - 1 ? length : sizeof text - 1;
    memcpy(text, length > 0 ? data.data : "", length);
    text[length] = '\0';
    return strncmp(text, key, strlen(key)) == 0 ? strtoll(text + strlen(key), NULL, 10) : 0;
}

static void fence_written(struct lock_judge_state *judge, const struct rota_world *w, uint32_t who,
                          struct rota_bytes data, struct rota_protocol_breach *breach)
{
    int64_t fence = number_in(data, "");

    if (fence <= judge->fence)
        breaks(breach, "fence-order", "%s writes the fence %" PRId64 " after %" PRId64,
               name_of(w, who), fence, judge->fence);
    judge->fence = fence;
    if (!is_process(w, who))
        return;
    party_of(judge, who)->written = fence;
    party_of(judge, who)->excused = false;
}

static void store_written(const struct lock_judge_state *judge, const struct rota_world *w,
                          uint32_t who, struct rota_bytes data, struct rota_protocol_breach *breach)
{
    int64_t fence = number_in(data, "fence=");

    if (fence != judge->fence)
        breaks(breach, "stale-write",
               "%s writes to the store under the fence %" PRId64 "; the newest is %" PRId64,
               name_of(w, who), fence, judge->fence);
}

/* A candidate that another client deletes may have had the lock: its holder learns it too late. */
static void candidate_deleted(struct lock_judge_state *judge, uint32_t who, const char *path)
{
    for (uint32_t i = 0; i < PROCESSES_MAX; i++)
        if (i != who && strcmp(judge->parties[i].candidate, path) == 0)
            judge->parties[i].excused = true;
}

static void committed(void *state, const struct rota_world *w, uint32_t who,
                      const struct rota_commit *commit, struct rota_protocol_breach *breach)
{
    struct lock_judge_state *judge = state;

    for (uint32_t i = 0; i < commit->change_count; i++) {
        const struct rota_change *change = &commit->changes[i];

        if (change->op == ROTA_OP_SET && ends_with(change->path, "/fence"))
            fence_written(judge, w, who, change->data, breach);
        else if (change->op == ROTA_OP_SET && ends_with(change->path, "/store"))
            store_written(judge, w, who, change->data, breach);
        else if (change->op == ROTA_OP_CREATE && change->owner != 0 && is_process(w, who))
            snprintf(party_of(judge, who)->candidate, sizeof party_of(judge, who)->candidate, "%s",
                     change->path);
        else if (change->op == ROTA_OP_DELETE && commit->kind == ROTA_COMMIT_WRITE)
            candidate_deleted(judge, who, change->path);
    }
}

/* ---- what processes did ---- */

static void announced(struct lock_judge_state *judge, const struct rota_world *w, uint32_t who,
                      int64_t fence, struct rota_protocol_breach *breach)
{
    struct lock_party *party = party_of(judge, who);

    if (fence != party->written)
        breaks(breach, "one-holder",
               "%s holds the lock under the fence %" PRId64
               ", and the last that it wrote is %" PRId64,
               name_of(w, who), fence, party->written);
    if (fence <= party->announced)
        breaks(breach, "one-holder", "%s holds the lock under the fence %" PRId64 " a second time",
               name_of(w, who), fence);
    party->announced = fence;
    party->holding = true;
}

static bool clocks_are_right(const struct rota_world *w)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (w->processes[i]->client.clock.skew_percent != 0)
            return false;
    return true;
}

/* Whether the work of this process may go on although another process has the lock by now. */
static bool is_excused(const struct lock_party *party, const struct rota_world *w, uint32_t who)
{
    const struct rota_process *p = w->processes[who];

    return party->excused || p->work_paused || !clocks_are_right(w) ||
           (p->expired_at > 0 &&
            p->expired_at + (rota_time)w->config.session_ms * 1000 >= party->work_began);
}

static void work_began(struct lock_judge_state *judge, const struct rota_world *w, uint32_t who,
                       struct rota_protocol_breach *breach)
{
    for (uint32_t i = 0; i < PROCESSES_MAX; i++) {
        const struct lock_party *other = &judge->parties[i];

        if (i != who && other->working && !is_excused(other, w, i))
            breaks(breach, "one-holder",
                   "the work of %s begins under the fence %" PRId64
                   " while that of %s goes on under %" PRId64,
                   name_of(w, who), party_of(judge, who)->announced, name_of(w, i),
                   other->announced);
    }
    party_of(judge, who)->working = true;
    party_of(judge, who)->work_began = rota_world_now(w);
}

static void acted(void *state, const struct rota_world *w, uint32_t who,
                  const struct rota_action *action, struct rota_protocol_breach *breach)
{
    struct lock_judge_state *judge = state;

    if (action->kind == ROTA_ACTION_RUN) {
        work_began(judge, w, who, breach);
        return;
    }
    if (action->kind != ROTA_ACTION_NOTE)
        return;
    switch (action->note.kind) {
    case ROTA_NOTE_ELECTED:
        announced(judge, w, who, action->note.a, breach);
        break;
    case ROTA_NOTE_STARTED:
    case ROTA_NOTE_DEPOSED:
    case ROTA_NOTE_HANDOVER:
        party_of(judge, who)->holding = false;
        break;
    default:
        break;
    }
}

static void ended(void *state, const struct rota_world *w, uint32_t who,
                  const struct rota_work *work, struct rota_protocol_breach *breach)
{
    (void)w;
    (void)work;
    (void)breach;
    party_of(state, who)->working = false;
}

/* ---- progress ---- */

static bool is_well(const struct rota_process *p)
{
    return rota_process_has_driver(p) && p->state == ROTA_PROCESS_RUNNING && !p->paused &&
           !p->client.blocked && p->client.side == 0;
}

static void awaited(const void *state, const struct rota_world *w,
                    struct rota_protocol_breach *breach)
{
    const struct lock_judge_state *judge = state;
    bool any = false;

    for (uint32_t i = 0; i < w->count; i++) {
        if (!is_well(w->processes[i]))
            continue;
        any = true;
        if (judge->parties[i].holding && judge->parties[i].announced == judge->fence)
            return;
    }
    if (any)
        breaks(breach, "progress", "processes wait for the lock, and none of them takes it");
}

const struct rota_protocol_judge lock_judge = {
    .state_size = sizeof(struct lock_judge_state),
    .committed = committed,
    .acted = acted,
    .ended = ended,
    .awaited = awaited,
};
