#include "model/master/election.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/master/directories.h"
#include "model/master/fence.h"
#include "model/master/timers.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"

/* In doubt about the session the master ends it and begins a new one (rule 10). */
static void restart(struct rota_master_context *s, const char *why)
{
    rota_belief_clear(s);
    rota_outbox_note(s->out, ROTA_NOTE_DOUBT, why, NULL, 0, 0, 0);
    rota_outbox_add(s->out, ROTA_ACTION_RESTART);
    s->m->phase = ROTA_MASTER_OFFLINE;
    s->m->up = false;
    s->m->election_unknown = false;
}

static void forbidden(struct rota_master_context *s, const char *path, int32_t rc)
{
    rota_belief_leave(s, ROTA_EXIT_REFUSED, rota_exit_forbidden_text(s->out, path, rc));
}

/* ---- requests ---- */

void rota_master_election_begin(struct rota_master_context *s)
{
    s->m->phase = ROTA_MASTER_READING_LOCK;
    rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_LOCK, 0), ROTA_OP_GET,
                          ROTA_PATH_MASTER, true);
}

static void read_epoch(struct rota_master_context *s)
{
    s->m->phase = ROTA_MASTER_READING_EPOCH;
    rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_EPOCH, 0), ROTA_OP_EXISTS,
                          ROTA_PATH_EPOCH, false);
}

/* Other processes may do the same at the same time. */
static void create_tree(struct rota_master_context *s)
{
    s->m->phase = ROTA_MASTER_CREATING_TREE;
    s->m->creates_pending = rota_directories_create(s, true);
}

/* The one multi of a master that its epoch does not fence, because it makes the epoch. */
static void take_lock(struct rota_master_context *s, int32_t version)
{
    struct rota_operation *ops =
        rota_request_add_multi(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_ELECTION, 0), 3);
    const char *data = rota_outbox_text(s->out, "%s %s", s->m->config.id, s->m->config.address);

    rota_assert(s->m->phase == ROTA_MASTER_READING_EPOCH && s->m->lock_czxid == 0);
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

/* ---- outcomes ---- */

/* The epoch is the version that the multi checked plus one, never one read later (rule 8).
 * `server_ms` is the time stamp of the write to /epoch. */
static void lead(struct rota_master_context *s, int64_t server_ms)
{
    rota_assert(s->m->phase == ROTA_MASTER_ELECTING || s->m->phase == ROTA_MASTER_READING_EPOCH);
    s->m->phase = ROTA_MASTER_LEADING;
    s->m->election_unknown = false;
    s->m->epoch = s->m->election_version + 1;
    rota_outbox_note(s->out, ROTA_NOTE_ELECTED, NULL, NULL, s->m->epoch, 0, 0);
    rota_belief_clear(s);
    rota_timers_set_clock(s, server_ms);
    rota_belief_want_all(s);
}

static void stand_by(struct rota_master_context *s, const struct rota_reply *r)
{
    char *leader = rota_outbox_take(s->out, sizeof s->m->config.id + 1);
    size_t n = r->data.length > 0 ? (size_t)r->data.length : 0;

    if (n > sizeof s->m->config.id)
        n = sizeof s->m->config.id;
    if (n > 0)
        memcpy(leader, r->data.data, n);
    leader[strcspn(leader, " ")] = '\0';
    s->m->phase = ROTA_MASTER_STANDBY;
    s->m->election_unknown = false;
    rota_outbox_note(s->out, ROTA_NOTE_STANDBY, leader, NULL, 0, 0, 0);
}

/* A lock that belongs to this session proves nothing alone (rule 8): only an election multi of
 * unknown outcome can have made it. Read behind the barrier, a lock that does not exist shows that
 * such a multi was not done. A lock of a former session of this process belongs to another one
 * (hazard 4). */
