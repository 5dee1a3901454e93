#include "harness/judge/process_rules.h"

#include <string.h>

#include "backend_sim/world/world_servers.h"
#include "harness/judge/retry_rules.h"
#include "model/base/assert.h"

enum { WATCH_BUDGET = 768 * 1024 };

void rota_process_rules_check_watches(struct rota_judge *j, uint32_t who)
{
    struct rota_process_record *record = &j->h->processes[who];
    uint32_t most = rota_world_process(j->w, who)->client.watches.bytes_most;

    if (most > record->watch_bytes_max)
        record->watch_bytes_max = most;
    if (record->watch_bytes_max > WATCH_BUDGET)
        rota_judge_break(j, ROTA_INVARIANT_BOUNDED_WATCHES, who,
                         "%s watches %u bytes of paths, of %u it may", rota_judge_name(j, who),
                         record->watch_bytes_max, WATCH_BUDGET);
}

void rota_process_rules_stepped(struct rota_judge *j, uint32_t who)
{
    rota_assert(who < j->h->process_count);
    j->h->processes[who].steps++;
}

void rota_process_rules_fault(struct rota_judge *j, uint32_t who)
{
    struct rota_process_record *record = &j->h->processes[who];
    const struct rota_process *p = rota_world_process(j->w, who);

    record->fault_zxid = rota_server_last_zxid(rota_world_server(j->w));
    if (p->state != ROTA_PROCESS_RUNNING)
        record->leading = false;
    rota_process_rules_check_watches(j, who);
}

void rota_process_rules_noted(struct rota_judge *j, uint32_t who, const struct rota_note *n)
{
    uint32_t task;

    switch (n->kind) {
    case ROTA_NOTE_ELECTED:
        j->h->processes[who].leading = true;
        j->h->processes[who].holding = false;
        break;
    case ROTA_NOTE_HOLD:
    case ROTA_NOTE_HOLD_OVER:
        j->h->processes[who].holding = n->kind == ROTA_NOTE_HOLD;
        break;
    case ROTA_NOTE_CONNECTED:
        rota_retry_rules_connected(j, who, n->a);
        j->h->processes[who].connected = true;
        break;
    case ROTA_NOTE_RESUMED:
        j->h->processes[who].connected = true;
        break;
    case ROTA_NOTE_DISCONNECTED:
        j->h->processes[who].connected = false;
        break;
    case ROTA_NOTE_STARTED:
    case ROTA_NOTE_STANDBY:
    case ROTA_NOTE_DEPOSED:
    case ROTA_NOTE_HANDOVER:
    case ROTA_NOTE_EXPIRED:
    case ROTA_NOTE_ENDED:
        j->h->processes[who].leading = false;
        break;
    case ROTA_NOTE_DOUBT:
        j->h->processes[who].leading = false;
        rota_retry_rules_session_dropped(j, who);
        break;
    case ROTA_NOTE_LEASE_OVER:
        rota_process_rules_fault(j, who);
        break;
    case ROTA_NOTE_ASSIGNED:
    case ROTA_NOTE_REASSIGNED:
        task = rota_history_task(j->h, n->name);
        if (n->a > (int64_t)j->h->tasks[task].attempts)
            j->h->tasks[task].attempts = (uint32_t)n->a;
        break;
    default:
        break;
    }
}
