#include "model/reader.h"

#include <stdlib.h>
#include <string.h>

#include "model/ask.h"
#include "model/assert.h"
#include "model/path.h"
#include "model/record.h"

/* One row to be. */
struct rota_item {
    rota_ref name; /* task, worker */
    rota_ref
        other; /* of a task: its worker; of a worker: its address; of an assignment: its worker */
    rota_ref state;
    int64_t numbers[3];
    bool gone;
};

enum ask {
    ASK_MASTER = 1,
    ASK_EPOCH,
    ASK_TASKS,
    ASK_WORKERS,
    ASK_ASSIGN,
    ASK_HOLDS, /* index: of the worker's name in `holders` */
    ASK_WORKER,
    ASK_ASSIGNMENT,
    ASK_TASK,
    ASK_STATUS,
    ASK_MAKE,
    ASK_MADE,
};

enum { AT_ONCE = 256 };

struct step {
    struct rota_reader *r;
    struct rota_pool *mem;
    struct rota_outbox *out;
};

static struct rota_item *item_at(const struct step *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->r->item, i, sizeof(struct rota_item));
}

static const char *text_at(const struct step *s, rota_ref ref)
{
    return ref == 0 ? "" : rota_pool_at(s->mem, ref);
}

static void ask(struct step *s, enum ask what, uint32_t index, enum rota_op op, const char *path)
{
    struct rota_request *r = rota_ask(s->out, rota_tag(what, s->r->generation, index));

    r->operation.op = op;
    r->operation.path = path;
    if (op == ROTA_OP_CREATE)
        r->operation.data = (struct rota_bytes){"", 0};
    s->r->asking++;
}

static void leave(struct step *s, enum rota_exit status, const char *sentence)
{
    rota_leave(s->out, status, sentence);
    s->r->up = false;
}

/* ---- making the tree ---- */

/* Creates every znode of the tree, or asks whether it exists. */
static void make(struct step *s, enum ask what, enum rota_op op)
{
    static const char *const paths[] = {
#define X(path) path,
        ROTA_PATH_MAP(X)
#undef X
    };
    const char *chroot = s->r->config.chroot;

    for (const char *c = chroot; (c = strchr(c + 1, '/')) != NULL;)
        ask(s, what, 0, op, rota_outbox_text(s->out, "%.*s", (int)(c - chroot), chroot));
    if (chroot[0] != '\0')
        ask(s, what, 0, op, chroot);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        ask(s, what, 0, op, rota_outbox_text(s->out, "%s%s", chroot, paths[i]));
}

static void made(struct step *s, const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_NO_AUTH)
        s->r->refused = true;
    else if (r->rc == ROTA_ERR_NO_NODE && !s->r->refused)
        leave(s, ROTA_EXIT_UNREACHABLE,
              "the chroot of the server list does not exist: create it with `rota init`");
    else if (r->rc != ROTA_ERR_OK && r->rc != ROTA_ERR_NODE_EXISTS && r->rc != ROTA_ERR_NO_NODE)
        leave(
            s, ROTA_EXIT_REFUSED,
            rota_outbox_text(s->out, "the tree cannot be created: %s", rota_error_sentence(r->rc)));
    if (!s->r->up || s->r->asking > 0 || !s->r->refused)
        return;
    s->r->refused = false; /* harmless where somebody else has made it */
    make(s, ASK_MADE, ROTA_OP_EXISTS);
}

static void looked_at(struct step *s, const struct rota_reply *r)
{
    if (r->rc != ROTA_ERR_OK)
        leave(s, ROTA_EXIT_REFUSED,
              "no permission to create the tree: give this client's identity the right to create");
}

/* ---- reading ---- */

