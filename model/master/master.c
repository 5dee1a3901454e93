#include "model/master/master.h"

#include <inttypes.h>
#include <string.h>

#include "model/master/timers.h"
#include "model/base/assert.h"
#include "model/master/tasks.h"
#include "model/master/finish.h"
#include "model/master/mass_loss.h"
#include "model/master/orders.h"
#include "model/seam/exit.h"
#include "model/tree/path.h"
#include "model/master/scheduler.h"
#include "model/master/workers.h"

enum {
    DEFAULT_LOSSES = 5,
    DEFAULT_KEEP_MS = 86400000,
    DEFAULT_HOLD_ABOVE = 50,
    DEFAULT_HOLD_MS = 15000,
};

void rota_master_init(struct rota_master *m, const struct rota_master_config *config, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->config = *config;
    if (m->config.losses == 0)
        m->config.losses = DEFAULT_LOSSES;
    if (m->config.keep_ms == 0)
        m->config.keep_ms = DEFAULT_KEEP_MS;
    if (m->config.hold_above == 0)
        m->config.hold_above = DEFAULT_HOLD_ABOVE;
    if (m->config.hold_ms == 0)
        m->config.hold_ms = DEFAULT_HOLD_MS;
    m->audit_at = m->clock_at = ROTA_NEVER;
    (void)seed;
}

static void leave(struct rota_master_context *s, enum rota_exit status, const char *sentence)
{
    rota_exit_add(s->out, status, sentence);
    s->m->up = false; /* nothing may be sent after it */
}

/* Rule 10: in doubt about the session, a new one. */
static void restart(struct rota_master_context *s, const char *why)
{
    rota_belief_clear(s);
    rota_outbox_note(s->out, ROTA_NOTE_DOUBT, why, NULL, 0, 0, 0);
    rota_outbox_add(s->out, ROTA_ACTION_RESTART);
    s->m->phase = ROTA_MASTER_OFFLINE;
    s->m->up = false;
    s->m->election_unknown = false;
}

/* ---- election ---- */

static void look(struct rota_master_context *s)
{
    s->m->phase = ROTA_MASTER_READING_LOCK;
    rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_LOCK, 0), ROTA_OP_GET,
                          ROTA_PATH_MASTER, true);
}

static void count_epoch(struct rota_master_context *s)
{
    s->m->phase = ROTA_MASTER_READING_EPOCH;
    rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_EPOCH, 0), ROTA_OP_EXISTS,
                          ROTA_PATH_EPOCH, false);
}

/* Creates what is missing of the tree; whoever else does the same at the same time is welcome. */
static void found(struct rota_master_context *s)
{
    static const char *const paths[] = {
#define X(path) path,
        ROTA_PATH_MAP(X)
#undef X
    };

    s->m->phase = ROTA_MASTER_CREATING_TREE;
    s->m->creates_pending = sizeof paths / sizeof *paths;
    for (uint32_t i = 0; i < s->m->creates_pending; i++) {
        struct rota_request *r =
            rota_request_add(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_CREATE_TREE, i));

        r->operation.op = ROTA_OP_CREATE;
        r->operation.path = paths[i];
        r->operation.data = (struct rota_bytes){"", 0};
    }
}

/* The one multi of a master that is not fenced by its epoch, because it makes it. */
static void run(struct rota_master_context *s, int32_t version)
{
    struct rota_operation *ops =
        rota_request_add_multi(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_ELECTION, 0), 3);
    const char *data = rota_outbox_text(s->out, "%s %s", s->m->config.id, s->m->config.address);

    ops[0].op = ROTA_OP_CHECK;
    ops[0].path = ROTA_PATH_EPOCH;
    ops[0].version = version;
    ops[1].op = ROTA_OP_CREATE;
    ops[1].path = ROTA_PATH_MASTER;
    ops[1].mode = ROTA_MODE_EPHEMERAL;
    ops[1].data = (struct rota_bytes){data, (int32_t)strlen(data)};
    ops[2].op = ROTA_OP_SET;
    ops[2].path = ROTA_PATH_EPOCH;
    ops[2].version = version;
    ops[2].data = ops[1].data;
    s->m->phase = ROTA_MASTER_ELECTING;
    s->m->election_version = version;
}

