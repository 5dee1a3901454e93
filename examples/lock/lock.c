#include "examples/lock/lock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/base/format.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"

enum {
    CANDIDATE_SIZE = 64,
    NUMBER_LENGTH = 10, /* digits of a sequential name */
};

enum lock_phase {
    LOCK_OUT,      /* no session, or none that answers */
    LOCK_LOOKING,  /* the candidates are being listed */
    LOCK_CREATING, /* PATH and its children are being created */
    LOCK_JOINING,  /* the candidate is being created */
    LOCK_WAITING,  /* another candidate comes first; it is watched */
    LOCK_TAKING,   /* the fence is being read and raised */
    LOCK_TAKEN,    /* the lock is this process's, but the work may not begin: the lease is low */
    LOCK_HOLDING,
    LOCK_ENDING,    /* the lock was lost; the work has not ended yet */
    LOCK_RELEASING, /* the candidate is being deleted */
};

/* The purpose of a request. */
enum lock_purpose {
    PURPOSE_LIST = 1, /* children of PATH */
    PURPOSE_CREATE,   /* create PATH, an ancestor, PATH/fence or PATH/store */
    PURPOSE_JOIN,     /* create the candidate */
    PURPOSE_AHEAD,    /* get the candidate before this one */
    PURPOSE_OWN,      /* get the own candidate: its czxid is the fence */
    PURPOSE_FENCE,    /* get PATH/fence */
    PURPOSE_TAKE,     /* the multi that raises PATH/fence */
    PURPOSE_WRITE,    /* the multi that writes PATH/store */
    PURPOSE_RELEASE,  /* delete the candidate */
};

struct lock_state {
    struct lock_config config;
    enum lock_phase phase;
    enum rota_lease lease;
    bool up;
    bool holding;   /* the work may go on */
    bool working;   /* the host runs the work, or is ending it */
    bool abandoned; /* the candidate must be deleted before there may be another one */
    bool stopping;
    uint16_t generation; /* replies to requests of an older one are ignored */
    uint32_t creating;   /* creates without a reply */
    uint64_t run;
    int64_t session;
    int64_t fence;         /* czxid of the candidate; 0: not known */
    int32_t fence_version; /* of PATH/fence, as this process wrote it */
    uint64_t writes;
    rota_time write_at;
    char own[CANDIDATE_SIZE]; /* name of the candidate; "": none */
};

/* One step. */
struct lock_context {
    struct lock_state *l;
    struct rota_outbox *out;
    rota_time now;
};

static uint64_t tag(const struct lock_context *c, enum lock_purpose purpose)
{
    return rota_request_tag(purpose, c->l->generation, 0);
}

static const char *child_path(struct lock_context *c, const char *name)
{
    return rota_outbox_text(c->out, "%s/%s", c->l->config.path, name);
}

/* ---- the queue of candidates ---- */

/* Names begin with the session, so a process finds its own candidate after a lost reply. */
static bool is_candidate(const char *name)
{
    return strncmp(name, "candidate-", 10) == 0 && strlen(name) > 10 + NUMBER_LENGTH;
}

static const char *own_prefix(struct lock_context *c)
{
    return rota_outbox_text(c->out, "candidate-%016" PRIx64 "-", (uint64_t)c->l->session);
}

/* Candidates are served in the order of their numbers, whatever their sessions. */
static const char *number_of(const char *candidate)
{
    return candidate + strlen(candidate) - NUMBER_LENGTH;
}

/* Reads the queue anew, from which everything else follows. Replies to older requests are ignored
 * from now on: what they did to the tree is in the listing, which the server answers after them. */
static void look(struct lock_context *c)
{
    struct lock_state *l = c->l;

    if (!l->up)
        return;
    l->generation++;
    if (l->working && !l->holding) { /* first the host must have ended the work */
        l->phase = LOCK_ENDING;
        return;
    }
    l->phase = LOCK_LOOKING;
    rota_request_add_read(c->out, tag(c, PURPOSE_LIST), ROTA_OP_CHILDREN, l->config.path, false);
}

