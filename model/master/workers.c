#include "model/master/workers.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/master/assignments.h"
#include "model/master/fence.h"
#include "model/master/mass_loss.h"
#include "model/master/orders.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum { ORDERS_MAX = 65536 };

/* ---- requests ---- */

/* The version of /assign/<w> is read before /workers/<w>: it must not be younger than the
 * incarnation. */
static void read_worker(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);
    const char *name = rota_belief_worker_name(s, i);

    if (w->data_wanted) {
        rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_ORDERS, i),
                              ROTA_OP_GET, rota_path_assign(s->out, name), false);
        rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_WORKER, i),
                              ROTA_OP_GET, rota_path_worker(s->out, name), !w->unwatched);
        w->reads_pending += 2;
    }
    if (w->list_wanted) {
        rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_ASSIGNMENTS, i),
                              ROTA_OP_CHILDREN, rota_path_assign(s->out, name), !w->unwatched);
        w->reads_pending++;
    }
    w->data_wanted = w->list_wanted = false;
}

/* A worker is read one round at a time: what changes meanwhile is read in the next round. */
void rota_workers_read(struct rota_master_context *s)
{
    uint32_t i = s->m->attention_first;

    s->m->attention_first = 0;
    while (i != 0) {
        struct rota_master_worker *w = rota_belief_worker(s, i - 1);
        uint32_t next = w->attention_next;

        w->in_attention = false;
        if (w->reads_pending == 0)
            read_worker(s, i - 1);
        i = next;
    }
}

void rota_workers_audit(struct rota_master_context *s)
{
    for (uint32_t i = 0; i < s->m->workers.records.length; i++)
        if (rota_belief_worker(s, i)->used)
            rota_belief_want_worker(s, i, rota_belief_worker(s, i)->unwatched, true);
}

/* ---- listings ---- */

/* A worker that has deregistered raised the version of /assign. A watch has shown which one; those
 * that are read without a watch are read again. */
static void assign_version_listed(struct rota_master_context *s, int32_t version)
{
    struct rota_master *m = s->m;

    for (uint32_t i = 0; version != m->assign_version && i < m->workers.records.length; i++)
        if (rota_belief_worker(s, i)->used && rota_belief_worker(s, i)->unwatched)
            rota_belief_want_worker(s, i, true, true);
    m->assign_version = version;
    m->assign_stale = false;
}

/* /assign/<w> may be created after /workers/<w>: plain ZooKeeper clients do so. */
static void assign_listed(struct rota_master_context *s, const struct rota_reply *r)
{
    assign_version_listed(s, r->stat.version);
    for (uint32_t i = 0; i < r->child_count; i++) {
        uint32_t one = rota_belief_worker_named(s, r->children[i]);
        const struct rota_master_worker *w = rota_belief_worker(s, one);

        if (!w->assignable && !w->unconfirmed)
            rota_belief_want_worker(s, one, true, true);
    }
}

/* A worker that is believed to be alive and is not listed is read, and the reverse. A read that is
 * under way was carried out after this listing (S93), and is not repeated. */
static void workers_listed(struct rota_master_context *s, const struct rota_reply *r)
{
    uint32_t mark;

    for (uint32_t i = 0; i < r->child_count; i++)
        rota_belief_worker_named(s, r->children[i]);
    mark = ++s->m->listing_mark;
    for (uint32_t i = 0; i < r->child_count; i++)
        rota_belief_worker(s, rota_belief_worker_named(s, r->children[i]))->listed_mark = mark;
    for (uint32_t i = 0; i < s->m->workers.records.length; i++) {
        const struct rota_master_worker *w = rota_belief_worker(s, i);

        if (w->used && !w->unconfirmed && (w->czxid != 0) != (w->listed_mark == mark))
            rota_belief_want_worker(s, i, true, true);
    }
}

/* A worker that is listed gets nothing new from now on; one that no longer is may get tasks again.
 */
static void drains_listed(struct rota_master_context *s, const struct rota_reply *r)
{
    uint32_t mark = ++s->m->listing_mark;

    for (uint32_t i = 0; i < r->child_count; i++) {
        uint32_t one = rota_belief_worker_named(s, r->children[i]);
        struct rota_master_worker *w = rota_belief_worker(s, one);

        w->drain = true;
        w->drain_mark = mark;
        rota_belief_update_open(s, one);
        w->reads_pending++;
        rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_DRAIN, one),
                              ROTA_OP_GET, rota_path_drain(s->out, r->children[i]), false);
    }
    for (uint32_t i = 0; i < s->m->workers.records.length; i++) {
        struct rota_master_worker *w = rota_belief_worker(s, i);

        if (!w->used || !w->drain || w->drain_mark == mark)
            continue;
        w->drain = w->drain_known = false;
        rota_belief_update_open(s, i);
        rota_master_orders_want(s, i);
    }
}