/* `server_ms` is the time stamp of the write to /epoch that made this a master. */
static void lead(struct rota_master_context *s, int64_t server_ms)
{
    s->m->phase = ROTA_MASTER_LEADING;
    s->m->election_unknown = false;
    s->m->epoch = s->m->election_version + 1; /* never one freshly read: rule 8 */
    rota_outbox_note(s->out, ROTA_NOTE_ELECTED, NULL, NULL, s->m->epoch, 0, 0);
    rota_belief_clear(s);
    rota_timers_set(s, server_ms);
    rota_belief_want_all(s);
}

static void stand_by(struct rota_master_context *s, const struct rota_reply *r)
{
    char *who = rota_outbox_take(s->out, 65);
    size_t n = r->data.length > 0 ? (size_t)r->data.length : 0;

    if (n > 64)
        n = 64;
    if (n > 0)
        memcpy(who, r->data.data, n);
    who[strcspn(who, " ")] = '\0';
    s->m->phase = ROTA_MASTER_STANDBY;
    s->m->election_unknown = false;
    rota_outbox_note(s->out, ROTA_NOTE_STANDBY, who, NULL, 0, 0, 0);
}

static void forbidden(struct rota_master_context *s, const char *path, int32_t rc)
{
    leave(s, ROTA_EXIT_REFUSED, rota_exit_forbidden_text(s->out, path, rc));
}

static void tree_missing(struct rota_master_context *s)
{
    leave(s, ROTA_EXIT_UNREACHABLE, "the tree is missing there: create it with `rota init`");
}

static void lock_read(struct rota_master_context *s, const struct rota_reply *r)
{
    if (s->m->phase != ROTA_MASTER_READING_LOCK)
        return;
    s->m->lock_czxid = 0;
    if (r->rc == ROTA_ERR_NO_NODE) {
        s->m->election_unknown = false; /* read behind the barrier: it did not happen */
        count_epoch(s);
    } else if (r->rc != ROTA_ERR_OK) {
        forbidden(s, ROTA_PATH_MASTER, r->rc);
    } else if (r->stat.ephemeral_owner != s->m->session) {
        stand_by(s, r); /* somebody else, or a former session of ours: hazard 4 */
    } else if (s->m->election_unknown) {
        s->m->lock_czxid = r->stat.czxid;
        count_epoch(s);
    } else {
        restart(s, "the lock is this session's, but not this reign's");
    }
}

static void epoch_read(struct rota_master_context *s, const struct rota_reply *r)
{
    if (s->m->phase != ROTA_MASTER_READING_EPOCH)
        return;
    if (r->rc == ROTA_ERR_NO_NODE) {
        found(s);
    } else if (r->rc != ROTA_ERR_OK) {
        forbidden(s, ROTA_PATH_EPOCH, r->rc);
    } else if (s->m->lock_czxid == 0) {
        run(s, r->stat.version);
    } else if (s->m->lock_czxid == r->stat.mzxid && r->stat.version == s->m->election_version + 1) {
        rota_outbox_note(s->out, ROTA_NOTE_RESOLVED, ROTA_PATH_MASTER, "done", 0, 0, 0);
        lead(s, r->stat.mtime_ms);
    } else {
        restart(s, "the lock and the epoch do not belong together");
    }
}

static void founded(struct rota_master_context *s, const struct rota_reply *r)
{
    if (s->m->creates_pending > 0)
        s->m->creates_pending--;
    if (r->rc == ROTA_ERR_NO_NODE) {
        tree_missing(s);
    } else if (r->rc == ROTA_ERR_NO_AUTH) {
        forbidden(s, "/", r->rc);
    } else if (s->m->creates_pending == 0 && s->m->phase == ROTA_MASTER_CREATING_TREE) {
        look(s);
    }
}