static void create(struct lock_context *c, enum lock_purpose purpose, const char *path,
                   enum rota_mode mode)
{
    struct rota_operation *o = &rota_request_add(c->out, tag(c, purpose))->operation;

    o->op = ROTA_OP_CREATE;
    o->path = path;
    o->mode = mode;
    o->data = (struct rota_bytes){"", 0};
}

/* Creates what is missing: the ancestors of PATH, PATH, and its two persistent children. */
static void create_tree(struct lock_context *c)
{
    struct lock_state *l = c->l;

    l->phase = LOCK_CREATING;
    l->creating = 2;
    for (size_t i = 1; i <= strlen(l->config.path); i++) {
        if (l->config.path[i] != '/' && l->config.path[i] != '\0')
            continue;
        create(c, PURPOSE_CREATE, rota_outbox_text(c->out, "%.*s", (int)i, l->config.path),
               ROTA_MODE_PERSISTENT);
        l->creating++;
    }
    create(c, PURPOSE_CREATE, child_path(c, "fence"), ROTA_MODE_PERSISTENT);
    create(c, PURPOSE_CREATE, child_path(c, "store"), ROTA_MODE_PERSISTENT);
}

static void join(struct lock_context *c)
{
    struct lock_state *l = c->l;

    l->phase = LOCK_JOINING;
    l->own[0] = '\0';
    create(c, PURPOSE_JOIN, child_path(c, own_prefix(c)), ROTA_MODE_EPHEMERAL_SEQUENTIAL);
}

static void release(struct lock_context *c)
{
    struct lock_state *l = c->l;
    struct rota_request *r = rota_request_add(c->out, tag(c, PURPOSE_RELEASE));

    l->phase = LOCK_RELEASING;
    rota_operation_delete(&r->operation, child_path(c, l->own));
}

static void read_own(struct lock_context *c)
{
    c->l->phase = LOCK_TAKING;
    rota_request_add_read(c->out, tag(c, PURPOSE_OWN), ROTA_OP_GET, child_path(c, c->l->own), true);
}

/* Watches the candidate just before this one, and no other: a release wakes one process. A get
 * leaves no watch if the znode is gone, unlike exists. */
static void wait_behind(struct lock_context *c, const char *ahead)
{
    c->l->phase = LOCK_WAITING;
    rota_outbox_note(c->out, ROTA_NOTE_FAULT, rota_outbox_text(c->out, "waits behind %s", ahead),
                     NULL, 0, 0, 0);
    rota_request_add_read(c->out, tag(c, PURPOSE_AHEAD), ROTA_OP_GET, child_path(c, ahead), true);
}

/* ---- the work ---- */

static void hold(struct lock_context *c, int32_t fence_version)
{
    struct lock_state *l = c->l;
    struct rota_action *a;

    l->fence_version = fence_version;
    l->phase = LOCK_HOLDING;
    if (l->holding) /* the queue was only read anew after a lost connection */
        return;
    if (l->lease != ROTA_LEASE_GOOD) { /* the reply may have waited here while time passed */
        l->phase = LOCK_TAKEN;
        return;
    }
    l->holding = l->working = true;
    l->write_at = c->now;
    rota_outbox_note(c->out, ROTA_NOTE_ELECTED, NULL, NULL, l->fence, 0, 0);
    a = rota_outbox_add(c->out, ROTA_ACTION_RUN);
    a->run.run = ++l->run;
    a->run.task = l->config.path;
    a->run.worker = l->config.name;
    a->run.attempt = 1;
    a->run.fence = l->fence;
    a->run.payload = ROTA_NULL_BYTES;
}

static void cancel(struct lock_context *c, bool at_once)
{
    struct rota_action *a = rota_outbox_add(c->out, ROTA_ACTION_CANCEL);

    a->cancel.run = c->l->run;
    a->cancel.at_once = at_once;
}

