#include "model/worker/registration.h"

#include "model/base/assert.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

/* ---- registering ---- */

void rota_registration_begin(struct rota_worker_context *s)
{
    s->w->phase = ROTA_WORKER_CHECKING;
    rota_worker_read(s, ROTA_WORKER_PURPOSE_DIRECTORY, 0, ROTA_OP_EXISTS,
                     rota_path_assign(s->out, s->w->config.name), false);
}

static struct rota_bytes own_data(struct rota_worker_context *s, uint32_t slots)
{
    struct rota_worker_record record = {s->w->config.address, slots, s->w->config.tags};

    return rota_worker_record_write(s->out, &record);
}

/* Every registration raises the version of /assign/<w>, which names the incarnation (hazard 12). */
void rota_registration_directory_read(struct rota_worker_context *s, const struct rota_event *e)
{
    bool exists = e->reply.body->rc == ROTA_ERR_OK;
    struct rota_operation *ops;

    if (s->w->phase != ROTA_WORKER_CHECKING)
        return;
    s->w->phase = ROTA_WORKER_REGISTERING;
    ops = rota_request_add_multi(s->out, rota_worker_tag(s, ROTA_WORKER_PURPOSE_REGISTER, 0), 2);
    ops[0].op = ROTA_OP_CREATE;
    ops[0].mode = ROTA_MODE_EPHEMERAL;
    ops[0].path = rota_path_worker(s->out, s->w->config.name);
    ops[0].data = own_data(s, s->w->config.slots);
    ops[1].op = exists ? ROTA_OP_SET : ROTA_OP_CREATE;
    ops[1].path = rota_path_assign(s->out, s->w->config.name);
    ops[1].data = (struct rota_bytes){"", 0};
}

void rota_registration_written(struct rota_worker_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    uint32_t failed = rota_reply_failed_at(r);

    if (s->w->phase != ROTA_WORKER_REGISTERING)
        return;
    if (e->reply.outcome == ROTA_DONE || (failed == 0 && r->rc == ROTA_ERR_NODE_EXISTS))
        rota_registration_confirm(s);
    else if (failed == 0 && r->rc == ROTA_ERR_NO_NODE)
        rota_worker_exit(
            s, ROTA_EXIT_UNREACHABLE,
            "the tree does not exist: create it with `rota init`, or start a master first");
    else if (rota_error_is_news(r->rc))
        rota_registration_begin(s); /* /assign/<w> was created or removed in the meantime */
    else
        rota_worker_forbidden(s, failed == 0 ? ROTA_PATH_WORKERS : ROTA_PATH_ASSIGN, r->rc);
}

/* ---- whose znode it is ---- */

void rota_registration_read_own_znode(struct rota_worker_context *s)
{
    rota_worker_read(s, ROTA_WORKER_PURPOSE_OWN_ZNODE, 0, ROTA_OP_GET,
                     rota_path_worker(s->out, s->w->config.name), true);
}

void rota_registration_confirm(struct rota_worker_context *s)
{
    s->w->phase = ROTA_WORKER_CONFIRMING;
    rota_registration_read_own_znode(s);
}

static void registered(struct rota_worker_context *s, const struct rota_stat *stat)
{
    s->w->phase = ROTA_WORKER_IN;
    s->w->czxid = stat->czxid;
    s->w->servers_ms = stat->ctime_ms;
    s->w->servers_read_at = s->now;
    s->w->list_wanted = true;
    s->w->orders_wanted = true;
    s->w->zero_slots_sent = false;
    if (!s->w->stopping)
        s->w->deadline = 0;
    rota_outbox_note(s->out, ROTA_NOTE_REGISTERED, s->w->config.name, NULL, s->w->config.slots, 0,
                     0);
}

/* The other session may be an earlier one of this process, which ends within its timeout. */
static void wait_for_name(struct rota_worker_context *s, int64_t owner)
{
    struct rota_worker *w = s->w;

    if (w->phase != ROTA_WORKER_WAITING)
        rota_outbox_note(s->out, ROTA_NOTE_NAME_TAKEN, w->config.name, NULL, owner, 0, 0);
    if (w->deadline == 0)
        w->deadline = s->now + 2 * w->session_timeout + w->session_timeout / 2;
    w->phase = ROTA_WORKER_WAITING;
}

