/* bounded-tries: what was refused is not asked for again and again, and no session is given up
 * again and again; and a session is
 * acted in only when the one before it has ended. */
#include <inttypes.h>

#include "harness/judge/judge_rules.h"

enum {
    WINDOW_US = 10000000,
    REFUSALS_MOST = 20, /* of one request, in a window */
    DOUBTS_MOST = 10,
};

/* Whether there may be one more; the window begins anew when it is over. */
static bool may_again(const struct rota_judge *j, struct rota_tally *tally, uint32_t most)
{
    rota_time now = rota_world_now(j->w);

    if (now > tally->since + WINDOW_US) {
        tally->since = now;
        tally->count = 0;
    }
    return ++tally->count <= most;
}

static uint64_t mix(uint64_t hash, const struct rota_operation *o)
{
    const char *path = o->path == NULL ? "" : o->path;
    size_t length = 0;

    while (path[length] != '\0')
        length++;
    return (hash ^ (uint64_t)o->op) * UINT64_C(1099511628211) ^ rota_judge_hash(path, length);
}

/* What the request would have done, and where. */
static uint64_t hash_of(const struct rota_request *r)
{
    uint64_t hash = mix(0, &r->operation);

    for (uint32_t i = 0; r->operation.op == ROTA_OP_MULTI && i < r->operation_count; i++)
        hash = mix(hash, &r->operations[i]);
    return hash;
}

/* The tally of this request: the last few that were refused have one. */
static struct rota_tally *tally_of(struct rota_party *party, uint64_t hash)
{
    for (uint32_t i = 0; i < ROTA_TALLIES; i++) {
        if (party->refusals[i].hash == hash)
            return &party->refusals[i];
    }
    party->oldest = (party->oldest + 1) % ROTA_TALLIES;
    party->refusals[party->oldest] = (struct rota_tally){.hash = hash};
    return &party->refusals[party->oldest];
}

static bool writes(enum rota_op op)
{
    return op == ROTA_OP_CREATE || op == ROTA_OP_DELETE || op == ROTA_OP_SET || op == ROTA_OP_MULTI;
}

void rota_judge_refused(struct rota_judge *j, uint32_t who, const struct rota_request *r,
                        int32_t rc)
{
    uint64_t hash;

    if (rc == 0 || who >= j->h->party_count || !writes(r->operation.op))
        return;
    hash = hash_of(r);
    if (may_again(j, tally_of(&j->h->parties[who], hash), REFUSALS_MOST))
        return;
    rota_judge_break(j, ROTA_INVARIANT_BOUNDED_TRIES, who,
                     "%s was refused the same request %u times in %d s: %s of %s (%" PRId32 ")",
                     rota_judge_name(j, who), REFUSALS_MOST + 1, WINDOW_US / 1000000,
                     r->operation.op == ROTA_OP_MULTI ? "a multi" : "a write",
                     r->operation.op == ROTA_OP_MULTI && r->operation_count > 1
                         ? r->operations[1].path
                     : r->operation.op == ROTA_OP_MULTI ? r->operations[0].path
                                                        : r->operation.path,
                     rc);
}

void rota_judge_doubted(struct rota_judge *j, uint32_t who)
{
    if (!may_again(j, &j->h->parties[who].doubts, DOUBTS_MOST))
        rota_judge_break(j, ROTA_INVARIANT_BOUNDED_TRIES, who,
                         "%s gave up its session %u times in %d s", rota_judge_name(j, who),
                         DOUBTS_MOST + 1, WINDOW_US / 1000000);
}

/* Rule 10: what a session that was given up still has under way could land beside the new one's. */
void rota_judge_connected(struct rota_judge *j, uint32_t who, int64_t session)
{
    struct rota_party *party = &j->h->parties[who];
    uint32_t incarnation = rota_world_process(j->w, who)->incarnation;

    if (party->session != 0 && party->session_of == incarnation &&
        !rota_history_closed(j->h, party->session))
        rota_judge_break(j, ROTA_INVARIANT_ONE_WRITER, who,
                         "%s began session %" PRId64 " while its session %" PRId64 " lives",
                         rota_judge_name(j, who), session, party->session);
    party->session = session;
    party->session_of = incarnation;
}
