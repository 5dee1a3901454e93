#include "harness/judge/retry_rules.h"

#include <inttypes.h>

#include "model/base/hash.h"

enum {
    WINDOW_US = 10000000,
    REFUSALS_MAX = 20, /* of one request, in a window */
    DROPS_MAX = 10,
};

/* Whether it may happen once more. When a window is over, the next one begins. */
static bool may_again(const struct rota_judge *j, struct rota_window *window, uint32_t most)
{
    rota_time now = rota_world_now(j->w);

    if (now > window->since + WINDOW_US) {
        window->since = now;
        window->count = 0;
    }
    return ++window->count <= most;
}

static uint64_t add_operation(uint64_t hash, const struct rota_operation *o)
{
    const uint64_t parts[] = {hash, (uint64_t)o->op,
                              rota_hash_text(o->path == NULL ? "" : o->path)};

    return rota_hash_bytes(parts, sizeof parts);
}

/* A hash of what the request would have done, and where. */
static uint64_t hash_of(const struct rota_request *r)
{
    uint64_t hash = add_operation(0, &r->operation);

    for (uint32_t i = 0; r->operation.op == ROTA_OP_MULTI && i < r->operation_count; i++)
        hash = add_operation(hash, &r->operations[i]);
    return hash;
}

/* The window of this request. The last few that were refused have one. */
static struct rota_window *window_of(struct rota_process_record *record, uint64_t hash)
{
    for (uint32_t i = 0; i < ROTA_WINDOWS; i++)
        if (record->refusals[i].hash == hash)
            return &record->refusals[i];
    record->oldest_refusal = (record->oldest_refusal + 1) % ROTA_WINDOWS;
    record->refusals[record->oldest_refusal] = (struct rota_window){.hash = hash};
    return &record->refusals[record->oldest_refusal];
}

static bool writes(enum rota_op op)
{
    return op == ROTA_OP_CREATE || op == ROTA_OP_DELETE || op == ROTA_OP_SET || op == ROTA_OP_MULTI;
}

void rota_retry_rules_refused(struct rota_judge *j, uint32_t who, const struct rota_request *r,
                              int32_t rc)
{
    uint64_t hash;

    if (rc == 0 || who >= j->h->process_count || !writes(r->operation.op))
        return;
    hash = hash_of(r);
    if (may_again(j, window_of(&j->h->processes[who], hash), REFUSALS_MAX))
        return;
    rota_judge_break(j, ROTA_INVARIANT_BOUNDED_TRIES, who,
                     "%s was refused the same request %u times in %d s: %s of %s (%" PRId32 ")",
                     rota_judge_name(j, who), REFUSALS_MAX + 1, WINDOW_US / 1000000,
                     r->operation.op == ROTA_OP_MULTI ? "a multi" : "a write",
                     r->operation.op == ROTA_OP_MULTI && r->operation_count > 1
                         ? r->operations[1].path
                     : r->operation.op == ROTA_OP_MULTI ? r->operations[0].path
                                                        : r->operation.path,
                     rc);
}

void rota_retry_rules_session_dropped(struct rota_judge *j, uint32_t who)
{
    if (!may_again(j, &j->h->processes[who].dropped_sessions, DROPS_MAX))
        rota_judge_break(j, ROTA_INVARIANT_BOUNDED_TRIES, who,
                         "%s gave up its session %u times in %d s", rota_judge_name(j, who),
                         DROPS_MAX + 1, WINDOW_US / 1000000);
}

/* one-writer: a request of a session that was given up may still arrive, next to those of the new
 * session (PROTOCOL rule 10). */
void rota_retry_rules_connected(struct rota_judge *j, uint32_t who, int64_t session)
{
    struct rota_process_record *record = &j->h->processes[who];
    uint32_t incarnation = rota_world_process(j->w, who)->incarnation;

    if (record->session != 0 && record->session_incarnation == incarnation &&
        !rota_history_session_closed(j->h, record->session))
        rota_judge_break(j, ROTA_INVARIANT_ONE_WRITER, who,
                         "%s began session %" PRId64 " while its session %" PRId64 " lives",
                         rota_judge_name(j, who), session, record->session);
    record->session = session;
    record->session_incarnation = incarnation;
}