static void name_taken(struct rota_worker_context *s)
{
    rota_worker_exit(s, ROTA_EXIT_REFUSED,
                     rota_outbox_text(s->out,
                                      "another worker is registered as %s: choose another --name, "
                                      "or stop that worker",
                                      s->w->config.name));
}

/* While registered: the znode must be the one that was confirmed. */
static void check_registered(struct rota_worker_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;

    if (r->rc == ROTA_ERR_NO_NODE ||
        (e->reply.outcome == ROTA_DONE && r->stat.czxid != s->w->czxid))
        rota_worker_restart(s, "the worker's own znode is gone");
}

/* The name is held by this session, by another one (rule 12), or by none. */
void rota_registration_own_znode_read(struct rota_worker_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;

    if (s->w->phase == ROTA_WORKER_IN) {
        check_registered(s, e);
        return;
    }
    if (s->w->phase != ROTA_WORKER_CONFIRMING && s->w->phase != ROTA_WORKER_WAITING)
        return;
    if (r->rc == ROTA_ERR_NO_AUTH)
        rota_worker_forbidden(s, rota_path_worker(s->out, s->w->config.name), r->rc);
    else if (e->reply.outcome != ROTA_DONE)
        rota_registration_begin(s);
    else if (r->stat.ephemeral_owner == s->w->session)
        registered(s, &r->stat);
    else if (s->w->deadline != 0 && s->now >= s->w->deadline)
        name_taken(s);
    else
        wait_for_name(s, r->stat.ephemeral_owner);
}

void rota_registration_wait(struct rota_worker_context *s)
{
    if (s->w->phase != ROTA_WORKER_WAITING)
        return;
    if (s->now >= s->w->deadline)
        rota_registration_confirm(
            s); /* the name may have become free while the worker was paused */
    else
        rota_outbox_wake(s->out, s->w->deadline);
}

/* ---- deregistering ---- */

void rota_registration_zero_slots(struct rota_worker_context *s)
{
    struct rota_request *r;

    rota_assert_equal(s->w->phase, ROTA_WORKER_IN);
    if (s->w->zero_slots_sent)
        return;
    s->w->zero_slots_sent = true;
    r = rota_request_add(s->out, rota_worker_tag(s, ROTA_WORKER_PURPOSE_ZERO_SLOTS, 0));
    r->operation.op = ROTA_OP_SET;
    r->operation.path = rota_path_worker(s->out, s->w->config.name);
    r->operation.data = own_data(s, 0);
    r->operation.version = -1;
}

/* The multi is refused if an assignment was made in the meantime: /assign/<w> is not empty then. It
 * raises the version of /assign, because the next worker of this name begins again with version 0
 * of /assign/<w> (rule 14). */
void rota_registration_end(struct rota_worker_context *s)
{
    struct rota_operation *ops =
        rota_request_add_multi(s->out, rota_worker_tag(s, ROTA_WORKER_PURPOSE_DEREGISTER, 0), 3);

    rota_assert_equal(s->w->phase, ROTA_WORKER_IN);
    s->w->phase = ROTA_WORKER_LEAVING;
    rota_operation_delete(&ops[0], rota_path_worker(s->out, s->w->config.name));
    rota_operation_delete(&ops[1], rota_path_assign(s->out, s->w->config.name));
    ops[2].op = ROTA_OP_SET;
    ops[2].path = ROTA_PATH_ASSIGN;
    ops[2].data = (struct rota_bytes){"", 0};
}

void rota_registration_ended(struct rota_worker_context *s, const struct rota_event *e)
{
    if (s->w->phase != ROTA_WORKER_LEAVING)
        return;
    if (e->reply.outcome == ROTA_REFUSED && e->reply.body->rc == ROTA_ERR_NOT_EMPTY) {
        s->w->phase = ROTA_WORKER_IN;
        s->w->list_wanted = true;
        return;
    }
    s->w->up = false; /* nothing is held any more: the worker exits */
}
