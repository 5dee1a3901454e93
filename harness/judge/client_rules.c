#include "harness/judge/client_rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/judge/znode_path.h"
#include "model/base/hash.h"
#include "model/operator/operator.h"

/* Whether the znode of a task holds what its client wrote; true if it does not exist. */
static bool holds_data(const struct rota_judge *j, const struct rota_task *t)
{
    const struct rota_tree *tree = rota_judge_tree(j);
    char path[512];
    rota_ref node;

    snprintf(path, sizeof path, "/tasks/%s", t->name);
    node = rota_tree_find(tree, path);
    return node == 0 || t->data == NULL ||
           rota_judge_hash_data(rota_tree_data(tree, node)) ==
               rota_judge_hash_data((struct rota_bytes){t->data, t->data_length});
}

static void named(struct rota_judge *j, uint32_t who, const char *name)
{
    struct rota_task *t = rota_judge_task(j, name);

    t->acknowledged = true;
    if (t->lives == 0)
        ROTA_BREAK_TASK(j, NO_TASK_LOST, who, t,
                        "%s was acknowledged to %s, but was never in the tree", t->name,
                        rota_judge_name(j, who));
    else if (!holds_data(j, t))
        ROTA_BREAK_TASK(j, PAYLOAD_INTACT, who, t,
                        "%s was acknowledged to %s, but its znode holds other bytes", t->name,
                        rota_judge_name(j, who));
}

/* Whether the task ended in this state. The client of a retried task may have read the status
 * before. */
static bool has_ended_as(const struct rota_task *t, const char *state)
{
    return strcmp(state, t->status) == 0 ||
           (t->retried_zxid != 0 && strcmp(state, t->former_status) == 0);
}

/* A client gets what the tree says: the state and, of a task that is done, the result. */
static void check_result(struct rota_judge *j, uint32_t who, const struct rota_action *a,
                         const struct rota_task *t)
{
    const char *state = a->job.state;
    size_t length = a->job.output.length > 0 ? (size_t)a->job.output.length : 0;

    if (!t->submitted)
        return;
    if (strcmp(state, "refused") == 0) {
        if (t->acknowledged)
            ROTA_BREAK_TASK(j, NO_TASK_LOST, who, t,
                            "%s got `refused` for %s, which was acknowledged",
                            rota_judge_name(j, who), t->name);
    } else if (strcmp(state, "missing") == 0) {
        if (!t->delivered && !t->removed_by_master && t->acknowledged)
            ROTA_BREAK_TASK(j, NO_TASK_LOST, who, t,
                            "%s got `missing` for %s, which was acknowledged and not"
                            " collected",
                            rota_judge_name(j, who), t->name);
    } else if (!has_ended_as(t, state)) {
        ROTA_BREAK_TASK(j, ONE_COMPLETION, who, t,
                        "%s got a final status of %s that is %s; its last status, of zxid %" PRId64
                        ", is %s",
                        rota_judge_name(j, who), t->name, state, t->status_zxid,
                        t->status[0] == '\0' ? "none" : t->status);
    } else if (strcmp(state, "done") == 0 &&
               rota_hash_bytes(length == 0 ? "" : a->job.output.data, length) != t->result_hash) {
        ROTA_BREAK_TASK(j, ONE_COMPLETION, who, t,
                        "%s got a result of %s with %zu bytes, which the status of zxid %" PRId64
                        " does not hold",
                        rota_judge_name(j, who), t->name, length, t->status_zxid);
    }
}

static void delivered(struct rota_judge *j, uint32_t who, const struct rota_action *a)
{
    struct rota_task *t = rota_judge_task(j, a->job.name);

    check_result(j, who, a, t);
    t->delivered = true;
    t->delivered_by = who;
    t->delivered_step = j->h->processes[who].steps;
}

/* A client removes a result only after its reader has confirmed it, so never in the step that
 * delivers it. */
void rota_client_rules_leaving(struct rota_judge *j, uint32_t who, const struct rota_request *r)
{
    struct rota_znode_path at;
    uint32_t task;

    if (r->operation.op != ROTA_OP_MULTI || !rota_judge_is(j, who, ROTA_PART_CLIENT))
        return;
    for (uint32_t i = 0; i < r->operation_count; i++) {
        if (r->operations[i].op != ROTA_OP_DELETE)
            continue;
        rota_znode_path_read(r->operations[i].path, &at);
        task = at.kind == ROTA_ZNODE_PATH_STATUS ? rota_history_find(j->h, at.a) : ROTA_NO_TASK;
        if (task == ROTA_NO_TASK || !j->h->tasks[task].delivered ||
            j->h->tasks[task].delivered_by != who ||
            j->h->tasks[task].delivered_step != j->h->processes[who].steps)
            continue;
        ROTA_BREAK_TASK(j, NO_TASK_LOST, who, &j->h->tasks[task],
                        "%s removes the result of %s in the step that delivers it",
                        rota_judge_name(j, who), at.a);
    }
}

static void collected(struct rota_judge *j, const char *name)
{
    struct rota_task *t = rota_judge_task(j, name);

    if (t->submitted && !t->collected && !t->abandoned)
        j->h->uncollected--;
    t->collected = true;
}

void rota_client_rules_acted(struct rota_judge *j, uint32_t who, const struct rota_action *a)
{
    switch (a->kind) {
    case ROTA_ACTION_NAMED:
        named(j, who, a->job.name);
        break;
    case ROTA_ACTION_RESULT:
        delivered(j, who, a);
        if (strcmp(a->job.state, "missing") == 0 || strcmp(a->job.state, "refused") == 0)
            collected(j, a->job.name);
        break;
    case ROTA_ACTION_COLLECTED:
        collected(j, a->job.name);
        break;
    default:
        break;
    }
}

/* An operator that cancels a task learns its final status. */
void rota_client_rules_answered(struct rota_judge *j, uint32_t who, const struct rota_action *a)
{
    const struct rota_operator_config *config = rota_world_process(j->w, who)->config.config;
    const struct rota_task *t = NULL;

    if (config->command != ROTA_OPERATOR_CANCEL || !rota_judge_is_final(a->job.state))
        return;
    t = rota_judge_task(j, a->job.name);
    if (!has_ended_as(t, a->job.state))
        ROTA_BREAK_TASK(j, ONE_COMPLETION, who, t,
                        "%s got a final status of %s that is %s; its last status, of zxid %" PRId64
                        ", is %s",
                        rota_judge_name(j, who), t->name, a->job.state, t->status_zxid,
                        t->status[0] == '\0' ? "none" : t->status);
}
