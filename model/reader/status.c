#include "model/reader/status.h"

#include "model/base/assert.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum { MASTER_MAX = 255 }; /* bytes of /master that are shown */

void rota_reader_status_begin(struct rota_reader_context *s)
{
    s->r->assignments = 0;
    rota_reader_request(s, ROTA_READER_PURPOSE_MASTER, 0, ROTA_OP_GET, ROTA_PATH_MASTER);
    rota_reader_request(s, ROTA_READER_PURPOSE_EPOCH, 0, ROTA_OP_EXISTS, ROTA_PATH_EPOCH);
    rota_reader_request(s, ROTA_READER_PURPOSE_WORKERS, 0, ROTA_OP_CHILDREN, ROTA_PATH_WORKERS);
    rota_reader_request(s, ROTA_READER_PURPOSE_ASSIGN, 0, ROTA_OP_CHILDREN, ROTA_PATH_ASSIGN);
    rota_reader_request(s, ROTA_READER_PURPOSE_TASKS, 0, ROTA_OP_EXISTS, ROTA_PATH_TASKS);
}

static void master_read(struct rota_reader_context *s, const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_OK)
        s->r->master = rota_text_take(s->mem, rota_outbox_text_of(s->out, r->data, MASTER_MAX));
}

static void assign_listed(struct rota_reader_context *s, const struct rota_reply *r)
{
    const char **names = rota_reader_sorted_names(s, r);

    for (uint32_t i = 0; i < r->child_count; i++)
        rota_reader_request(s, ROTA_READER_PURPOSE_HELD, 0, ROTA_OP_CHILDREN,
                            rota_path_assign(s->out, names[i]));
}

static void add_row(struct rota_reader_context *s)
{
    struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_ROW);

    a->row.kind = "status";
    a->row.cells[0] = rota_reader_text(s, s->r->master);
    a->row.numbers[0] = s->r->epoch;
    a->row.numbers[1] = s->r->workers;
    a->row.numbers[2] = s->r->tasks;
    a->row.numbers[3] = s->r->assignments;
}

void rota_reader_status_replied(struct rota_reader_context *s, enum rota_reader_purpose purpose,
                                const struct rota_reply *r)
{
    switch (purpose) {
    case ROTA_READER_PURPOSE_MASTER:
        master_read(s, r);
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
        assign_listed(s, r);
        break;
    case ROTA_READER_PURPOSE_HELD:
        s->r->assignments += r->child_count;
        break;
    default:
        rota_unreachable("the status asks for nothing else");
    }
    if (s->r->replies_pending > 0)
        return;
    add_row(s);
    rota_reader_exit(s, ROTA_EXIT_DONE, NULL);
}
