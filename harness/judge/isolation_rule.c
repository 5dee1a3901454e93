#include "harness/judge/isolation_rule.h"

#include <inttypes.h>

enum { LOSSES_ALONE = 2 };

/* Whether its assignment counts so many losses. */
static bool must_run_alone(const struct rota_task *t)
{
    return t->losses >= LOSSES_ALONE;
}

/* Whether the task is assigned to the present incarnation of this worker, which may have none. */
static bool is_held(const struct rota_judge *j, const struct rota_task *t, uint32_t worker)
{
    int64_t born = j->h->processes[worker].registered_czxid;

    for (uint32_t i = 0; born != 0 && i < 2 && i < t->assignment_count; i++)
        if (t->assignments[i].who == worker && t->assignments[i].zxid > born)
            return true;
    return false;
}

void rota_isolation_rule_assigned(struct rota_judge *j, uint32_t master, const struct rota_task *t,
                                  uint32_t worker)
{
    j->has_suspects = j->has_suspects || must_run_alone(t);
    for (uint32_t i = 0; j->has_suspects && i < j->h->task_count; i++) {
        const struct rota_task *other = &j->h->tasks[i];

        if (other == t || !is_held(j, other, worker) ||
            (!must_run_alone(t) && !must_run_alone(other)))
            continue;
        ROTA_BREAK_TASK(j, ATTEMPTS_BOUNDED, master, t,
                        "%s is assigned to %s at zxid %" PRId64
                        " beside %s, after %u and %u workers"
                        " were lost under them",
                        t->name, rota_judge_name(j, worker), t->assign_zxid, other->name, t->losses,
                        other->losses);
    }
}
