#include "model/reader/reader.h"

#include <stdlib.h>
#include <string.h>

#include "model/seam/exit.h"
#include "model/tree/path.h"
#include "model/reader/reader_context.h"
#include "model/tree/record.h"

enum { MASTER_MOST = 255 };

/* ---- what its files share ---- */

const char *rota_reader_text(const struct rota_reader_context *s, rota_ref ref)
{
    return ref == 0 ? "" : rota_pool_at(s->mem, ref);
}

struct rota_item *rota_reader_item(const struct rota_reader_context *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->r->item, i, sizeof(struct rota_item));
}

uint32_t rota_reader_new(struct rota_reader_context *s, const char *name)
{
    uint32_t i = rota_array_push(s->mem, &s->r->item, sizeof(struct rota_item));
    rota_ref text = rota_text_take(s->mem, name);

    rota_reader_item(s, i)->name = text;
    return i;
}

void rota_reader_ask(struct rota_reader_context *s, enum rota_reader_purpose what, uint32_t index,
                     enum rota_op op, const char *path)
{
    struct rota_request *r =
        rota_request_add(s->out, rota_request_tag(what, s->r->generation, index));

    r->operation.op = op;
    r->operation.path = path;
    if (op == ROTA_OP_CREATE)
        r->operation.data = (struct rota_bytes){"", 0};
    s->r->asking++;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **rota_reader_sorted(struct rota_reader_context *s, const struct rota_reply *r)
{
    const char **names = rota_outbox_take(s->out, (r->child_count + 1u) * sizeof *names);

    if (r->child_count > 0)
        memcpy(names, r->children, r->child_count * sizeof *names);
    qsort(names, r->child_count, sizeof *names, by_name);
    return names;
}

void rota_reader_leave(struct rota_reader_context *s, enum rota_exit status, const char *sentence)
{
    rota_exit_add(s->out, status, sentence);
    s->r->up = false;
}

/* ---- the status ---- */

static void status_begin(struct rota_reader_context *s)
{
    rota_reader_ask(s, ROTA_READER_PURPOSE_MASTER, 0, ROTA_OP_GET, ROTA_PATH_MASTER);
    rota_reader_ask(s, ROTA_READER_PURPOSE_EPOCH, 0, ROTA_OP_EXISTS, ROTA_PATH_EPOCH);
    rota_reader_ask(s, ROTA_READER_PURPOSE_WORKERS, 0, ROTA_OP_CHILDREN, ROTA_PATH_WORKERS);
    rota_reader_ask(s, ROTA_READER_PURPOSE_ASSIGN, 0, ROTA_OP_CHILDREN, ROTA_PATH_ASSIGN);
    rota_reader_ask(s, ROTA_READER_PURPOSE_TASKS, 0, ROTA_OP_EXISTS, ROTA_PATH_TASKS);
}

static void status_replied(struct rota_reader_context *s, enum rota_reader_purpose what,
                           const struct rota_reply *r)
{
    const char **names;

    switch (what) {
    case ROTA_READER_PURPOSE_MASTER:
        if (r->rc == ROTA_ERR_OK)
            s->r->master =
                rota_text_take(s->mem, rota_outbox_text_of(s->out, r->data, MASTER_MOST));
        break;
    case ROTA_READER_PURPOSE_EPOCH:
        s->r->epoch = r->stat.version;
        break;
    case ROTA_READER_PURPOSE_TASKS:
        s->r->tasks = r->stat.num_children;
        break;
    case ROTA_READER_PURPOSE_WORKERS:
        s->r->workers = r->child_count;
        break;
    case ROTA_READER_PURPOSE_ASSIGN:
        names = rota_reader_sorted(s, r);
        for (uint32_t i = 0; i < r->child_count; i++)
            rota_reader_ask(s, ROTA_READER_PURPOSE_HELD, 0, ROTA_OP_CHILDREN,
                            rota_path_assign(s->out, names[i]));
        break;
    default:
        s->r->assignments += r->child_count;
        break;
    }
}

static void status_go_on(struct rota_reader_context *s)
{
    struct rota_action *a;

    if (s->r->asking > 0)
        return;
    a = rota_outbox_add(s->out, ROTA_ACTION_ROW);
    a->row.kind = "status";
    a->row.cells[0] = rota_reader_text(s, s->r->master);
    a->row.numbers[0] = s->r->epoch;
    a->row.numbers[1] = s->r->workers;
    a->row.numbers[2] = s->r->tasks;
    a->row.numbers[3] = s->r->assignments;
    rota_reader_leave(s, ROTA_EXIT_DONE, NULL);
}

/* ---- the step ---- */

static void begin(struct rota_reader_context *s)
{
    struct rota_reader *r = s->r;

    rota_map_clear(s->mem, &r->names);
    rota_array_clear(s->mem, &r->item, sizeof(struct rota_item));
    r->generation++;
    r->asking = r->next = 0;
    r->phase = ROTA_READER_PHASE_LISTS;
    r->assignments = 0;
    switch (r->config.command) {
    case ROTA_READER_INIT:
        rota_reader_init_begin(s);
        break;
    case ROTA_READER_STATUS:
        status_begin(s);
        break;
    case ROTA_READER_HISTORY:
        rota_reader_history_begin(s);
        break;
    default:
        rota_reader_list_begin(s);
        break;
    }
}

static void missing(struct rota_reader_context *s, const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_NO_AUTH)
        rota_reader_leave(
            s, ROTA_EXIT_REFUSED,
            "no permission to read the tree: give this client's identity access to it");
    else
        rota_reader_leave(s, ROTA_EXIT_UNREACHABLE,
                          "the tree is missing there: create it with `rota init`");
}

