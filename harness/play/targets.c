#include "harness/play/targets.h"

uint32_t rota_who_number(struct rota_who one, const struct rota_cluster *cluster)
{
    switch (one.kind) {
    case ROTA_WHO_MASTER:
        return one.number - 1;
    case ROTA_WHO_WORKER:
        return cluster->masters + one.number - 1;
    case ROTA_WHO_CLIENT:
        return cluster->masters + cluster->workers + one.number - 1;
    default:
        return ROTA_NOBODY;
    }
}

/* Whether the process runs and is not paused. */
static bool acts(struct rota_world *w, uint32_t who)
{
    const struct rota_process *p = rota_world_process(w, who);

    return p->state == ROTA_PROCESS_RUNNING && !p->paused;
}

bool rota_process_leads(struct rota_world *w, const struct rota_history *h, uint32_t who)
{
    return acts(w, who) && h->processes[who].leading && h->processes[who].connected;
}

/* The first letter of names of this kind, 0 for sets. */
static char letter_of(enum rota_who_kind kind)
{
    static const char letters[] = {[ROTA_WHO_MASTER] = 'm',
                                   [ROTA_WHO_WORKER] = 'w',
                                   [ROTA_WHO_CLIENT] = 'c',
                                   [ROTA_WHO_OPERATOR] = 'o',
                                   [ROTA_WHO_ALL] = 0};

    return letters[kind];
}

static bool has_name(const struct rota_process *p, struct rota_who one)
{
    uint32_t number = 0;

    if (p->name[0] != letter_of(one.kind))
        return false;
    for (const char *digit = p->name + 1; *digit != '\0'; digit++)
        number = 10 * number + (uint32_t)(*digit - '0');
    return number == one.number;
}

bool rota_who_includes(struct rota_who set, uint32_t who, struct rota_world *w,
                       const struct rota_history *h)
{
    const struct rota_process *p = rota_world_process(w, who);

    switch (set.kind) {
    case ROTA_WHO_ALL:
        return !rota_process_is(p, ROTA_PART_ZK_CLIENT) && !rota_process_is(p, ROTA_PART_OPERATOR);
    case ROTA_WHO_LEADER:
        return rota_process_leads(w, h, who);
    case ROTA_WHO_STANDBY:
        return rota_process_is(p, ROTA_PART_MASTER) && acts(w, who) && !h->processes[who].leading;
    case ROTA_WHO_ANY_WORKER:
        return rota_process_is(p, ROTA_PART_WORKER) && acts(w, who);
    default:
        return has_name(p, set);
    }
}