void rota_workers_listed(struct rota_master_context *s, enum rota_directory which,
                         const struct rota_reply *r)
{
    switch (which) {
    case ROTA_DIRECTORY_ASSIGN:
        assign_listed(s, r);
        break;
    case ROTA_DIRECTORY_WORKERS:
        workers_listed(s, r);
        break;
    default:
        rota_assert(which == ROTA_DIRECTORY_DRAIN);
        drains_listed(s, r);
        break;
    }
}

/* ---- replies ---- */

static void drain_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);

    if (e->reply.outcome != ROTA_DONE || !w->drain)
        return;
    w->drain_known = true;
    w->drain_ms = rota_drain_record_read(s->out, e->reply.body->data);
    rota_master_orders_want(s, i);
    rota_assignments_reclaim(s, i);
}

static void orders_read(struct rota_master_context *s, uint32_t i, const struct rota_reply *r)
{
    const char *orders = rota_outbox_text_of(s->out, r->data, ORDERS_MAX);
    rota_ref ref = rota_belief_keep(s, rota_belief_worker(s, i)->orders, orders);
    struct rota_master_worker *w = rota_belief_worker(s, i);

    w->orders = ref;
    w->assignable = r->rc == ROTA_ERR_OK;
    w->version = r->stat.version;
    rota_master_orders_want(s, i);
}

/* If the byte budget for watches is used up, the worker is read again without them, and the audit
 * covers it. */
static void stop_watching(struct rota_master_context *s, uint32_t i, int32_t rc)
{
    if (rc != ROTA_ERR_WATCH_BUDGET || rota_belief_worker(s, i)->unwatched)
        return;
    rota_belief_worker(s, i)->unwatched = true;
    rota_belief_want_worker(s, i, true, true);
}

/* The worker has come, or is gone. One whose /assign/<w> went with it said goodbye: it is not lost
 * with others. */
static void incarnation_changed(struct rota_master_context *s, uint32_t i, int64_t czxid_before)
{
    const struct rota_master_worker *w = rota_belief_worker(s, i);
    const char *name = rota_belief_worker_name(s, i);

    if (czxid_before != 0) {
        rota_outbox_note(s->out, ROTA_NOTE_WORKER_LOST, name, NULL, w->held, 0, 0);
        if (w->assignable)
            rota_mass_loss_count(s);
        s->m->workers_alive--;
    }
    if (w->czxid == 0)
        return;
    s->m->workers_alive++;
    rota_outbox_note(s->out, ROTA_NOTE_WORKER_SEEN, name, NULL, w->slots, 0, 0);
    rota_mass_loss_return(s, i);
}

/* If the worker changed while it was read, it is read again before anything follows from it. */
static void worker_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);
    const struct rota_reply *r = e->reply.body;
    int64_t czxid_before = w->czxid;

    w->unconfirmed = false;
    if (r->rc == ROTA_ERR_OK || r->rc == ROTA_ERR_NO_NODE)
        w->czxid = 0;
    else
        stop_watching(s, i, r->rc);
    if (e->reply.outcome == ROTA_DONE) {
        struct rota_worker_record record;
        rota_ref tags;

        rota_worker_record_read(s->out, r->data, &record);
        tags = rota_belief_keep(s, w->tags, record.tags);
        w = rota_belief_worker(s, i);
        w->tags = tags;
        w->czxid = r->stat.czxid;
        w->slots = record.slots;
    }
    if (w->czxid != czxid_before)
        incarnation_changed(s, i, czxid_before);
    if (w->data_wanted)
        w->unconfirmed = true;
    rota_assignments_reclaim(s, i);
}

/* A process that may not read a worker's assignments must not lead. */
static void assignments_read(struct rota_master_context *s, uint32_t i, const struct rota_reply *r)
{
    const char *path = rota_path_assign(s->out, rota_belief_worker_name(s, i));

    if (r->rc == ROTA_ERR_NO_AUTH)
        rota_belief_leave(s, ROTA_EXIT_REFUSED, rota_exit_forbidden_text(s->out, path, r->rc));
    else if (r->rc == ROTA_ERR_OK || r->rc == ROTA_ERR_NO_NODE)
        rota_assignments_listed(s, i, r);
    else
        stop_watching(s, i, r->rc);
}