/* The lock is this process's no longer, or may not be: the work must end at once. */
static void lose(struct lock_context *c)
{
    struct lock_state *l = c->l;

    if (!l->holding)
        return;
    l->holding = false;
    l->abandoned = true;
    rota_outbox_note(c->out, ROTA_NOTE_DEPOSED, NULL, NULL, l->fence, 0, 0);
    if (l->working)
        cancel(c, true);
}

/* Writes PATH/store, if it is time. The check of PATH/fence refuses the write if another process
 * has taken the lock since, even if this one does not know it yet. */
static void write_store(struct lock_context *c)
{
    struct lock_state *l = c->l;
    struct rota_operation *o;
    const char *text;

    if (!l->holding || c->now < l->write_at)
        return;
    l->write_at = l->config.write_ms == 0 ? ROTA_NEVER : c->now + l->config.write_ms * 1000;
    if (!l->up)
        return;
    text = rota_outbox_text(c->out, "fence=%" PRId64 " by=%s write=%" PRIu64, l->fence,
                            l->config.name, ++l->writes);
    o = rota_request_add_multi(c->out, tag(c, PURPOSE_WRITE), 2);
    o[0].op = ROTA_OP_CHECK;
    o[0].path = child_path(c, "fence");
    o[0].version = l->fence_version;
    o[1].op = ROTA_OP_SET;
    o[1].path = child_path(c, "store");
    o[1].data = (struct rota_bytes){text, (int32_t)strlen(text)};
}

/* ---- replies ---- */

/* The lowest candidate of this session, "" if there is none. */
static void find_own(struct lock_context *c, const struct rota_reply *r)
{
    struct lock_state *l = c->l;
    const char *prefix = own_prefix(c);

    l->own[0] = '\0';
    for (uint32_t i = 0; i < r->child_count; i++) {
        const char *name = r->children[i];

        if (is_candidate(name) && strncmp(name, prefix, strlen(prefix)) == 0 &&
            strlen(name) < sizeof l->own &&
            (l->own[0] == '\0' || strcmp(number_of(name), number_of(l->own)) < 0))
            rota_format(l->own, sizeof l->own, "%s", name);
    }
}

/* The candidate just before this one, NULL if this one comes first. */
static const char *find_ahead(const struct lock_context *c, const struct rota_reply *r)
{
    const char *ahead = NULL;

    for (uint32_t i = 0; i < r->child_count; i++) {
        const char *name = r->children[i];

        if (is_candidate(name) && strcmp(number_of(name), number_of(c->l->own)) < 0 &&
            (ahead == NULL || strcmp(number_of(name), number_of(ahead)) > 0))
            ahead = name;
    }
    return ahead;
}

static void listed(struct lock_context *c, const struct rota_reply *r)
{
    struct lock_state *l = c->l;
    const char *ahead;

    if (r->rc == ROTA_ERR_NO_NODE) {
        create_tree(c);
        return;
    }
    find_own(c, r);
    if (l->own[0] == '\0')
        lose(c); /* a person has deleted the candidate */
    if (l->working && !l->holding) {
        l->phase = LOCK_ENDING;
    } else if (l->own[0] == '\0') {
        l->abandoned = false;
        join(c);
    } else if (l->abandoned) {
        release(c);
    } else {
        ahead = find_ahead(c, r);
        if (ahead == NULL)
            read_own(c);
        else
            wait_behind(c, ahead);
    }
}

static void own_read(struct lock_context *c, const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_NO_NODE) {
        look(c);
        return;
    }
    c->l->fence = r->stat.czxid;
    rota_request_add_read(c->out, tag(c, PURPOSE_FENCE), ROTA_OP_GET, child_path(c, "fence"),
                          false);
}

static void take(struct lock_context *c, int32_t version)
{
    struct lock_state *l = c->l;
    const char *text = rota_outbox_text(c->out, "%" PRId64, l->fence);
    struct rota_operation *o = rota_request_add_multi(c->out, tag(c, PURPOSE_TAKE), 2);

    l->fence_version = version;
    o[0].op = ROTA_OP_CHECK;
    o[0].path = child_path(c, l->own);
    o[1].op = ROTA_OP_SET;
    o[1].path = child_path(c, "fence");
    o[1].version = version;
    o[1].data = (struct rota_bytes){text, (int32_t)strlen(text)};
}

