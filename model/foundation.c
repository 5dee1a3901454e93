#include <string.h>

#include "model/path.h"
#include "model/reading.h"
#include "model/record.h"

/* Creates every znode of the tree, or asks whether it exists. */
static void make(struct rota_look *s, enum rota_look_ask what, enum rota_op op)
{
    static const char *const paths[] = {
#define X(path) path,
        ROTA_PATH_MAP(X)
#undef X
    };
    const char *chroot = s->r->config.chroot;

    for (const char *c = chroot; (c = strchr(c + 1, '/')) != NULL;)
        rota_look_ask(s, what, 0, op, rota_outbox_text(s->out, "%.*s", (int)(c - chroot), chroot));
    if (chroot[0] != '\0')
        rota_look_ask(s, what, 0, op, chroot);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        rota_look_ask(s, what, 0, op, rota_outbox_text(s->out, "%s%s", chroot, paths[i]));
}

void rota_foundation_begin(struct rota_look *s)
{
    s->r->refused = s->r->looked = s->r->bound = false;
    make(s, ROTA_LOOK_MAKE, ROTA_OP_CREATE);
}

static void made(struct rota_look *s, int32_t rc)
{
    if (rc == ROTA_ERR_NO_AUTH)
        s->r->refused = true;
    else if (rc == ROTA_ERR_NO_NODE && !s->r->refused)
        rota_look_leave(s, ROTA_EXIT_UNREACHABLE,
                        "the chroot of the server list does not exist: create it with `rota init`");
    else if (rc != ROTA_ERR_OK && rc != ROTA_ERR_NODE_EXISTS && rc != ROTA_ERR_NO_NODE)
        rota_look_leave(
            s, ROTA_EXIT_REFUSED,
            rota_outbox_text(s->out, "the tree cannot be created: %s", rota_error_sentence(rc)));
}

void rota_foundation_replied(struct rota_look *s, enum rota_look_ask what,
                             const struct rota_reply *r)
{
    if (what == ROTA_LOOK_MAKE)
        made(s, r->rc);
    else if (what == ROTA_LOOK_BOUND && r->rc != ROTA_ERR_OK)
        rota_look_leave(s, ROTA_EXIT_REFUSED,
                        rota_outbox_text(s->out, "the bound cannot be written: %s",
                                         rota_error_sentence(r->rc)));
    else if (what == ROTA_LOOK_MADE && r->rc != ROTA_ERR_OK)
        rota_look_leave(
            s, ROTA_EXIT_REFUSED,
            "no permission to create the tree: give this client's identity the right to create");
}

static void write_bound(struct rota_look *s)
{
    struct rota_request *r = rota_ask(s->out, rota_tag(ROTA_LOOK_BOUND, s->r->generation, 0));

    r->operation.op = ROTA_OP_SET;
    r->operation.path = rota_outbox_text(s->out, "%s" ROTA_PATH_TASKS, s->r->config.chroot);
    r->operation.data = rota_bound_write(s->out, s->r->config.max_tasks);
    r->operation.version = -1;
    s->r->asking++;
}

void rota_foundation_go_on(struct rota_look *s)
{
    if (s->r->asking > 0)
        return;
    if (s->r->refused && !s->r->looked) { /* harmless where somebody else has made it */
        s->r->looked = true;
        make(s, ROTA_LOOK_MADE, ROTA_OP_EXISTS);
    } else if (s->r->config.max_tasks >= 0 && !s->r->bound) {
        s->r->bound = true;
        write_bound(s);
    } else {
        rota_look_leave(s, ROTA_EXIT_DONE, NULL);
    }
}
