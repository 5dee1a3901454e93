/* attempts-bounded, rule 7: from the second loss on a task runs alone on its worker, so that it
 * takes no innocents with it. */
#include <inttypes.h>

#include "harness/judge/judge_rules.h"

enum { SUSPECT_LOSSES = 2 };

/* Whether its assignment counted so many losses; those of mass losses stand apart, and from some
 * number on among them. */
static bool is_suspect(const struct rota_judge *j, const struct rota_task *t)
{
    return t->losses >= SUSPECT_LOSSES && t->spared < j->s->cluster.losses;
}

/* Whether the present incarnation of this worker has it; there may be none. */
static bool is_held(const struct rota_judge *j, const struct rota_task *t, uint32_t worker)
{
    int64_t born = j->h->parties[worker].czxid;

    for (uint32_t i = 0; born != 0 && i < 2 && i < t->assigned; i++) {
        if (t->holders[i].who == worker && t->holders[i].zxid > born)
            return true;
    }
    return false;
}

void rota_judge_alone(struct rota_judge *j, uint32_t master, const struct rota_task *t,
                      uint32_t worker)
{
    j->suspected = j->suspected || is_suspect(j, t);
    for (uint32_t i = 0; j->suspected && i < j->h->task_count; i++) {
        const struct rota_task *other = &j->h->tasks[i];

        if (other == t || !is_held(j, other, worker) ||
            (!is_suspect(j, t) && !is_suspect(j, other)))
            continue;
        ROTA_BREAK_TASK(j, ATTEMPTS_BOUNDED, master, t,
                        "%s is assigned to %s at zxid %" PRId64
                        " beside %s, after %u and %u workers"
                        " were lost under them",
                        t->name, rota_judge_name(j, worker), t->assign_zxid, other->name, t->losses,
                        other->losses);
    }
}