/* The fence says who took the lock last. If that was this process, the reply to its multi was lost,
 * and the version is the one that it wrote. A newer fence: this candidate is a former holder's. */
static void fence_read(struct lock_context *c, const struct rota_reply *r)
{
    struct lock_state *l = c->l;
    int64_t last;

    if (r->rc == ROTA_ERR_NO_NODE) {
        create_tree(c);
        return;
    }
    last = strtoll(rota_outbox_text_of(c->out, r->data, 32), NULL, 10);
    if (last == l->fence) {
        hold(c, r->stat.version);
    } else if (last > l->fence) {
        lose(c);
        l->abandoned = true;
        look(c);
    } else {
        take(c, r->stat.version);
    }
}

/* A write was refused. By the fence: another process has taken the lock. */
static void write_refused(struct lock_context *c, const struct rota_reply *r)
{
    if (rota_reply_failed_at(r) == 0) {
        rota_outbox_note(c->out, ROTA_NOTE_REFUSED, "a write to the store", "the fence has changed",
                         0, 0, 0);
        lose(c);
        look(c);
    } else if (r->rc == ROTA_ERR_NO_NODE) {
        create_tree(c);
    }
}

static void handle_reply(struct lock_context *c, enum lock_purpose purpose,
                         const struct rota_reply *r)
{
    switch (purpose) {
    case PURPOSE_LIST:
        listed(c, r);
        break;
    case PURPOSE_CREATE:
        if (--c->l->creating == 0)
            look(c);
        break;
    case PURPOSE_JOIN: /* the listing shows the name, and the first candidate */
    case PURPOSE_RELEASE:
        look(c);
        break;
    case PURPOSE_AHEAD:
        if (r->rc == ROTA_ERR_NO_NODE)
            look(c);
        break;
    case PURPOSE_OWN:
        own_read(c, r);
        break;
    case PURPOSE_FENCE:
        fence_read(c, r);
        break;
    case PURPOSE_TAKE:
        if (r->rc == ROTA_ERR_OK) /* the version that was sent plus one, never one read later */
            hold(c, c->l->fence_version + 1);
        else
            look(c);
        break;
    case PURPOSE_WRITE:
        if (r->rc != ROTA_ERR_OK)
            write_refused(c, r);
        break;
    }
}

/* An unknown outcome needs no case of its own: the next UP comes behind a barrier, and then the
 * process reads the queue anew. A refusal that says nothing about the tree would come again. */
static void replied(struct lock_context *c, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    enum lock_purpose purpose;

    if (e->reply.outcome == ROTA_UNKNOWN || rota_reply_session_over(r) ||
        rota_request_tag_generation(r->tag) != c->l->generation)
        return;
    purpose = (enum lock_purpose)rota_request_tag_kind(r->tag);
    if (r->rc != ROTA_ERR_OK &&
        (!rota_error_is_news(r->rc) || (purpose == PURPOSE_JOIN && r->rc != ROTA_ERR_NO_NODE))) {
        rota_exit_add(c->out, ROTA_EXIT_REFUSED,
                      rota_exit_forbidden_text(c->out, c->l->config.path, r->rc));
        return;
    }
    handle_reply(c, purpose, r);
}

/* ---- other events ---- */

static void came_up(struct lock_context *c, const struct rota_event *e)
{
    c->l->up = true;
    c->l->session = e->up.session;
    c->l->generation++;
    look(c);
}

static void went_down(struct lock_context *c)
{
    c->l->up = false;
    c->l->phase = LOCK_OUT;
    c->l->generation++;
}

static void session_lost(struct lock_context *c)
{
    lose(c);
    went_down(c);
    c->l->own[0] = '\0';
    c->l->abandoned = false; /* the candidate has gone with the session */
    c->l->lease = ROTA_LEASE_OVER;
}

