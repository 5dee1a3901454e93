#include "model/reader/reader.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/reader/history.h"
#include "model/reader/init.h"
#include "model/reader/list.h"
#include "model/reader/reader_context.h"
#include "model/reader/status.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"

enum { CHECKED_MAX = 256 }; /* with more rows only the counts are checked */

static void begin(struct rota_reader_context *s)
{
    struct rota_reader *r = s->r;

    r->up = true;
    r->generation++;
    r->replies_pending = r->next_row = 0;
    r->phase = ROTA_READER_PHASE_LISTS;
    rota_map_clear(s->mem, &r->names);
    rota_array_clear(s->mem, &r->rows, sizeof(struct rota_reader_row));
    switch (r->config.command) {
    case ROTA_READER_LIST_TASKS:
    case ROTA_READER_LIST_WORKERS:
    case ROTA_READER_LIST_ASSIGNMENTS:
        rota_reader_list_begin(s);
        break;
    case ROTA_READER_STATUS:
        rota_reader_status_begin(s);
        break;
    case ROTA_READER_INIT:
        rota_reader_init_begin(s);
        break;
    case ROTA_READER_HISTORY:
        rota_reader_history_begin(s);
        break;
    }
}

/* ---- replies ---- */

/* True for the reads of znodes without which there is no tree. */
static bool is_mandatory(enum rota_reader_purpose purpose)
{
    return purpose == ROTA_READER_PURPOSE_TASKS || purpose == ROTA_READER_PURPOSE_WORKERS ||
           purpose == ROTA_READER_PURPOSE_ASSIGN || purpose == ROTA_READER_PURPOSE_EPOCH;
}

static void no_tree(struct rota_reader_context *s, int32_t rc)
{
    if (rc == ROTA_ERR_NO_AUTH)
        rota_reader_exit(
            s, ROTA_EXIT_REFUSED,
            "no permission to read the tree: give this client's identity access to it");
    else
        rota_reader_exit(s, ROTA_EXIT_UNREACHABLE,
                         "the tree does not exist: create it with `rota init`");
}

static void replied(struct rota_reader_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    enum rota_reader_purpose purpose = (enum rota_reader_purpose)rota_request_tag_kind(r->tag);
    uint32_t index = rota_request_tag_index(r->tag);

    if (!s->r->up || e->reply.outcome == ROTA_UNKNOWN ||
        rota_request_tag_generation(r->tag) != s->r->generation)
        return; /* everything begins again at the next UP */
    rota_assert(s->r->replies_pending > 0);
    s->r->replies_pending--;
    if (is_mandatory(purpose) && r->rc != ROTA_ERR_OK) {
        no_tree(s, r->rc);
        return;
    }
    switch (s->r->config.command) {
    case ROTA_READER_LIST_TASKS:
    case ROTA_READER_LIST_WORKERS:
    case ROTA_READER_LIST_ASSIGNMENTS:
        rota_reader_list_replied(s, purpose, index, r);
        break;
    case ROTA_READER_STATUS:
        rota_reader_status_replied(s, purpose, r);
        break;
    case ROTA_READER_INIT:
        rota_reader_init_replied(s, purpose, r);
        break;
    case ROTA_READER_HISTORY:
        rota_reader_history_replied(s, purpose, index, r);
        break;
    }
}

/* ---- the step ---- */

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
        begin(&s);
        break;
    case ROTA_EVENT_DOWN:
    case ROTA_EVENT_LOST:
        r->up = false;
        break;
    case ROTA_EVENT_FAILED:
        rota_reader_exit(&s, ROTA_EXIT_UNREACHABLE,
                         rota_exit_unreachable_text(out, event->failed.rc));
        break;
    case ROTA_EVENT_REPLY:
        replied(&s, event);
        break;
    case ROTA_EVENT_STOP:
        rota_reader_exit(&s, ROTA_EXIT_INTERRUPTED, NULL);
        break;
    default:
        break;
    }
}

static void check_rows(const struct rota_reader_context *s)
{
    const struct rota_reader *r = s->r;

    for (uint32_t i = 0; i < r->rows.length; i++) {
        const struct rota_reader_row *row = rota_reader_row_at(s, i);

        rota_assert(row->name != 0);
        if (r->names.length > 0)
            rota_assert_equal(rota_map_get(s->mem, &r->names, rota_reader_text(s, row->name)), i);
    }
}

void rota_reader_check(const struct rota_reader *r, const struct rota_pool *mem)
{
    struct rota_reader state = *r;
    struct rota_pool pool = *mem;
    const struct rota_reader_context s = {.r = &state, .mem = &pool};

    rota_assert(!r->up || r->replies_pending > 0);
    rota_assert(r->next_row <= r->rows.length);
    rota_assert(r->names.length == 0 || r->names.length == r->rows.length);
    rota_assert(mem->live <= mem->size);
    if (r->rows.length <= CHECKED_MAX)
        check_rows(&s);
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

static void role_check(const void *state, const struct rota_pool *mem)
{
    rota_reader_check(state, mem);
}

const struct rota_role rota_reader_role = {
    .name = "reader",
    .state_size = sizeof(struct rota_reader),
    .config_size = sizeof(struct rota_reader_config),
    .init = role_init,
    .step = role_step,
    .check = role_check,
};
