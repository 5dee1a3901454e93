#include "backend_sim/net/replication.h"

#include "backend_sim/net/forwards.h"
#include "model/base/assert.h"

/* Frees the first entry of the log. */
static void remove_first(struct rota_ensemble *e)
{
    struct rota_log_entry *entry = e->first;

    e->first = entry->next;
    if (e->first == NULL)
        e->last = NULL;
    rota_log_entry_free(entry);
}

static void apply_next(struct rota_ensemble *e, uint32_t server)
{
    struct rota_replica *r = &e->replicas[server];
    struct rota_log_entry *entry = r->next;

    rota_forwards_before_apply(e, server, &entry->commit);
    rota_server_apply(r->server, &entry->commit, rota_ensemble_now_ms(e));
    r->next = entry->next;
    r->applied++;
    rota_assert(r->applied <= e->appended && entry->left > 0);
    if (--entry->left > 0)
        return;
    rota_assert(e->first == entry);
    remove_first(e);
}

void rota_replication_arm(struct rota_ensemble *e, uint32_t server)
{
    struct rota_replica *r = &e->replicas[server];
    rota_time now = e->timeline->now;
    rota_time due;

    if (r->next == NULL || r->apply != 0 || !rota_ensemble_is_current(e, server))
        return;
    due = r->next->committed;
    if (server != e->leader)
        due += rota_ensemble_hop(e) + r->lag;
    r->apply = ++e->serials;
    rota_timeline_put(e->timeline, due > now ? due : now, ROTA_MOMENT_APPLY, server, r->apply);
}

void rota_replication_moment(struct rota_ensemble *e, uint32_t server, uint64_t serial)
{
    struct rota_replica *r = &e->replicas[server];

    if (r->apply != serial)
        return;
    r->apply = 0;
    if (!rota_ensemble_is_current(e, server))
        return;
    apply_next(e, server);
    rota_forwards_deliver(e, server);
    rota_replication_arm(e, server);
}

void rota_replication_catch_up(struct rota_ensemble *e, uint32_t server)
{
    e->replicas[server].apply = 0;
    while (e->replicas[server].next != NULL)
        apply_next(e, server);
    rota_forwards_deliver(e, server);
}

void rota_replication_append(struct rota_ensemble *e, const struct rota_commit *commit)
{
    struct rota_log_entry *entry;
    rota_time committed;

    if (rota_ensemble_is_single(e))
        return;
    entry = rota_log_entry_copy(commit);
    committed = e->timeline->now + rota_ensemble_hop(e) + rota_ensemble_hop(e);
    entry->left = e->count;
    entry->committed =
        e->last != NULL && e->last->committed > committed ? e->last->committed : committed;
    if (e->last == NULL)
        e->first = entry;
    else
        e->last->next = entry;
    e->last = entry;
    e->appended++;
    for (uint32_t i = 0; i < e->count; i++) {
        if (e->replicas[i].next == NULL)
            e->replicas[i].next = entry;
        rota_replication_arm(e, i);
    }
}

void rota_replication_check(const struct rota_ensemble *e)
{
    uint64_t length = 0;

    for (const struct rota_log_entry *entry = e->first; entry != NULL; entry = entry->next) {
        length++;
        rota_assert(entry->next != NULL || entry == e->last);
        rota_assert(entry->left > 0 && entry->left <= e->count);
    }
    for (uint32_t i = 0; i < e->count; i++) {
        const struct rota_replica *r = &e->replicas[i];

        rota_assert(r->applied <= e->appended && e->appended - r->applied <= length);
        rota_assert((r->next == NULL) == (r->applied == e->appended));
    }
}

void rota_replication_close(struct rota_ensemble *e)
{
    while (e->first != NULL)
        remove_first(e);
}
