#include "model/worker/worker.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/seam/exit.h"
#include "model/tree/path.h"
#include "model/tree/record.h"
#include "model/worker/orders.h"
#include "model/worker/progress.h"
#include "model/worker/results.h"
#include "model/worker/runs.h"

static void read(struct rota_worker_context *s, enum rota_worker_purpose what, uint32_t index,
                 enum rota_op op, const char *path, bool watch)
{
    rota_request_add_read(s->out, rota_runs_tag(s, what, index), op, path, watch);
}

static void leave(struct rota_worker_context *s, enum rota_exit status, const char *sentence)
{
    rota_exit_add(s->out, status, sentence);
    s->w->up = false;
}

/* What no later attempt changes. */
static void forbidden(struct rota_worker_context *s, const char *path, int32_t rc)
{
    leave(s, ROTA_EXIT_REFUSED, rota_exit_forbidden_text(s->out, path, rc));
}

static void restart(struct rota_worker_context *s, const char *why)
{
    rota_outbox_note(s->out, ROTA_NOTE_DOUBT, why, NULL, 0, 0, 0);
    rota_outbox_add(s->out, ROTA_ACTION_RESTART);
    s->w->phase = ROTA_WORKER_OUT;
    s->w->up = false;
}

/* ---- registering ---- */

static void check_place(struct rota_worker_context *s)
{
    s->w->phase = ROTA_WORKER_CHECKING;
    read(s, ROTA_WORKER_PURPOSE_DIRECTORY, 0, ROTA_OP_EXISTS,
         rota_path_assign(s->out, s->w->config.name), false);
}

static struct rota_bytes self_data(struct rota_worker_context *s, uint32_t slots)
{
    struct rota_worker_record record = {s->w->config.address, slots, s->w->config.tags};

    return rota_worker_record_write(s->out, &record);
}

/* Every registration raises the version of /assign/<w>, which names the incarnation (hazard 12). */
static void enroll(struct rota_worker_context *s, bool exists)
{
    struct rota_operation *ops =
        rota_request_add_multi(s->out, rota_runs_tag(s, ROTA_WORKER_PURPOSE_REGISTER, 0), 2);

    s->w->phase = ROTA_WORKER_REGISTERING;
    ops[0].op = ROTA_OP_CREATE;
    ops[0].mode = ROTA_MODE_EPHEMERAL;
    ops[0].path = rota_path_worker(s->out, s->w->config.name);
    ops[0].data = self_data(s, s->w->config.slots);
    ops[1].op = exists ? ROTA_OP_SET : ROTA_OP_CREATE;
    ops[1].path = rota_path_assign(s->out, s->w->config.name);
    ops[1].data = (struct rota_bytes){"", 0};
}

static void confirm(struct rota_worker_context *s)
{
    s->w->phase = ROTA_WORKER_CONFIRMING;
    read(s, ROTA_WORKER_PURPOSE_OWN_ZNODE, 0, ROTA_OP_GET,
         rota_path_worker(s->out, s->w->config.name), true);
}

static void registered(struct rota_worker_context *s, const struct rota_reply *r)
{
    s->w->phase = ROTA_WORKER_IN;
    s->w->czxid = r->stat.czxid;
    s->w->server_ms = r->stat.ctime_ms;
    s->w->server_at = s->now;
    s->w->list_wanted = true;
    s->w->orders_wanted = true;
    s->w->saying = false;
    if (!s->w->stopping)
        s->w->deadline = 0;
    rota_outbox_note(s->out, ROTA_NOTE_REGISTERED, s->w->config.name, NULL, s->w->config.slots, 0,
                     0);
}

static void register_replied(struct rota_worker_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    uint32_t failed = rota_reply_failed_at(r);

    if (s->w->phase != ROTA_WORKER_REGISTERING)
        return;
    if (e->reply.outcome == ROTA_DONE || (failed == 0 && r->rc == ROTA_ERR_NODE_EXISTS))
        confirm(s);
    else if (failed == 0 && r->rc == ROTA_ERR_NO_NODE)
        leave(s, ROTA_EXIT_UNREACHABLE,
              "the tree is missing there: create it with `rota init`, or start a master first");
    else if (rota_error_is_news(r->rc))
        check_place(s); /* the place came or went meanwhile */
    else
        forbidden(s, failed == 0 ? ROTA_PATH_WORKERS : ROTA_PATH_ASSIGN, r->rc);
}

