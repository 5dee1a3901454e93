#include "harness/judge/writes.h"

#include "harness/judge/assignment_rules.h"
#include "harness/judge/expected_tree.h"
#include "harness/judge/process_rules.h"
#include "harness/judge/status_rules.h"
#include "harness/judge/task_rules.h"
#include "harness/judge/worker_rules.h"
#include "harness/judge/writer_rules.h"
#include "system/memory.h"

static void of_task(const struct rota_judged_change *c, uint32_t task)
{
    struct rota_task *t = &c->j->h->tasks[task];

    t->changed_at = rota_world_now(c->j->w);
    switch (c->at.kind) {
    case ROTA_ZNODE_PATH_TASK:
        rota_task_rules_changed(c, t);
        break;
    case ROTA_ZNODE_PATH_STATUS:
        rota_status_rules_changed(c, task);
        break;
    case ROTA_ZNODE_PATH_ASSIGNMENT:
        if (c->change->op == ROTA_OP_CREATE)
            rota_assignment_rules_made(c, t);
        else if (c->change->op == ROTA_OP_DELETE)
            rota_assignment_rules_ended(c, t);
        break;
    case ROTA_ZNODE_PATH_RETRY:
        rota_task_rules_retry_changed(c, t);
        break;
    case ROTA_ZNODE_PATH_HISTORY:
        if (c->change->op != ROTA_OP_DELETE)
            t->recorded_ends = rota_record_lines(c->change->data, 0);
        break;
    case ROTA_ZNODE_PATH_PROGRESS:
        rota_task_rules_progress_changed(c, t);
        break;
    case ROTA_ZNODE_PATH_CANCEL:
        t->cancel_requested = t->cancel_requested || c->change->op == ROTA_OP_CREATE;
        break;
    case ROTA_ZNODE_PATH_COLLECT:
        t->left_to_master = t->left_to_master || c->change->op == ROTA_OP_CREATE;
        break;
    default:
        break;
    }
}

/* Data that another program writes into a directory, such as a bound on the backlog, may stay. */
static void directory_changed(const struct rota_judged_change *c)
{
    struct rota_judge_node *node = rota_expected_tree_find(c->j, c->change->path);

    if (node != NULL && c->change->op == ROTA_OP_SET && !rota_judged_change_is_ours(c))
        node->data_hash = rota_judge_hash_data(c->change->data);
}

/* A znode that a zkCli session creates may stay, too. */
static void check_foreign(const struct rota_judged_change *c)
{
    if (c->who != ROTA_NOBODY &&
        rota_process_is(rota_world_process(c->j->w, c->who), ROTA_PART_ZK_CLIENT) &&
        c->change->op == ROTA_OP_CREATE)
        rota_expected_tree_add_foreign(c->j, c->change->path);
}

/* Takes in one change. Returns the task that it is about, or ROTA_NO_TASK. */
static uint32_t apply(struct rota_judged_change *c)
{
    const char *name;
    uint32_t task;

    if (c->change->op == ROTA_OP_CHECK || c->change->op == ROTA_OP_SET_ACL)
        return ROTA_NO_TASK;
    rota_znode_path_read(c->change->path, &c->at);
    rota_writer_rules_check_author(c);
    name = rota_znode_path_task(&c->at);
    if (name != NULL) {
        task = rota_history_task(c->j->h, name);
        of_task(c, task);
        return task;
    }
    check_foreign(c);
    if (c->at.kind == ROTA_ZNODE_PATH_EPOCH) {
        c->j->epoch = c->change->op == ROTA_OP_SET ? c->change->version : 0;
        c->j->epoch_holder = c->change->op == ROTA_OP_SET ? c->commit->session : 0;
    } else if (c->at.kind == ROTA_ZNODE_PATH_WORKER) {
        rota_worker_rules_worker_changed(c);
    } else if (c->at.kind == ROTA_ZNODE_PATH_PLACE) {
        rota_worker_rules_place_changed(c);
    } else if (c->at.kind == ROTA_ZNODE_PATH_DRAIN) {
        rota_worker_rules_drain_changed(c);
    } else if (c->at.kind == ROTA_ZNODE_PATH_TOP) {
        directory_changed(c);
    }
    return ROTA_NO_TASK;
}

static void check_after(const struct rota_judged_change *c, struct rota_task *t)
{
    rota_assignment_rules_check_count(c, t);
    rota_task_rules_check_retried(c, t);
    rota_assignment_rules_check_released(c, t);
    rota_task_rules_check_dead(c, t);
}

/* Room for the tasks that a transaction touches. */
static uint32_t *touched(struct rota_judge *j, uint32_t count)
{
    if (count > j->touched_capacity) {
        j->touched_capacity = 2 * count;
        j->touched = rota_memory_grow(j->touched, j->touched_capacity * sizeof *j->touched);
    }
    return j->touched;
}

static void session_closed(struct rota_judge *j, int64_t session)
{
    uint32_t owner = rota_history_owner(j->h, session);

    rota_history_close_session(j->h, session);
    if (owner != ROTA_NOBODY)
        rota_process_rules_fault(j, owner);
}

void rota_writes_committed(struct rota_judge *j, uint32_t who, const struct rota_commit *commit)
{
    struct rota_judged_change c = {.j = j, .who = who, .commit = commit};
    uint32_t *tasks;

    if (commit->kind == ROTA_COMMIT_SESSION_OPENED)
        rota_history_open_session(j->h, commit->session, who);
    if (commit->kind == ROTA_COMMIT_SESSION_CLOSED) {
        session_closed(j, commit->session);
        c.who = ROTA_NOBODY; /* no process asks for the deletion of its ephemerals */
    }
    if (commit->rc != 0)
        return;
    if (commit->kind == ROTA_COMMIT_WRITE && rota_judge_is(j, who, ROTA_PART_MASTER))
        rota_writer_rules_check_master(j, who, commit);
    tasks = touched(j, commit->change_count);
    for (uint32_t i = 0; i < commit->change_count; i++) {
        c.change = &commit->changes[i];
        tasks[i] = apply(&c);
    }
    for (uint32_t i = 0; i < commit->change_count; i++)
        if (tasks[i] != ROTA_NO_TASK)
            check_after(&c, &j->h->tasks[tasks[i]]);
}