/* True if nothing is left in the tree, or under way, that concerns a worker. */
static bool forgettable(const struct rota_master_worker *w)
{
    return w->czxid == 0 && !w->assignable && !w->drain && w->held == 0 && w->lost_tasks == 0 &&
           w->batch_first == 0 && w->orders_pending == 0 && w->sweep_at == 0 && !w->in_attention &&
           !w->in_orders;
}

void rota_workers_replied(struct rota_master_context *s, enum rota_master_purpose purpose,
                          uint32_t i, const struct rota_event *e)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);

    rota_assert(w->used && w->reads_pending > 0);
    w->reads_pending--;
    switch (purpose) {
    case ROTA_MASTER_PURPOSE_ORDERS:
        orders_read(s, i, e->reply.body);
        break;
    case ROTA_MASTER_PURPOSE_WORKER:
        worker_read(s, i, e);
        break;
    case ROTA_MASTER_PURPOSE_DRAIN:
        drain_read(s, i, e);
        break;
    default:
        rota_assert(purpose == ROTA_MASTER_PURPOSE_ASSIGNMENTS);
        assignments_read(s, i, e->reply.body);
        break;
    }
    w = rota_belief_worker(s, i);
    if (w->reads_pending > 0)
        return;
    if (w->data_wanted || w->list_wanted)
        rota_belief_want_worker(s, i, false, false);
    else if (forgettable(w))
        rota_belief_forget_worker(s, i);
}

void rota_workers_watched(struct rota_master_context *s, enum rota_watch_kind kind,
                          const char *path)
{
    const char *name;
    uint32_t i;

    if ((name = rota_path_below(path, ROTA_PATH_WORKERS)) != NULL) {
        i = rota_map_get(s->mem, &s->m->worker_names, name);
        if (i != ROTA_MAP_NONE)
            rota_belief_want_worker(s, i, true, false);
    } else if ((name = rota_path_below(path, ROTA_PATH_ASSIGN)) != NULL) {
        i = rota_map_get(s->mem, &s->m->worker_names, name);
        if (i != ROTA_MAP_NONE)
            rota_belief_want_worker(s, i, kind == ROTA_WATCH_DELETED, true);
    }
}

/* ---- sweeping ---- */

static void sweep(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);
    const char *name = rota_belief_worker_name(s, i);
    uint32_t n = 2 + (w->assignable ? 1u : 0u) + (w->drain ? 1u : 0u);
    struct rota_operation *ops = rota_fence_worker_multi(s, ROTA_MASTER_PURPOSE_SWEEP, i, n);

    if (w->drain)
        rota_operation_delete(&ops[--n], rota_path_drain(s->out, name));
    if (w->assignable) {
        rota_operation_delete(&ops[--n], rota_path_assign(s->out, name));
        ops[n].version = w->version;
    }
    w->sweeping = true;
}

/* The session timeout gives a plain ZooKeeper client the time to register after it has created
 * /assign/<w>, and a drained worker the time to begin anew. */
void rota_workers_sweep(struct rota_master_context *s)
{
    for (uint32_t i = 0; s->m->workers_to_sweep != 0 && i < s->m->workers.records.length; i++) {
        struct rota_master_worker *w = rota_belief_worker(s, i);

        if (!w->used || w->sweep_at == 0 || w->sweeping)
            continue;
        if (w->czxid != 0 || !(w->assignable || w->drain) || w->unconfirmed) {
            w->sweep_at = 0;
            s->m->workers_to_sweep--;
        } else if (s->now < w->sweep_at) {
            rota_outbox_wake(s->out, w->sweep_at);
        } else if (w->held == 0 && w->lost_tasks == 0 && w->batch_first == 0 &&
                   !s->m->assign_stale) {
            sweep(s, i);
        }
    }
}

void rota_workers_swept(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);

    rota_assert(w->used && w->sweeping && s->m->workers_to_sweep > 0);
    rota_fence_worker_refused(s, e);
    w->sweeping = false;
    w->sweep_at = 0;
    s->m->workers_to_sweep--;
    if (e->reply.outcome == ROTA_DONE) {
        rota_outbox_note(s->out, ROTA_NOTE_SWEPT,
                         rota_path_assign(s->out, rota_belief_worker_name(s, i)), NULL, 0, 0, 0);
        w->drain = w->drain_known = false;
    } else {
        s->m->listing[ROTA_DIRECTORY_DRAIN].wanted = true;
    }
    rota_belief_want_worker(s, i, true, true);
}