static void begin(struct step *s)
{
    struct rota_reader *r = s->r;

    rota_map_clear(s->mem, &r->names);
    rota_array_clear(s->mem, &r->item, sizeof(struct rota_item));
    r->generation++;
    r->asking = r->next = 0;
    r->second = false;
    r->assignments = 0;
    switch (r->config.what) {
    case ROTA_READING_INIT:
        r->refused = false;
        make(s, ASK_MAKE, ROTA_OP_CREATE);
        break;
    case ROTA_READING_STATUS:
        ask(s, ASK_MASTER, 0, ROTA_OP_GET, ROTA_PATH_MASTER);
        ask(s, ASK_EPOCH, 0, ROTA_OP_EXISTS, ROTA_PATH_EPOCH);
        ask(s, ASK_WORKERS, 0, ROTA_OP_CHILDREN, ROTA_PATH_WORKERS);
        ask(s, ASK_ASSIGN, 0, ROTA_OP_CHILDREN, ROTA_PATH_ASSIGN);
        ask(s, ASK_TASKS, 0, ROTA_OP_EXISTS, ROTA_PATH_TASKS);
        break;
    case ROTA_READING_WORKERS:
        ask(s, ASK_WORKERS, 0, ROTA_OP_CHILDREN, ROTA_PATH_WORKERS);
        ask(s, ASK_ASSIGN, 0, ROTA_OP_CHILDREN, ROTA_PATH_ASSIGN);
        break;
    case ROTA_READING_TASKS: /* the tasks first: one that ends meanwhile is not shown as waiting */
        ask(s, ASK_TASKS, 0, ROTA_OP_CHILDREN, ROTA_PATH_TASKS);
        ask(s, ASK_ASSIGN, 0, ROTA_OP_CHILDREN, ROTA_PATH_ASSIGN);
        break;
    case ROTA_READING_ASSIGNMENTS:
    case ROTA_READING_HISTORY:
        ask(s, ASK_ASSIGN, 0, ROTA_OP_CHILDREN, ROTA_PATH_ASSIGN);
        break;
    }
}

