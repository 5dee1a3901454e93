#include <string.h>

#include "model/tree/path.h"
#include "model/reader/reader_context.h"
#include "model/tree/record.h"

/* Creates every znode of the tree, or asks whether it exists. */
static void make(struct rota_reader_context *s, enum rota_reader_purpose what, enum rota_op op)
{
    static const char *const paths[] = {
#define X(path) path,
        ROTA_PATH_MAP(X)
#undef X
    };
    const char *chroot = s->r->config.chroot;

    for (const char *c = chroot; (c = strchr(c + 1, '/')) != NULL;)
        rota_reader_ask(s, what, 0, op,
                        rota_outbox_text(s->out, "%.*s", (int)(c - chroot), chroot));
    if (chroot[0] != '\0')
        rota_reader_ask(s, what, 0, op, chroot);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        rota_reader_ask(s, what, 0, op, rota_outbox_text(s->out, "%s%s", chroot, paths[i]));
}

void rota_reader_init_begin(struct rota_reader_context *s)
{
    s->r->refused = s->r->looked = s->r->bound = false;
    make(s, ROTA_READER_PURPOSE_CREATE, ROTA_OP_CREATE);
}

static void made(struct rota_reader_context *s, int32_t rc)
{
    if (rc == ROTA_ERR_NO_AUTH)
        s->r->refused = true;
    else if (rc == ROTA_ERR_NO_NODE && !s->r->refused)
        rota_reader_leave(
            s, ROTA_EXIT_UNREACHABLE,
            "the chroot of the server list does not exist: create it with `rota init`");
    else if (rc != ROTA_ERR_OK && rc != ROTA_ERR_NODE_EXISTS && rc != ROTA_ERR_NO_NODE)
        rota_reader_leave(
            s, ROTA_EXIT_REFUSED,
            rota_outbox_text(s->out, "the tree cannot be created: %s", rota_error_sentence(rc)));
}

void rota_reader_init_replied(struct rota_reader_context *s, enum rota_reader_purpose what,
                              const struct rota_reply *r)
{
    if (what == ROTA_READER_PURPOSE_CREATE)
        made(s, r->rc);
    else if (what == ROTA_READER_PURPOSE_BOUND && r->rc != ROTA_ERR_OK)
        rota_reader_leave(s, ROTA_EXIT_REFUSED,
                          rota_outbox_text(s->out, "the bound cannot be written: %s",
                                           rota_error_sentence(r->rc)));
    else if (what == ROTA_READER_PURPOSE_EXISTS && r->rc != ROTA_ERR_OK)
        rota_reader_leave(
            s, ROTA_EXIT_REFUSED,
            "no permission to create the tree: give this client's identity the right to create");
}

static void write_bound(struct rota_reader_context *s)
{
    struct rota_request *r =
        rota_request_add(s->out, rota_request_tag(ROTA_READER_PURPOSE_BOUND, s->r->generation, 0));

    r->operation.op = ROTA_OP_SET;
    r->operation.path = rota_outbox_text(s->out, "%s" ROTA_PATH_TASKS, s->r->config.chroot);
    r->operation.data = rota_bound_record_write(s->out, s->r->config.max_tasks);
    r->operation.version = -1;
    s->r->asking++;
}

void rota_reader_init_go_on(struct rota_reader_context *s)
{
    if (s->r->asking > 0)
        return;
    if (s->r->refused && !s->r->looked) { /* harmless where somebody else has made it */
        s->r->looked = true;
        make(s, ROTA_READER_PURPOSE_EXISTS, ROTA_OP_EXISTS);
    } else if (s->r->config.max_tasks >= 0 && !s->r->bound) {
        s->r->bound = true;
        write_bound(s);
    } else {
        rota_reader_leave(s, ROTA_EXIT_DONE, NULL);
    }
}
