#include "harness/judge/judge.h"

#include <stdlib.h>
#include <string.h>

#include "harness/judge/assignment_rules.h"
#include "harness/judge/client_rules.h"
#include "harness/judge/expected_tree.h"
#include "harness/judge/process_rules.h"
#include "harness/judge/retry_rules.h"
#include "harness/judge/run_rules.h"
#include "harness/judge/writes.h"

void rota_judge_init(struct rota_judge *j, const struct rota_scenario *s, struct rota_world *w,
                     struct rota_history *h)
{
    *j = (struct rota_judge){.s = s, .w = w, .h = h};
}

void rota_judge_remember_tree(struct rota_judge *j)
{
    rota_expected_tree_init(j);
}

bool rota_judge_check_tree(const struct rota_judge *j, char *path, size_t size)
{
    return rota_expected_tree_check(j, path, size);
}

void rota_judge_close(struct rota_judge *j)
{
    rota_expected_tree_close(j);
    free(j->touched);
    j->touched = NULL;
}

/* ---- what happens ---- */

void rota_judge_stepping(struct rota_judge *j, uint32_t who)
{
    rota_process_rules_stepped(j, who);
}

void rota_judge_leaving(struct rota_judge *j, uint32_t who, const struct rota_request *request)
{
    rota_client_rules_leaving(j, who, request);
    rota_assignment_rules_leaving(j, who, request);
}

void rota_judge_committed(struct rota_judge *j, uint32_t who, const struct rota_commit *commit)
{
    rota_writes_committed(j, who, commit);
}

void rota_judge_refused(struct rota_judge *j, uint32_t who, const struct rota_request *request,
                        int32_t rc)
{
    rota_retry_rules_refused(j, who, request, rc);
}

void rota_judge_acted(struct rota_judge *j, uint32_t who, const struct rota_action *action)
{
    rota_process_rules_check_watches(j, who);
    if (action->kind == ROTA_ACTION_NOTE)
        rota_process_rules_noted(j, who, &action->note);
    else if (action->kind == ROTA_ACTION_RUN)
        rota_run_rules_began(j, who, action);
    else if (rota_judge_is(j, who, ROTA_PART_CLIENT))
        rota_client_rules_acted(j, who, action);
    else if (rota_judge_is(j, who, ROTA_PART_OPERATOR) && action->kind == ROTA_ACTION_RESULT)
        rota_client_rules_answered(j, who, action);
}

void rota_judge_ended(struct rota_judge *j, uint32_t who, const struct rota_work *run)
{
    rota_run_rules_ended(j, who, run);
}

void rota_judge_fault(struct rota_judge *j, uint32_t who)
{
    rota_process_rules_fault(j, who);
}
