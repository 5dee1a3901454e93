#include "harness/judge/writer_rules.h"

#include <inttypes.h>
#include <string.h>

/* The effect of a master's transaction on the epoch. */
struct fence {
    bool founds; /* it only creates persistent directories */
    bool takes_lock;
    bool checks; /* the current epoch */
    int32_t raises;
};

static struct fence fence_of(struct rota_judge *j, const struct rota_commit *commit)
{
    struct fence f = {.founds = true, .raises = -1};
    struct rota_znode_path at;

    for (uint32_t i = 0; i < commit->change_count; i++) {
        const struct rota_change *change = &commit->changes[i];

        rota_znode_path_read(change->path, &at);
        if (change->op != ROTA_OP_CREATE || change->kind == ROTA_NODE_EPHEMERAL ||
            (at.kind != ROTA_ZNODE_PATH_TOP && at.kind != ROTA_ZNODE_PATH_EPOCH))
            f.founds = false;
        if (change->op == ROTA_OP_CREATE && at.kind == ROTA_ZNODE_PATH_MASTER)
            f.takes_lock = true;
        if (change->op == ROTA_OP_SET && at.kind == ROTA_ZNODE_PATH_EPOCH)
            f.raises = change->version;
        if (change->op == ROTA_OP_CHECK && at.kind == ROTA_ZNODE_PATH_EPOCH &&
            change->version == j->epoch)
            f.checks = true;
    }
    return f;
}

void rota_writer_rules_check_master(struct rota_judge *j, uint32_t who,
                                    const struct rota_commit *commit)
{
    struct fence f = fence_of(j, commit);
    const char *name = rota_judge_name(j, who);
    const char *path = commit->change_count > 0 ? commit->changes[0].path : "nothing";

    if (f.founds)
        return;
    if (f.takes_lock && (!commit->multi || !f.checks || f.raises != j->epoch + 1))
        rota_judge_break(j, ROTA_INVARIANT_ONE_WRITER, who,
                         "%s took the lock at zxid %" PRId64 " without raising epoch %d", name,
                         commit->zxid, j->epoch);
    else if (!f.takes_lock && f.raises >= 0)
        rota_judge_break(j, ROTA_INVARIANT_ONE_WRITER, who,
                         "%s raised the epoch to %d at zxid %" PRId64 " without taking the lock",
                         name, f.raises, commit->zxid);
    else if (!f.takes_lock && (!commit->multi || !f.checks))
        rota_judge_break(j, ROTA_INVARIANT_ONE_WRITER, who,
                         "%s wrote %s at zxid %" PRId64 " without checking epoch %d", name, path,
                         commit->zxid, j->epoch);
    else if (!f.takes_lock && commit->session != j->epoch_holder)
        rota_judge_break(
            j, ROTA_INVARIANT_ONE_WRITER, who,
            "%s wrote %s at zxid %" PRId64 " under epoch %d, which %s won at zxid %" PRId64, name,
            path, commit->zxid, j->epoch,
            rota_judge_name(j, rota_history_owner(j->h, j->epoch_holder)), j->epoch_zxid);
    if (!f.takes_lock || j->broken)
        return;
    j->epoch_zxid = commit->zxid;
}

/* Whether this role may write the znode, if only some roles may. */
static bool is_allowed(const struct rota_judged_change *c)
{
    bool master = rota_judged_change_is_from(c, ROTA_PART_MASTER);
    bool worker = rota_judged_change_is_from(c, ROTA_PART_WORKER);
    bool own = worker && strcmp(c->at.a, rota_judged_change_author(c)) == 0;
    enum rota_op op = c->change->op;

    switch (c->at.kind) {
    case ROTA_ZNODE_PATH_MASTER:
        return master && (op == ROTA_OP_CREATE || c->change->owner == c->commit->session);
    case ROTA_ZNODE_PATH_EPOCH:
        return master;
    case ROTA_ZNODE_PATH_TOP: /* a client that waits for a task raises /collect */
        if (worker && op == ROTA_OP_CREATE && strcmp(c->change->path, "/progress") == 0)
            return true;
        if (worker && op == ROTA_OP_SET && strcmp(c->change->path, "/assign") == 0)
            return true; /* it deregisters */
        return master || (!worker && op == ROTA_OP_SET && strcmp(c->change->path, "/collect") == 0);
    case ROTA_ZNODE_PATH_WORKER:
        return own;
    case ROTA_ZNODE_PATH_PLACE:
        return own || master;
    case ROTA_ZNODE_PATH_ASSIGNMENT:
        return master || (own && op == ROTA_OP_DELETE);
    case ROTA_ZNODE_PATH_TASK:
        return !worker && (!master || op == ROTA_OP_DELETE);
    case ROTA_ZNODE_PATH_STATUS:
        return op != ROTA_OP_DELETE || !worker;
    case ROTA_ZNODE_PATH_PROGRESS:
        return worker;
    case ROTA_ZNODE_PATH_RETRY:
        return op == ROTA_OP_DELETE ? master : worker || !master;
    default:
        return true;
    }
}

void rota_writer_rules_check_author(const struct rota_judged_change *c)
{
    static const char *const verbs[] = {
        [ROTA_OP_CREATE] = "created", [ROTA_OP_DELETE] = "deleted", [ROTA_OP_SET] = "changed"};

    if (!rota_judged_change_is_ours(c) || c->change->op > ROTA_OP_SET || is_allowed(c))
        return;
    rota_judge_break(c->j, ROTA_INVARIANT_ONE_WRITER, c->who,
                     "%s %s %s at zxid %" PRId64 ", which is not its to write",
                     rota_judged_change_author(c), verbs[c->change->op], c->change->path,
                     c->commit->zxid);
}
