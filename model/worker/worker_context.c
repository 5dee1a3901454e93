#include "model/worker/worker_context.h"

#include "model/base/assert.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"

uint64_t rota_worker_tag(const struct rota_worker_context *s, enum rota_worker_purpose purpose,
                         uint32_t index)
{
    rota_assert(s->w->up);
    return rota_request_tag(purpose, s->w->generation, index);
}

void rota_worker_read(struct rota_worker_context *s, enum rota_worker_purpose purpose,
                      uint32_t index, enum rota_op op, const char *path, bool watch)
{
    rota_request_add_read(s->out, rota_worker_tag(s, purpose, index), op, path, watch);
}

/* ---- the end ---- */

void rota_worker_exit(struct rota_worker_context *s, enum rota_exit status, const char *sentence)
{
    rota_exit_add(s->out, status, sentence);
    s->w->up = false;
}

void rota_worker_forbidden(struct rota_worker_context *s, const char *path, int32_t rc)
{
    rota_worker_exit(s, ROTA_EXIT_REFUSED, rota_exit_forbidden_text(s->out, path, rc));
}

void rota_worker_restart(struct rota_worker_context *s, const char *why)
{
    rota_outbox_note(s->out, ROTA_NOTE_DOUBT, why, NULL, 0, 0, 0);
    rota_outbox_add(s->out, ROTA_ACTION_RESTART);
    s->w->phase = ROTA_WORKER_OUT;
    s->w->up = false;
}

/* ---- the servers' clock ---- */

int64_t rota_worker_servers_ms(const struct rota_worker_context *s)
{
    return s->w->servers_ms + (s->now - s->w->servers_read_at) / 1000;
}

void rota_worker_clock_seen(struct rota_worker_context *s, int64_t ctime_ms)
{
    if (ctime_ms <= rota_worker_servers_ms(s))
        return;
    s->w->servers_ms = ctime_ms;
    s->w->servers_read_at = s->now;
}