static uint32_t item_new(struct step *s, const char *name)
{
    uint32_t i = rota_array_push(s->mem, &s->r->item, sizeof(struct rota_item));
    rota_ref text = rota_text_take(s->mem, name);

    item_at(s, i)->name = text;
    return i;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of a reply, sorted, in the outbox's memory. */
static const char **sorted(struct step *s, const struct rota_reply *r)
{
    const char **names = rota_outbox_take(s->out, (r->child_count + 1u) * sizeof *names);

    if (r->child_count > 0)
        memcpy(names, r->children, r->child_count * sizeof *names);
    qsort(names, r->child_count, sizeof *names, by_name);
    return names;
}

static void items_listed(struct step *s, const struct rota_reply *r)
{
    const char **names = sorted(s, r);

    for (uint32_t i = 0; i < r->child_count; i++)
        rota_map_put(s->mem, &s->r->names, names[i], item_new(s, names[i]));
}

static void holders_listed(struct step *s, const struct rota_reply *r)
{
    const char **names = sorted(s, r);

    for (uint32_t i = 0; i < r->child_count; i++) {
        uint32_t holder = rota_map_get(s->mem, &s->r->names, names[i]);

        if (s->r->config.what == ROTA_READING_WORKERS && holder == ROTA_MAP_NONE)
            continue;
        if (s->r->config.what != ROTA_READING_WORKERS)
            holder = rota_text_take(s->mem, names[i]);
        ask(s, ASK_HOLDS, holder, ROTA_OP_CHILDREN, rota_path_assign(s->out, names[i]));
    }
}

static void holds_listed(struct step *s, uint32_t holder, const struct rota_reply *r)
{
    const char **names = sorted(s, r);

    s->r->assignments += r->child_count;
    if (s->r->config.what == ROTA_READING_WORKERS)
        item_at(s, holder)->numbers[1] = r->child_count;
    for (uint32_t k = 0; k < r->child_count; k++) {
        uint32_t i;

        if (s->r->config.what == ROTA_READING_ASSIGNMENTS)
            i = item_new(s, names[k]);
        else if (s->r->config.what == ROTA_READING_TASKS)
            i = rota_map_get(s->mem, &s->r->names, names[k]);
        else
            break;
        if (i != ROTA_MAP_NONE)
            item_at(s, i)->other = holder;
    }
}

static void ask_item(struct step *s, uint32_t index)
{
    const struct rota_item *i = item_at(s, index);
    const char *name = text_at(s, i->name);

    if (s->r->config.what == ROTA_READING_WORKERS)
        ask(s, ASK_WORKER, index, ROTA_OP_GET, rota_path_worker(s->out, name));
    else if (i->other != 0)
        ask(s, ASK_ASSIGNMENT, index, ROTA_OP_GET,
            rota_path_assignment(s->out, text_at(s, i->other), name));
    if (s->r->config.what == ROTA_READING_TASKS)
        ask(s, ASK_TASK, index, ROTA_OP_EXISTS, rota_path_task(s->out, name));
}

/* The second round: each item's own znode. */
static void ask_items(struct step *s)
{
    struct rota_reader *r = s->r;

    if (r->config.what == ROTA_READING_STATUS || r->config.what == ROTA_READING_INIT)
        return;
    r->second = true;
    for (; r->next < r->item.length && r->asking < AT_ONCE; r->next++)
        ask_item(s, r->next);
}

static void worker_read(struct step *s, uint32_t index, const struct rota_reply *r)
{
    struct rota_worker_record record;
    struct rota_item *i;
    rota_ref address;

    rota_worker_read(s->out, r->data, &record);
    address = rota_text_take(s->mem, record.address);
    i = item_at(s, index);
    i->other = address;
    i->numbers[0] = record.slots;
    i->gone = r->rc != ROTA_ERR_OK;
}

static void assignment_read(struct step *s, uint32_t index, const struct rota_reply *r)
{
    struct rota_item *i = item_at(s, index);
    struct rota_attempt_record record;

    rota_attempt_read(s->out, r->data, &record);
    if (s->r->config.what == ROTA_READING_ASSIGNMENTS) {
        i->numbers[0] = record.attempt;
        i->numbers[1] = record.losses;
        i->numbers[2] = record.epoch;
        i->gone = r->rc != ROTA_ERR_OK;
    } else if (r->rc == ROTA_ERR_OK) {
        i->numbers[0] = record.attempt;
    } else {
        i->other = 0; /* it left its worker meanwhile */
    }
}

static void task_read(struct step *s, uint32_t index, const struct rota_reply *r)
{
    struct rota_item *i = item_at(s, index);

    i->gone = r->rc != ROTA_ERR_OK;
    i->numbers[1] = r->stat.data_length;
    if (r->stat.num_children > 0)
        ask(s, ASK_STATUS, index, ROTA_OP_GET, rota_path_status(s->out, text_at(s, i->name)));
}

static void status_read(struct step *s, uint32_t index, const struct rota_reply *r)
{
    struct rota_status_record record;
    rota_ref state;

    if (r->rc != ROTA_ERR_OK)
        return;
    rota_status_read(s->out, r->data, &record);
    state = rota_text_take(s->mem, record.state);
    item_at(s, index)->state = state;
}

/* ---- rows ---- */

static void row_of(struct step *s, const struct rota_item *i)
{
    struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_ROW);

    memcpy(a->row.numbers, i->numbers, sizeof i->numbers);
    switch (s->r->config.what) {
    case ROTA_READING_TASKS:
        a->row.kind = "task";
        a->row.cells[0] = text_at(s, i->name);
        a->row.cells[1] = i->state != 0   ? text_at(s, i->state)
                          : i->other != 0 ? "assigned"
                                          : "waiting";
        a->row.cells[2] = text_at(s, i->other);
        break;
    case ROTA_READING_WORKERS:
        a->row.kind = "worker";
        a->row.cells[0] = text_at(s, i->name);
        a->row.cells[1] = text_at(s, i->other);
        break;
    default:
        a->row.kind = "assignment";
        a->row.cells[0] = text_at(s, i->other);
        a->row.cells[1] = text_at(s, i->name);
        break;
    }
}