static void name_taken(struct rota_worker_context *s)
{
    leave(s, ROTA_EXIT_REFUSED,
          rota_outbox_text(s->out,
                           "another worker is registered as %s: choose another --name, or end that "
                           "one",
                           s->w->config.name));
}

/* Who stands under our name: this session, or another one (rule 12), or nobody. */
static void self_read(struct rota_worker_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;

    if (s->w->phase == ROTA_WORKER_IN) {
        if (r->rc == ROTA_ERR_NO_NODE ||
            (e->reply.outcome == ROTA_DONE && r->stat.czxid != s->w->czxid))
            restart(s, "the worker's own znode is gone");
        return;
    }
    if (s->w->phase != ROTA_WORKER_CONFIRMING && s->w->phase != ROTA_WORKER_WAITING)
        return;
    if (r->rc == ROTA_ERR_NO_AUTH) {
        forbidden(s, rota_path_worker(s->out, s->w->config.name), r->rc);
    } else if (e->reply.outcome != ROTA_DONE) {
        check_place(s);
    } else if (r->stat.ephemeral_owner == s->w->session) {
        registered(s, r);
    } else if (s->w->deadline != 0 && s->now >= s->w->deadline) {
        name_taken(s);
    } else {
        if (s->w->phase != ROTA_WORKER_WAITING)
            rota_outbox_note(s->out, ROTA_NOTE_NAME_TAKEN, s->w->config.name, NULL,
                             r->stat.ephemeral_owner, 0, 0);
        if (s->w->deadline == 0)
            s->w->deadline = s->now + 2 * s->w->timeout + s->w->timeout / 2;
        s->w->phase = ROTA_WORKER_WAITING;
    }
}

/* ---- the end ---- */

/* Tells the master that no more is wanted; what arrives all the same is handed back. */
static void say_stopping(struct rota_worker_context *s)
{
    struct rota_request *r;

    if (s->w->saying)
        return;
    s->w->saying = true;
    r = rota_request_add(s->out, rota_runs_tag(s, ROTA_WORKER_PURPOSE_SLOTS, 0));
    r->operation.op = ROTA_OP_SET;
    r->operation.path = rota_path_worker(s->out, s->w->config.name);
    r->operation.data = self_data(s, 0);
    r->operation.version = -1;
}

/* Goes only if nothing was assigned meanwhile: a place that is not empty refuses. */
static void say_goodbye(struct rota_worker_context *s)
{
    struct rota_operation *ops =
        rota_request_add_multi(s->out, rota_runs_tag(s, ROTA_WORKER_PURPOSE_DEREGISTER, 0), 2);

    s->w->phase = ROTA_WORKER_LEAVING;
    rota_operation_delete(&ops[0], rota_path_worker(s->out, s->w->config.name));
    rota_operation_delete(&ops[1], rota_path_assign(s->out, s->w->config.name));
}

static void goodbye_replied(struct rota_worker_context *s, const struct rota_event *e)
{
    if (s->w->phase != ROTA_WORKER_LEAVING)
        return;
    if (e->reply.outcome == ROTA_REFUSED && e->reply.body->rc == ROTA_ERR_NOT_EMPTY) {
        s->w->phase = ROTA_WORKER_IN;
        s->w->list_wanted = true;
        return;
    }
    s->w->up = false; /* nothing is held any more: `stopping` leaves */
}

static void stop(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    if (w->stopping) {
        w->at_once = true;
        rota_runs_end_all(s, ROTA_RUN_ASKED, true);
        return;
    }
    w->stopping = true;
    w->deadline = s->now + w->config.drain_timeout_ms * 1000;
    rota_outbox_note(s->out, ROTA_NOTE_STOPPING, NULL, NULL, w->busy, 0, 0);
    if (w->config.drain_timeout_ms == 0) {
        w->at_once = true;
        rota_runs_end_all(s, ROTA_RUN_ASKED, false);
    }
}