/* The host receives the time until which the work may go on, and ends it then by itself. */
static void lease_changed(struct lock_context *c, const struct rota_event *e)
{
    struct lock_state *l = c->l;

    l->lease = e->lease.state;
    rota_outbox_add(c->out, ROTA_ACTION_LEASE)->lease.until = e->lease.until;
    if (l->lease == ROTA_LEASE_OVER && l->holding) {
        lose(c);
        look(c);
    } else if (l->lease == ROTA_LEASE_GOOD && l->phase == LOCK_TAKEN) {
        look(c);
    }
}

/* The work has ended: by itself or on request, which releases the lock; or since the lock was lost,
 * by this process or, at the end of the lease, by the host. */
static void finished(struct lock_context *c, const struct rota_event *e)
{
    struct lock_state *l = c->l;
    bool released = l->holding && (l->stopping || e->finished.ending != ROTA_ENDING_STOPPED);

    if (!l->working || e->finished.run != l->run)
        return;
    l->working = false;
    if (released)
        rota_outbox_note(c->out, ROTA_NOTE_HANDOVER, NULL, NULL, l->fence, 0, 0);
    else
        lose(c);
    l->holding = false;
    l->abandoned = true;
    l->phase = l->up ? LOCK_ENDING : LOCK_OUT;
    if (released && (l->config.once || l->stopping))
        rota_exit_add(c->out, ROTA_EXIT_DONE, NULL);
    else if (l->config.once || l->stopping)
        rota_exit_add(c->out, ROTA_EXIT_FAILED,
                      "the lock was lost, and the work was ended before it was done");
    else
        look(c);
}

/* The end of the session deletes the candidate, so nothing is left to release. */
static void stop(struct lock_context *c)
{
    if (c->l->working)
        cancel(c, c->l->stopping);
    else
        rota_exit_add(c->out, ROTA_EXIT_INTERRUPTED, NULL);
    c->l->stopping = true;
}

/* ---- the table ---- */

static void init(void *state, const void *config, uint64_t seed)
{
    struct lock_state *l = state;

    (void)seed;
    l->config = *(const struct lock_config *)config;
    l->write_at = ROTA_NEVER;
    l->lease = ROTA_LEASE_OVER;
}

static void handle_event(struct lock_context *c, const struct rota_event *e)
{
    switch (e->kind) {
    case ROTA_EVENT_UP:
        came_up(c, e);
        break;
    case ROTA_EVENT_DOWN:
        went_down(c);
        break;
    case ROTA_EVENT_LOST:
        session_lost(c);
        break;
    case ROTA_EVENT_FAILED:
        rota_exit_add(c->out, ROTA_EXIT_UNREACHABLE,
                      rota_exit_unreachable_text(c->out, e->failed.rc));
        break;
    case ROTA_EVENT_REPLY:
        replied(c, e);
        break;
    case ROTA_EVENT_WATCH: /* a candidate is gone: the one ahead, or the own one */
        look(c);
        break;
    case ROTA_EVENT_LEASE:
        lease_changed(c, e);
        break;
    case ROTA_EVENT_FINISHED:
        finished(c, e);
        break;
    case ROTA_EVENT_STOP:
        stop(c);
        break;
    default:
        break;
    }
}

static void step(void *state, struct rota_pool *mem, const struct rota_event *event,
                 struct rota_outbox *out)
{
    struct lock_context c = {state, out, event->now};

    (void)mem;
    handle_event(&c, event);
    write_store(&c);
    if (c.l->holding)
        rota_outbox_wake(out, c.l->write_at);
}

static void check(const void *state, const struct rota_pool *mem)
{
    const struct lock_state *l = state;

    (void)mem;
    rota_assert(!l->holding || (l->working && l->fence != 0 && !l->abandoned));
    rota_assert(l->phase != LOCK_HOLDING || l->holding);
    rota_assert(l->phase == LOCK_OUT || l->up);
}

const struct rota_role lock_role = {
    .name = "lock",
    .state_size = sizeof(struct lock_state),
    .config_size = sizeof(struct lock_config),
    .init = init,
    .step = step,
    .check = check,
};