static void show(struct step *s)
{
    struct rota_reader *r = s->r;

    if (r->config.what == ROTA_READING_STATUS) {
        struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_ROW);

        a->row.kind = "status";
        a->row.cells[0] = text_at(s, r->master);
        a->row.numbers[0] = r->epoch;
        a->row.numbers[1] = r->workers;
        a->row.numbers[2] = r->tasks;
        a->row.numbers[3] = r->assignments;
    }
    for (uint32_t i = 0; i < r->item.length; i++)
        if (!item_at(s, i)->gone)
            row_of(s, item_at(s, i));
    leave(s, ROTA_EXIT_DONE, NULL);
}

/* ---- the step ---- */

static void missing(struct step *s, const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_NO_AUTH)
        leave(s, ROTA_EXIT_REFUSED,
              "no permission to read the tree: give this client's identity access to it");
    else
        leave(s, ROTA_EXIT_UNREACHABLE, "the tree is missing there: create it with `rota init`");
}

static void master_read(struct step *s, const struct rota_reply *r)
{
    char text[256] = "";
    size_t n = r->data.length > 0 ? (size_t)r->data.length : 0;

    if (r->rc != ROTA_ERR_OK)
        return;
    if (n >= sizeof text)
        n = sizeof text - 1;
    if (n > 0)
        memcpy(text, r->data.data, n);
    s->r->master = rota_text_take(s->mem, text);
}

static void replied(struct step *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    enum ask what = (enum ask)rota_tag_what(r->tag);
    uint32_t index = rota_tag_index(r->tag);
    bool list = what == ASK_TASKS || what == ASK_WORKERS || what == ASK_ASSIGN || what == ASK_EPOCH;

    if (!s->r->up || e->reply.outcome == ROTA_UNKNOWN ||
        rota_tag_generation(r->tag) != s->r->generation)
        return; /* it all begins anew at the next UP */
    s->r->asking--;
    if (list && r->rc != ROTA_ERR_OK) {
        missing(s, r);
        return;
    }
    switch (what) {
    case ASK_MASTER:
        master_read(s, r);
        break;
    case ASK_EPOCH:
        s->r->epoch = r->stat.version;
        break;
    case ASK_TASKS:
        s->r->tasks = r->stat.num_children;
        if (s->r->config.what == ROTA_READING_TASKS)
            items_listed(s, r);
        break;
    case ASK_WORKERS:
        s->r->workers = r->child_count;
        if (s->r->config.what == ROTA_READING_WORKERS)
            items_listed(s, r);
        break;
    case ASK_ASSIGN:
        holders_listed(s, r);
        break;
    case ASK_HOLDS:
        holds_listed(s, index, r);
        break;
    case ASK_WORKER:
        worker_read(s, index, r);
        break;
    case ASK_ASSIGNMENT:
        assignment_read(s, index, r);
        break;
    case ASK_TASK:
        task_read(s, index, r);
        break;
    case ASK_STATUS:
        status_read(s, index, r);
        break;
    case ASK_MAKE:
        made(s, r);
        break;
    case ASK_MADE:
        looked_at(s, r);
        break;
    }
    if (!s->r->up)
        return;
    if (s->r->asking == 0 || s->r->second)
        ask_items(s);
    if (s->r->asking == 0)
        show(s);
}

void rota_reader_init(struct rota_reader *r, const struct rota_reader_config *config)
{
    memset(r, 0, sizeof *r);
    r->config = *config;
}

void rota_reader_step(struct rota_reader *r, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    struct step s = {r, mem, out};

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
        leave(&s, ROTA_EXIT_UNREACHABLE, rota_unreachable(out, event->failed.rc));
        break;
    case ROTA_EVENT_REPLY:
        replied(&s, event);
        break;
    case ROTA_EVENT_STOP:
        leave(&s, ROTA_EXIT_INTERRUPTED, NULL);
        break;
    default:
        break;
    }
}
