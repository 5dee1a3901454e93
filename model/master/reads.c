#include "model/master/reads.h"

#include "model/base/assert.h"
#include "model/seam/requests.h"

enum {
    READS_AT_ONCE = 512,   /* reads of single tasks under way */
    READ_BYTES = 33554432, /* of payloads under way, as far as it can be foreseen */
};

static bool reads_status(enum rota_master_purpose purpose)
{
    return purpose == ROTA_MASTER_PURPOSE_STATUS_STAT || purpose == ROTA_MASTER_PURPOSE_STATUS ||
           purpose == ROTA_MASTER_PURPOSE_COLLECT;
}

void rota_reads_add(struct rota_master_context *s, enum rota_master_purpose purpose, uint32_t task,
                    enum rota_op op, const char *path)
{
    rota_assert(rota_belief_task(s, task)->used);
    rota_request_add_read(s->out, rota_belief_tag(s, purpose, task), op, path, false);
    rota_belief_task(s, task)->requests_pending++;
    s->m->reads_pending++;
    s->m->status_reads_pending += reads_status(purpose);
}

void rota_reads_replied(struct rota_master_context *s, enum rota_master_purpose purpose,
                        uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    rota_assert(t->used && t->requests_pending > 0 && s->m->reads_pending > 0);
    t->requests_pending--;
    s->m->reads_pending--;
    s->m->status_reads_pending -= reads_status(purpose);
}

/* The largest payload of late: it fades by an eighth with each smaller one. */
void rota_reads_note_size(struct rota_master_context *s, int32_t bytes)
{
    struct rota_master *m = s->m;

    m->payload_bytes -= m->payload_bytes / 8;
    if (bytes > 0 && (uint32_t)bytes > m->payload_bytes)
        m->payload_bytes = (uint32_t)bytes;
}

bool rota_reads_allowed(const struct rota_master_context *s)
{
    uint32_t fit = 1 + READ_BYTES / (s->m->payload_bytes + 1);

    return s->m->reads_pending < (fit < READS_AT_ONCE ? fit : READS_AT_ONCE);
}
