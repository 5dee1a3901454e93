#include "model/master/directories.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"

enum {
    COUNTER_NEAR =
        1900000000,          /* creates under a directory: three days are left at 1,000 a second */
    COUNTER_STEP = 10000000, /* creates until the next report */
    PATIENCE = 20,           /* times the duration of a long listing until the next (hazard 18) */
    LISTING_US = 100000,     /* a listing may take this long, */
    NAME_US = 20,            /* and this long for each name; beyond that a process was paused */
};

static const char *const directories[ROTA_DIRECTORIES] = {
    [ROTA_DIRECTORY_ASSIGN] = ROTA_PATH_ASSIGN,   [ROTA_DIRECTORY_WORKERS] = ROTA_PATH_WORKERS,
    [ROTA_DIRECTORY_DRAIN] = ROTA_PATH_DRAIN,     [ROTA_DIRECTORY_RETRY] = ROTA_PATH_RETRY,
    [ROTA_DIRECTORY_CANCEL] = ROTA_PATH_CANCEL,   [ROTA_DIRECTORY_COLLECT] = ROTA_PATH_COLLECT,
    [ROTA_DIRECTORY_HISTORY] = ROTA_PATH_HISTORY, [ROTA_DIRECTORY_TASKS] = ROTA_PATH_TASKS,
};

uint32_t rota_directories_create(struct rota_master_context *s, bool epoch)
{
    uint32_t count;
    const char *const *paths = rota_path_tree(&count);
    uint32_t sent = 0;

    for (uint32_t i = 0; i < count; i++)
        if (epoch || strcmp(paths[i], ROTA_PATH_EPOCH) != 0)
            rota_request_add_create(
                s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_CREATE_TREE, sent++), paths[i]);
    return sent;
}

/* ---- requests ---- */

static void list(struct rota_master_context *s, enum rota_directory which)
{
    struct rota_listing *l = &s->m->listing[which];

    if (!l->wanted || l->reading)
        return;
    l->wanted = false;
    l->reading = true;
    l->asked = s->now;
    rota_request_add_read(s->out, rota_belief_tag(s, ROTA_MASTER_PURPOSE_DIRECTORY, which),
                          ROTA_OP_CHILDREN, directories[which], !l->unwatched);
}

/* There may be as many histories as tasks, and no process waits for their removal: they are listed
 * without a watch, by the audit. */
static void list_histories(struct rota_master_context *s)
{
    struct rota_listing *l = &s->m->listing[ROTA_DIRECTORY_HISTORY];

    l->unwatched = true;
    if (s->m->recovered && s->now >= l->next)
        list(s, ROTA_DIRECTORY_HISTORY);
}

void rota_directories_list(struct rota_master_context *s)
{
    for (unsigned i = 0; i < ROTA_DIRECTORY_HISTORY; i++)
        list(s, (enum rota_directory)i);
    list_histories(s);
}

/* After an election /tasks is listed only when the assignments of every worker, and the requests of
 * operators, were read (rule 3: all of /assign is read before /tasks). */
static bool assignments_known(const struct rota_master *m)
{
    for (unsigned i = 0; i <= ROTA_DIRECTORY_CANCEL; i++)
        if (!m->listing[i].read)
            return false;
    return m->recovered || m->workers_unread == 0;
}

/* /tasks is listed when the ready tasks run low, or some time after the last listing. */
void rota_directories_list_tasks(struct rota_master_context *s)
{
    struct rota_master *m = s->m;
    struct rota_listing *l = &m->listing[ROTA_DIRECTORY_TASKS];
    bool low = m->ready == 0 && m->to_read_head == m->to_read.length && m->reads_pending == 0;

    if (!l->wanted || l->reading || !assignments_known(m))
        return;
    if (!low && s->now < l->next) {
        rota_outbox_wake(s->out, l->next);
        return;
    }
    m->task_listings++;
    list(s, ROTA_DIRECTORY_TASKS);
}

/* ---- replies and watches ---- */

/* The directory does not exist: the tree is older than this version, or its znodes were deleted.
 * All of it is created but /epoch, which no leader creates (rule 13). */
static void create_missing(struct rota_master_context *s, struct rota_listing *l)
{
    rota_directories_create(s, false);
    l->reading = false;
    l->wanted = true;
}

/* Sequential names take their number from the creates ever done under /tasks, in 31 bits. The
 * visible cversion counts each of these twice, less the children (S8, S9, S12; hazard 20). */
static void report_counter(struct rota_master_context *s, const struct rota_stat *stat)
{
    struct rota_master *m = s->m;
    int64_t made = ((uint32_t)stat->cversion + (uint32_t)stat->num_children) / 2;

    if (made < COUNTER_NEAR || made < m->counter_report_at)
        return;
    m->counter_report_at = made + COUNTER_STEP;
    rota_outbox_note(s->out, ROTA_NOTE_COUNTER, ROTA_PATH_TASKS, NULL, made, INT32_MAX - made, 0);
}

/* The duration of the listing, as far as its length explains it. */
static rota_time duration_of(const struct rota_master_context *s, const struct rota_listing *l,
                             const struct rota_reply *r)
{
    rota_time took = s->now - l->asked;
    rota_time most = LISTING_US + (rota_time)r->stat.num_children * NAME_US;

    return took < most ? took : most;
}

/* A process that may not read a directory must not lead. */
bool rota_directories_replied(struct rota_master_context *s, enum rota_directory which,
                              const struct rota_event *e)
{
    struct rota_listing *l = &s->m->listing[which];
    const struct rota_reply *r = e->reply.body;

    rota_assert(which < ROTA_DIRECTORIES && l->reading);
    if (r->rc == ROTA_ERR_NO_AUTH) {
        rota_belief_leave(s, ROTA_EXIT_REFUSED,
                          rota_exit_forbidden_text(s->out, directories[which], r->rc));
        return false;
    }
    if (r->rc == ROTA_ERR_WATCH_BUDGET) {
        *l = (struct rota_listing){.wanted = true, .read = l->read, .unwatched = true};
        return false;
    }
    if (e->reply.outcome != ROTA_DONE) {
        create_missing(s, l);
        return false;
    }
    l->reading = false;
    l->read = true;
    l->next = s->now + duration_of(s, l, r) * PATIENCE;
    if (which == ROTA_DIRECTORY_TASKS)
        report_counter(s, &r->stat);
    return true;
}

void rota_directories_watched(struct rota_master_context *s, const char *path)
{
    for (unsigned i = 0; i < ROTA_DIRECTORIES; i++)
        s->m->listing[i].wanted |= strcmp(path, directories[i]) == 0;
}