static void stopping(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    if (!w->at_once && s->now >= w->deadline) {
        w->at_once = true;
        rota_runs_end_all(s, ROTA_RUN_ASKED, false);
    }
    if (!w->at_once)
        rota_outbox_wake(s->out, w->deadline);
    if (w->busy > 0)
        return;
    if (!w->up && !w->at_once && w->lease != ROTA_LEASE_OVER && rota_runs_unwritten(s))
        return; /* a result waits for the server, as long as it can still count */
    if (w->up && (w->phase == ROTA_WORKER_REGISTERING || w->phase == ROTA_WORKER_CONFIRMING))
        return; /* what that makes is taken away again */
    if (!w->up || (w->phase != ROTA_WORKER_IN && w->phase != ROTA_WORKER_LEAVING)) {
        leave(s, ROTA_EXIT_DONE, NULL); /* what is held falls to others with the session */
    } else if (w->phase == ROTA_WORKER_IN && w->list_known && !w->listing && !w->list_wanted &&
               !rota_runs_left(s)) {
        if (w->tasks.length == 0)
            say_goodbye(s);
        else
            leave(s, ROTA_EXIT_DONE, NULL); /* a former incarnation's: the master moves it */
    }
}

/* ---- the step ---- */

/* The session is over: nothing it held is ours (hazards 8, 14). */
static void lost(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    rota_runs_end_all(s, ROTA_RUN_CUT_OFF, true);
    rota_runs_clear(s);
    w->saying = false;
    w->phase = ROTA_WORKER_OUT;
    w->up = false;
    w->czxid = 0;
}

static void session_up(struct rota_worker_context *s, const struct rota_event *e)
{
    struct rota_worker *w = s->w;

    w->up = true;
    w->session = e->up.session;
    w->timeout = (rota_time)e->up.timeout_ms * 1000;
    w->lease = ROTA_LEASE_GOOD;
    w->listing = false;
    w->orders_reading = false;
    if (w->phase == ROTA_WORKER_IN || w->phase == ROTA_WORKER_LEAVING) {
        w->phase = ROTA_WORKER_IN;
        w->list_wanted = true;
        w->orders_wanted = true;
        w->saying = false;
        rota_results_resolve(s);
        read(s, ROTA_WORKER_PURPOSE_OWN_ZNODE, 0, ROTA_OP_GET,
             rota_path_worker(s->out, w->config.name), true);
    } else if (w->phase == ROTA_WORKER_REGISTERING || w->phase == ROTA_WORKER_CONFIRMING ||
               w->phase == ROTA_WORKER_WAITING) {
        confirm(s);
    } else {
        check_place(s);
    }
}

static void lease_changed(struct rota_worker_context *s, const struct rota_event *e)
{
    struct rota_worker *w = s->w;
    struct rota_action *a;
    uint32_t running = w->busy;

    if (e->lease.state == ROTA_LEASE_LOW && w->lease == ROTA_LEASE_GOOD)
        rota_outbox_note(s->out, ROTA_NOTE_LEASE_LOW, NULL, NULL, 0, 0, 0);
    if (e->lease.state == ROTA_LEASE_OVER && w->lease != ROTA_LEASE_OVER) {
        rota_runs_end_all(s, ROTA_RUN_CUT_OFF, true);
        rota_outbox_note(s->out, ROTA_NOTE_LEASE_OVER, NULL, NULL, running, 0, 0);
    }
    w->lease = e->lease.state;
    if (w->lease != ROTA_LEASE_GOOD)
        return;
    a = rota_outbox_add(s->out, ROTA_ACTION_LEASE);
    a->lease.until = e->lease.until;
}

static void replied(struct rota_worker_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    enum rota_worker_purpose what = (enum rota_worker_purpose)rota_request_tag_kind(r->tag);

    if (rota_request_tag_generation(r->tag) != s->w->generation)
        return;
    if (e->reply.outcome == ROTA_REFUSED && r->rc == ROTA_ERR_NO_AUTH &&
        (what == ROTA_WORKER_PURPOSE_ASSIGNMENTS || what == ROTA_WORKER_PURPOSE_ORDERS)) {
        forbidden(s, rota_path_assign(s->out, s->w->config.name), r->rc);
        return;
    }
    if (what >= ROTA_WORKER_PURPOSE_ASSIGNMENTS) {
        if (!rota_runs_replied(s, what, rota_request_tag_index(r->tag), e))
            restart(s, "the worker's place under " ROTA_PATH_ASSIGN " is gone");
        return;
    }
    if (e->reply.outcome == ROTA_UNKNOWN || rota_reply_session_over(r))
        return;
    if (!s->w->up && what != ROTA_WORKER_PURPOSE_DEREGISTER)
        return; /* nothing can be asked before the next UP, which asks anew */
    switch (what) {
    case ROTA_WORKER_PURPOSE_DIRECTORY:
        if (s->w->phase == ROTA_WORKER_CHECKING)
            enroll(s, r->rc == ROTA_ERR_OK);
        break;
    case ROTA_WORKER_PURPOSE_REGISTER:
        register_replied(s, e);
        break;
    case ROTA_WORKER_PURPOSE_OWN_ZNODE:
        self_read(s, e);
        break;
    case ROTA_WORKER_PURPOSE_DEREGISTER:
        goodbye_replied(s, e);
        break;
    default:
        break;
    }
}