/* The lists without which there is no tree. */
static bool needed(enum rota_reader_purpose what)
{
    return what == ROTA_READER_PURPOSE_TASKS || what == ROTA_READER_PURPOSE_WORKERS ||
           what == ROTA_READER_PURPOSE_ASSIGN || what == ROTA_READER_PURPOSE_EPOCH;
}

static void replied(struct rota_reader_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    enum rota_reader_purpose what = (enum rota_reader_purpose)rota_request_tag_kind(r->tag);
    uint32_t index = rota_request_tag_index(r->tag);

    if (!s->r->up || e->reply.outcome == ROTA_UNKNOWN ||
        rota_request_tag_generation(r->tag) != s->r->generation)
        return; /* it all begins anew at the next UP */
    s->r->asking--;
    if (needed(what) && r->rc != ROTA_ERR_OK) {
        missing(s, r);
        return;
    }
    switch (s->r->config.command) {
    case ROTA_READER_INIT:
        rota_reader_init_replied(s, what, r);
        if (s->r->up)
            rota_reader_init_go_on(s);
        break;
    case ROTA_READER_STATUS:
        status_replied(s, what, r);
        status_go_on(s);
        break;
    case ROTA_READER_HISTORY:
        rota_reader_history_replied(s, what, index, r);
        rota_reader_history_go_on(s);
        break;
    default:
        rota_reader_list_replied(s, what, index, r);
        rota_reader_list_go_on(s);
        break;
    }
}

void rota_reader_init(struct rota_reader *r, const struct rota_reader_config *config)
{
    memset(r, 0, sizeof *r);
    r->config = *config;
}

void rota_reader_step(struct rota_reader *r, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    struct rota_reader_context s = {r, mem, out};

    switch (event->kind) {
    case ROTA_EVENT_UP:
        r->up = true;
        begin(&s);
        break;
    case ROTA_EVENT_DOWN:
    case ROTA_EVENT_LOST:
        r->up = false;
        break;
    case ROTA_EVENT_FAILED:
        rota_reader_leave(&s, ROTA_EXIT_UNREACHABLE,
                          rota_exit_unreachable_text(out, event->failed.rc));
        break;
    case ROTA_EVENT_REPLY:
        replied(&s, event);
        break;
    case ROTA_EVENT_STOP:
        rota_reader_leave(&s, ROTA_EXIT_INTERRUPTED, NULL);
        break;
    default:
        break;
    }
}

static void role_init(void *state, const void *config, uint64_t seed)
{
    (void)seed;
    rota_reader_init(state, config);
}

static void role_step(void *state, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    rota_reader_step(state, mem, event, out);
}

const struct rota_role rota_reader_role = {
    .name = "reader",
    .state_size = sizeof(struct rota_reader),
    .config_size = sizeof(struct rota_reader_config),
    .init = role_init,
    .step = role_step,
};
