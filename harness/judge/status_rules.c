#include "harness/judge/status_rules.h"

#include <inttypes.h>
#include <string.h>

#include "harness/judge/terms_rules.h"

/* one-completion: what a status says has happened. */
static void check_state(const struct rota_judged_change *c, const struct rota_task *t)
{
    int64_t zxid = c->commit->zxid;

    if (!rota_judge_is_final(t->status))
        ROTA_BREAK_TASK(c->j, ONE_COMPLETION, c->who, t,
                        "%s ended %s at zxid %" PRId64 " with an unknown state: %s",
                        rota_judged_change_author(c), t->name, zxid, t->status);
    else if (strcmp(t->status, "cancelled") == 0 && !t->cancel_requested)
        ROTA_BREAK_TASK(c->j, ONE_COMPLETION, c->who, t,
                        "%s ended %s at zxid %" PRId64
                        " as cancelled without a request to cancel it",
                        rota_judged_change_author(c), t->name, zxid);
    else if (strcmp(t->status, "done") == 0 &&
             (t->last_worker != c->who || t->last_fence != t->released_czxid ||
              t->last_ended == 0 || t->last_ending != ROTA_ENDING_SUCCESS))
        ROTA_BREAK_TASK(c->j, ONE_COMPLETION, c->who, t,
                        "%s ended %s at zxid %" PRId64
                        " as done, but no run of it under the assignment of zxid %" PRId64
                        " succeeded there",
                        rota_judged_change_author(c), t->name, zxid, t->released_czxid);
    else if (strcmp(t->status, "skipped") == 0)
        rota_terms_rules_skipped(c->j, c->who, t);
    else if (strcmp(t->status, "failed") == 0 && rota_judged_change_is_from(c, ROTA_PART_WORKER) &&
             (t->last_worker != c->who || t->last_fence != t->released_czxid || t->last_ended == 0))
        ROTA_BREAK_TASK(c->j, ONE_COMPLETION, c->who, t,
                        "%s ended %s at zxid %" PRId64 " as failed, but no run of it ended there",
                        rota_judged_change_author(c), t->name, zxid);
}

void rota_status_rules_check_right(const struct rota_judged_change *c, const struct rota_task *t)
{
    if (rota_judged_change_is_from(c, ROTA_PART_WORKER) && t->released_zxid != c->commit->zxid)
        ROTA_BREAK_TASK(c->j, STALE_RESULT_REFUSED, c->who, t,
                        "%s wrote %s at zxid %" PRId64
                        " without giving up an assignment to its incarnation; the last one was made"
                        " to %s at zxid %" PRId64,
                        rota_judged_change_author(c), c->change->path, c->commit->zxid,
                        t->worker[0] == '\0' ? "no worker" : t->worker, t->assign_zxid);
    else if (rota_judged_change_is_from(c, ROTA_PART_CLIENT))
        ROTA_BREAK_TASK(c->j, STALE_RESULT_REFUSED, c->who, t,
                        "client %s wrote %s at zxid %" PRId64, rota_judged_change_author(c),
                        c->change->path, c->commit->zxid);
}

static void take_status(const struct rota_judged_change *c, uint32_t task)
{
    struct rota_task *t = &c->j->h->tasks[task];
    const char *text = c->change->data.data;
    size_t length = 0;

    while (c->change->data.length > 0 && length < (size_t)c->change->data.length &&
           text[length] != '\n' && text[length] != ' ')
        length++;
    rota_history_status(c->j->h, task, length == 0 ? "" : text, length);
    t->statuses++;
    t->has_status = true;
    t->status_zxid = c->commit->zxid;
    t->status_time = rota_world_now(c->j->w);
    t->status_author = c->who;
    t->result_hash = rota_judge_hash_result(c->change->data);
}

static void status_created(const struct rota_judged_change *c, uint32_t task)
{
    struct rota_task *t = &c->j->h->tasks[task];

    if (t->statuses > 0)
        ROTA_BREAK_TASK(c->j, ONE_COMPLETION, c->who, t,
                        "%s has ended at zxid %" PRId64 " (%s, by %s), and again at zxid %" PRId64
                        " by %s",
                        t->name, t->status_zxid, t->status, rota_judge_name(c->j, t->status_author),
                        c->commit->zxid, rota_judged_change_author(c));
    rota_status_rules_check_right(c, t);
    take_status(c, task);
    if (rota_judged_change_is_ours(c))
        check_state(c, t);
}

void rota_status_rules_changed(const struct rota_judged_change *c, uint32_t task)
{
    struct rota_task *t = &c->j->h->tasks[task];

    if (c->change->op == ROTA_OP_CREATE) {
        status_created(c, task);
    } else if (c->change->op == ROTA_OP_DELETE) {
        t->has_status = false;
        t->status_deleted_zxid = c->commit->zxid;
    } else {
        ROTA_BREAK_TASK(c->j, ONE_COMPLETION, c->who, t,
                        "%s ended at zxid %" PRId64 " (%s), and %s changed that at zxid %" PRId64,
                        t->name, t->status_zxid, t->status, rota_judged_change_author(c),
                        c->commit->zxid);
    }
}