static void watched(struct rota_worker_context *s, const struct rota_event *e)
{
    const char *self = rota_path_worker(s->out, s->w->config.name);

    if (s->w->phase == ROTA_WORKER_OUT)
        return;
    if (strcmp(e->watch.path, self) == 0)
        read(s, ROTA_WORKER_PURPOSE_OWN_ZNODE, 0, ROTA_OP_GET, self, true);
    else if (e->watch.kind == ROTA_WATCH_CHANGED)
        s->w->orders_wanted = true;
    else
        s->w->list_wanted = true;
}

static void reconcile(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    if (w->up && w->phase == ROTA_WORKER_WAITING) {
        if (s->now >= w->deadline)
            confirm(s); /* once more: the other may have gone while we stood still */
        else
            rota_outbox_wake(s->out, w->deadline);
    }
    rota_runs_overdue(s);
    rota_worker_orders_drain(s);
    if (w->up && w->phase == ROTA_WORKER_IN) {
        rota_worker_orders_ask(s);
        rota_runs_list(s);
        rota_worker_orders_follow(s);
        rota_runs_start(s);
        if (w->stopping)
            say_stopping(s);
        if (w->stopping || w->draining)
            rota_runs_hand_back(s);
        rota_progress_write(s);
        rota_results_write(s);
    }
    if (w->stopping)
        stopping(s);
}

void rota_worker_init(struct rota_worker *w, const struct rota_worker_config *config, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->config = *config;
    if (w->config.slots == 0)
        w->config.slots = 1;
    w->chance = seed;
    w->due = ROTA_NEVER;
}

void rota_worker_step(struct rota_worker *w, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    struct rota_worker_context s = {w, mem, out, event->now};

    switch (event->kind) {
    case ROTA_EVENT_UP:
        session_up(&s, event);
        break;
    case ROTA_EVENT_DOWN:
        w->up = false;
        break;
    case ROTA_EVENT_LOST:
        lost(&s);
        break;
    case ROTA_EVENT_FAILED:
        leave(&s, ROTA_EXIT_UNREACHABLE, rota_exit_unreachable_text(out, event->failed.rc));
        break;
    case ROTA_EVENT_REPLY:
        replied(&s, event);
        break;
    case ROTA_EVENT_WATCH:
        if (w->up)
            watched(&s, event);
        break;
    case ROTA_EVENT_LEASE:
        lease_changed(&s, event);
        break;
    case ROTA_EVENT_FINISHED:
        rota_runs_finished(&s, event);
        break;
    case ROTA_EVENT_PROGRESS:
        rota_runs_progress(&s, event);
        break;
    case ROTA_EVENT_STOP:
        stop(&s);
        break;
    default:
        break;
    }
    reconcile(&s);
}

void rota_worker_check(const struct rota_worker *w, const struct rota_pool *mem)
{
    rota_assert((w->waiting.head == 0) == (w->waiting.tail == 0));
    rota_assert((w->ended.head == 0) == (w->ended.tail == 0));
    rota_assert(w->writing || w->batch.head == 0);
    rota_assert(w->tasks.length <= w->run.length);
    rota_assert(w->starting <= w->run.length);
    rota_assert(w->phase != ROTA_WORKER_IN || w->czxid != 0);
    rota_assert(mem->live <= mem->size);
}

static void role_init(void *state, const void *config, uint64_t seed)
{
    rota_worker_init(state, config, seed);
}

static void role_step(void *state, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    rota_worker_step(state, mem, event, out);
}

static void role_check(const void *state, const struct rota_pool *mem)
{
    rota_worker_check(state, mem);
}

const struct rota_role rota_worker_role = {
    .name = "worker",
    .state_size = sizeof(struct rota_worker),
    .config_size = sizeof(struct rota_worker_config),
    .init = role_init,
    .step = role_step,
    .check = role_check,
};
