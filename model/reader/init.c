#include "model/reader/init.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

/* Creates every znode of the chroot and of the tree, or asks whether it exists. */
static void request_all(struct rota_reader_context *s, enum rota_reader_purpose purpose,
                        enum rota_op op)
{
    uint32_t count;
    const char *const *paths = rota_path_tree(&count);
    const char *chroot = s->r->config.chroot;

    for (const char *c = chroot; (c = strchr(c + 1, '/')) != NULL;)
        rota_reader_request(s, purpose, 0, op,
                            rota_outbox_text(s->out, "%.*s", (int)(c - chroot), chroot));
    if (chroot[0] != '\0')
        rota_reader_request(s, purpose, 0, op, chroot);
    for (uint32_t i = 0; i < count; i++)
        rota_reader_request(s, purpose, 0, op, rota_outbox_text(s->out, "%s%s", chroot, paths[i]));
}

void rota_reader_init_begin(struct rota_reader_context *s)
{
    s->r->create_forbidden = s->r->existence_read = s->r->bound_sent = false;
    request_all(s, ROTA_READER_PURPOSE_CREATE, ROTA_OP_CREATE);
}

static void write_bound(struct rota_reader_context *s)
{
    struct rota_request *r =
        rota_request_add(s->out, rota_request_tag(ROTA_READER_PURPOSE_BOUND, s->r->generation, 0));

    r->operation.op = ROTA_OP_SET;
    r->operation.path = rota_outbox_text(s->out, "%s" ROTA_PATH_TASKS, s->r->config.chroot);
    r->operation.data = rota_bound_record_write(s->out, s->r->config.max_tasks);
    r->operation.version = -1;
    s->r->replies_pending++;
}

/* ---- replies ---- */

static void created(struct rota_reader_context *s, int32_t rc)
{
    if (rc == ROTA_ERR_NO_AUTH)
        s->r->create_forbidden = true;
    else if (rc == ROTA_ERR_NO_NODE && !s->r->create_forbidden)
        rota_reader_exit(
            s, ROTA_EXIT_UNREACHABLE,
            "the chroot of the server list does not exist: create it with `rota init`");
    else if (rc != ROTA_ERR_OK && rc != ROTA_ERR_NODE_EXISTS && rc != ROTA_ERR_NO_NODE)
        rota_reader_exit(
            s, ROTA_EXIT_REFUSED,
            rota_outbox_text(s->out, "the tree cannot be created: %s", rota_error_sentence(rc)));
}

static void existence_read(struct rota_reader_context *s, int32_t rc)
{
    if (rc != ROTA_ERR_OK)
        rota_reader_exit(
            s, ROTA_EXIT_REFUSED,
            "no permission to create the tree: give this client's identity the right to create");
}

static void bound_written(struct rota_reader_context *s, int32_t rc)
{
    if (rc != ROTA_ERR_OK)
        rota_reader_exit(s, ROTA_EXIT_REFUSED,
                         rota_outbox_text(s->out,
                                          "the bound on the number of tasks cannot be written: %s",
                                          rota_error_sentence(rc)));
}

/* All replies to the last requests have come. */
static void go_on(struct rota_reader_context *s)
{
    if (s->r->create_forbidden && !s->r->existence_read) {
        s->r->existence_read = true;
        request_all(s, ROTA_READER_PURPOSE_EXISTS, ROTA_OP_EXISTS);
    } else if (s->r->config.max_tasks >= 0 && !s->r->bound_sent) {
        s->r->bound_sent = true;
        write_bound(s);
    } else {
        rota_reader_exit(s, ROTA_EXIT_DONE, NULL);
    }
}

void rota_reader_init_replied(struct rota_reader_context *s, enum rota_reader_purpose purpose,
                              const struct rota_reply *r)
{
    switch (purpose) {
    case ROTA_READER_PURPOSE_CREATE:
        created(s, r->rc);
        break;
    case ROTA_READER_PURPOSE_EXISTS:
        existence_read(s, r->rc);
        break;
    case ROTA_READER_PURPOSE_BOUND:
        bound_written(s, r->rc);
        break;
    default:
        rota_unreachable("init asks for nothing else");
    }
    if (s->r->up && s->r->replies_pending == 0)
        go_on(s);
}