static void run_replied(struct rota_master_context *s, const struct rota_event *e)
{
    if (s->m->phase != ROTA_MASTER_ELECTING)
        return;
    switch (e->reply.outcome) {
    case ROTA_DONE:
        lead(s, e->reply.body->results[2].stat.mtime_ms);
        break;
    case ROTA_REFUSED:
        if (rota_error_is_news(e->reply.body->rc))
            look(s);
        else
            forbidden(s, ROTA_PATH_MASTER, e->reply.body->rc);
        break;
    case ROTA_UNKNOWN:
        s->m->election_unknown = true;
        rota_outbox_note(s->out, ROTA_NOTE_UNKNOWN, ROTA_PATH_MASTER, NULL, 0, 0, 0);
        break;
    }
}

/* A write was refused at the fence. */
static void depose(struct rota_master_context *s, int32_t rc)
{
    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, ROTA_PATH_EPOCH, rota_error_name(rc), 0, 0, 0);
    rota_outbox_note(s->out, ROTA_NOTE_DEPOSED, NULL, NULL, s->m->epoch, 0, 0);
    rota_belief_clear(s);
    if (rc == ROTA_ERR_NO_NODE) /* rule 13 */
        restart(s, "/epoch is gone");
    else
        look(s);
}

/* ---- the end ---- */

static void stop(struct rota_master_context *s)
{
    struct rota_operation *ops;

    if (!s->m->up || s->m->phase != ROTA_MASTER_LEADING) {
        leave(s, ROTA_EXIT_DONE, NULL);
        return;
    }
    s->m->phase = ROTA_MASTER_HANDING_OVER;
    ops = rota_scheduler_write(s, ROTA_MASTER_PURPOSE_HANDOVER, 0, 2);
    rota_operation_delete(&ops[1], ROTA_PATH_MASTER);
    rota_outbox_note(s->out, ROTA_NOTE_HANDOVER, NULL, NULL, s->m->epoch, 0, 0);
}

/* ---- the step ---- */

static void session_up(struct rota_master_context *s, const struct rota_event *e)
{
    s->m->up = true;
    s->m->session = e->up.session;
    s->m->timeout = (rota_time)e->up.timeout_ms * 1000;
    if (e->up.fresh)
        s->m->election_unknown = false;
    rota_belief_clear(s);
    if (s->m->phase == ROTA_MASTER_LEADING && !e->up.fresh)
        rota_belief_want_all(s); /* what was under way is read behind the barrier */
    else
        look(s);
}

/* The reply to a write of this reign. False if it was refused at the fence. */
static bool written(struct rota_master_context *s, enum rota_master_purpose what, uint32_t index,
                    const struct rota_event *e)
{
    switch (what) {
    case ROTA_MASTER_PURPOSE_FINISH:
        return rota_finish_replied(s, e);
    case ROTA_MASTER_PURPOSE_ORDER:
        return rota_master_orders_replied(s, index, e);
    case ROTA_MASTER_PURPOSE_CLOCK:
        return rota_timers_replied(s, e);
    default:
        return rota_scheduler_replied(s, what, index, e);
    }
}

