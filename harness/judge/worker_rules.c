#include "harness/judge/worker_rules.h"

#include <inttypes.h>
#include <string.h>

#include "harness/judge/process_rules.h"

/* Whether the transaction also makes a new incarnation of the place (hazard 12). */
static bool raises_place(const struct rota_judged_change *c)
{
    struct rota_znode_path at;

    for (uint32_t i = 0; i < c->commit->change_count; i++) {
        const struct rota_change *change = &c->commit->changes[i];

        rota_znode_path_read(change->path, &at);
        if (at.kind == ROTA_ZNODE_PATH_PLACE && strcmp(at.a, c->at.a) == 0 &&
            (change->op == ROTA_OP_CREATE || change->op == ROTA_OP_SET))
            return true;
    }
    return false;
}

/* Whether the transaction raises the version of /assign. */
static bool raises_assign(const struct rota_judged_change *c)
{
    for (uint32_t i = 0; i < c->commit->change_count; i++)
        if (c->commit->changes[i].op == ROTA_OP_SET &&
            strcmp(c->commit->changes[i].path, "/assign") == 0)
            return true;
    return false;
}

/* one-writer: a place is deleted together with its worker's znode, or after it. one-assignment: a
 * worker that deletes its place raises the version of /assign, because that of the place begins
 * again. */
void rota_worker_rules_place_changed(const struct rota_judged_change *c)
{
    uint32_t who = rota_judge_worker(c->j, c->at.a);

    if (c->change->op == ROTA_OP_DELETE && rota_judged_change_is_from(c, ROTA_PART_MASTER) &&
        who != ROTA_NOBODY && c->j->h->processes[who].registered_session != 0)
        rota_judge_break(c->j, ROTA_INVARIANT_ONE_WRITER, c->who,
                         "%s deleted %s at zxid %" PRId64 ", whose worker lives",
                         rota_judged_change_author(c), c->change->path, c->commit->zxid);
    if (c->change->op == ROTA_OP_DELETE && rota_judged_change_is_from(c, ROTA_PART_WORKER) &&
        !raises_assign(c))
        rota_judge_break(c->j, ROTA_INVARIANT_ONE_ASSIGNMENT, c->who,
                         "%s deleted %s at zxid %" PRId64 " without raising the version of /assign",
                         rota_judged_change_author(c), c->change->path, c->commit->zxid);
}

void rota_worker_rules_worker_changed(const struct rota_judged_change *c)
{
    uint32_t who = rota_judge_worker(c->j, c->at.a);
    bool made = c->change->op == ROTA_OP_CREATE;

    if (who == ROTA_NOBODY || c->change->op == ROTA_OP_SET)
        return;
    if (made && rota_judged_change_is_from(c, ROTA_PART_WORKER) && !raises_place(c))
        rota_judge_break(c->j, ROTA_INVARIANT_ONE_ASSIGNMENT, c->who,
                         "%s registered at zxid %" PRId64 " without raising the version of its"
                         " place, which names its incarnation",
                         rota_judged_change_author(c), c->commit->zxid);
    c->j->h->processes[who].registered_session = made ? c->change->owner : 0;
    c->j->h->processes[who].registered_czxid = made ? c->commit->zxid : 0;
    c->j->h->processes[who].assignment_count = 0;
}

void rota_worker_rules_drain_changed(const struct rota_judged_change *c)
{
    uint32_t who = rota_judge_worker(c->j, c->at.a);

    if (who != ROTA_NOBODY && c->change->op != ROTA_OP_DELETE)
        rota_process_rules_fault(c->j, who);
}