void rota_master_election_lock_read(struct rota_master_context *s, const struct rota_reply *r)
{
    if (s->m->phase != ROTA_MASTER_READING_LOCK)
        return;
    s->m->lock_czxid = 0;
    if (r->rc == ROTA_ERR_NO_NODE) {
        s->m->election_unknown = false;
        read_epoch(s);
    } else if (r->rc != ROTA_ERR_OK) {
        forbidden(s, ROTA_PATH_MASTER, r->rc);
    } else if (r->stat.ephemeral_owner != s->m->session) {
        stand_by(s, r);
    } else if (s->m->election_unknown) {
        s->m->lock_czxid = r->stat.czxid;
        read_epoch(s);
    } else {
        restart(s, "the lock belongs to this session, but not to an election of this master");
    }
}

void rota_master_election_epoch_read(struct rota_master_context *s, const struct rota_reply *r)
{
    if (s->m->phase != ROTA_MASTER_READING_EPOCH)
        return;
    if (r->rc == ROTA_ERR_NO_NODE) {
        create_tree(s);
    } else if (r->rc != ROTA_ERR_OK) {
        forbidden(s, ROTA_PATH_EPOCH, r->rc);
    } else if (s->m->lock_czxid == 0) {
        take_lock(s, r->stat.version);
    } else if (s->m->lock_czxid == r->stat.mzxid && r->stat.version == s->m->election_version + 1) {
        rota_outbox_note(s->out, ROTA_NOTE_RESOLVED, ROTA_PATH_MASTER, "done", 0, 0, 0);
        lead(s, r->stat.mtime_ms);
    } else {
        restart(s, "the lock and the epoch do not belong together");
    }
}

/* A leader, too, creates missing znodes: it does not wait for the replies. */
void rota_master_election_tree_created(struct rota_master_context *s, const struct rota_reply *r)
{
    if (s->m->creates_pending > 0)
        s->m->creates_pending--;
    if (r->rc == ROTA_ERR_NO_NODE)
        rota_belief_leave(s, ROTA_EXIT_UNREACHABLE,
                          "the tree is missing there: create it with `rota init`");
    else if (r->rc == ROTA_ERR_NO_AUTH)
        forbidden(s, "/", r->rc);
    else if (s->m->creates_pending == 0 && s->m->phase == ROTA_MASTER_CREATING_TREE)
        rota_master_election_begin(s);
}

void rota_master_election_replied(struct rota_master_context *s, const struct rota_event *e)
{
    if (s->m->phase != ROTA_MASTER_ELECTING)
        return;
    switch (e->reply.outcome) {
    case ROTA_DONE:
        lead(s, e->reply.body->results[2].stat.mtime_ms);
        break;
    case ROTA_REFUSED:
        if (rota_error_is_news(e->reply.body->rc))
            rota_master_election_begin(s);
        else
            forbidden(s, ROTA_PATH_MASTER, e->reply.body->rc);
        break;
    case ROTA_UNKNOWN:
        s->m->election_unknown = true;
        rota_outbox_note(s->out, ROTA_NOTE_UNKNOWN, ROTA_PATH_MASTER, NULL, 0, 0, 0);
        break;
    }
}

/* ---- losing the lock and giving it up ---- */

/* If /epoch itself is gone, the session ends, and a new election makes it again (rule 13). */
void rota_master_election_depose(struct rota_master_context *s, int32_t rc)
{
    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, ROTA_PATH_EPOCH, rota_error_name(rc), 0, 0, 0);
    rota_outbox_note(s->out, ROTA_NOTE_DEPOSED, NULL, NULL, s->m->epoch, 0, 0);
    rota_belief_clear(s);
    if (rc == ROTA_ERR_NO_NODE)
        restart(s, "/epoch is gone");
    else
        rota_master_election_begin(s);
}

void rota_master_election_hand_over(struct rota_master_context *s)
{
    struct rota_operation *ops;

    rota_assert(s->m->up && s->m->phase == ROTA_MASTER_LEADING);
    s->m->phase = ROTA_MASTER_HANDING_OVER;
    ops = rota_fence_multi(s, ROTA_MASTER_PURPOSE_HANDOVER, 0, 2);
    rota_operation_delete(&ops[1], ROTA_PATH_MASTER);
    rota_outbox_note(s->out, ROTA_NOTE_HANDOVER, NULL, NULL, s->m->epoch, 0, 0);
}