static void replied(struct rota_master_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    enum rota_master_purpose what = (enum rota_master_purpose)rota_request_tag_kind(r->tag);
    uint32_t index = rota_request_tag_index(r->tag);

    if (what == ROTA_MASTER_PURPOSE_HANDOVER) {
        leave(s, ROTA_EXIT_DONE, NULL);
        return;
    }
    if (what == ROTA_MASTER_PURPOSE_ELECTION) {
        run_replied(s, e);
        return;
    }
    if (e->reply.outcome == ROTA_UNKNOWN || rota_reply_session_over(r) ||
        rota_request_tag_generation(r->tag) != s->m->generation)
        return; /* everything is read again after it */
    switch (what) {
    case ROTA_MASTER_PURPOSE_LOCK:
        lock_read(s, r);
        break;
    case ROTA_MASTER_PURPOSE_EPOCH:
        epoch_read(s, r);
        break;
    case ROTA_MASTER_PURPOSE_CREATE_TREE:
        founded(s, r);
        break;
    case ROTA_MASTER_PURPOSE_PLACE:
    case ROTA_MASTER_PURPOSE_FINISH:
    case ROTA_MASTER_PURPOSE_ORDER:
    case ROTA_MASTER_PURPOSE_SWEEP:
    case ROTA_MASTER_PURPOSE_CLOCK:
        if (!written(s, what, index, e))
            depose(s, r->rc);
        break;
    default:
        rota_workers_replied(s, what, index, e);
        break;
    }
}

static void watched(struct rota_master_context *s, const struct rota_event *e)
{
    if (s->m->phase == ROTA_MASTER_STANDBY && strcmp(e->watch.path, ROTA_PATH_MASTER) == 0)
        look(s);
    else if (s->m->phase == ROTA_MASTER_LEADING)
        rota_workers_watched(s, e->watch.kind, e->watch.path);
}

/* What a leader does after every event. */
static void reconcile(struct rota_master_context *s)
{
    if (!s->m->up || s->m->phase != ROTA_MASTER_LEADING)
        return;
    rota_workers_ask(s);
    rota_mass_loss_keep(s);
    rota_tasks_due(s);
    rota_finish_go(s);
    rota_master_orders_go(s);
    rota_scheduler_go(s);
    rota_scheduler_sweep(s);
}

void rota_master_step(struct rota_master *m, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    struct rota_master_context s = {m, mem, out, event->now};

    switch (event->kind) {
    case ROTA_EVENT_UP:
        session_up(&s, event);
        break;
    case ROTA_EVENT_DOWN:
        m->up = false;
        break;
    case ROTA_EVENT_LOST:
        rota_belief_clear(&s);
        m->phase = ROTA_MASTER_OFFLINE;
        m->election_unknown = false;
        break;
    case ROTA_EVENT_FAILED:
        leave(&s, ROTA_EXIT_UNREACHABLE, rota_exit_unreachable_text(out, event->failed.rc));
        break;
    case ROTA_EVENT_REPLY:
        if (m->up || event->reply.outcome == ROTA_UNKNOWN)
            replied(&s, event);
        break;
    case ROTA_EVENT_WATCH:
        if (m->up)
            watched(&s, event);
        break;
    case ROTA_EVENT_STOP:
        stop(&s);
        break;
    default:
        break;
    }
    reconcile(&s);
}

void rota_master_check(const struct rota_master *m, const struct rota_pool *mem)
{
    rota_assert(!m->recovered || m->phase == ROTA_MASTER_LEADING ||
                m->phase == ROTA_MASTER_HANDING_OVER);
    rota_assert(m->assigned <= m->tasks.length);
    rota_assert(m->to_read_head <= m->to_read.length);
    rota_assert(m->workers_unread <= m->workers.length);
    rota_assert(m->workers_to_sweep <= m->workers.length);
    rota_assert(m->task_names.length <= m->tasks.length);
    rota_assert(mem->live <= mem->size);
}

static void role_init(void *state, const void *config, uint64_t seed)
{
    rota_master_init(state, config, seed);
}

static void role_step(void *state, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    rota_master_step(state, mem, event, out);
}

static void role_check(const void *state, const struct rota_pool *mem)
{
    rota_master_check(state, mem);
}

const struct rota_role rota_master_role = {
    .name = "master",
    .state_size = sizeof(struct rota_master),
    .config_size = sizeof(struct rota_master_config),
    .init = role_init,
    .step = role_step,
    .check = role_check,
};
