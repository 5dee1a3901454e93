#include "harness/language/action.h"

#include <stdlib.h>

void rota_script_action_close(struct rota_script_action *action)
{
    free(action->submit.payload);
    free(action->submit.id);
    free(action->submit.after);
    free(action->submit.tags);
    free(action->members);
    free(action->task);
}

bool rota_script_action_needs_operator(const struct rota_script_action *action)
{
    return action->kind == ROTA_SCRIPT_CANCEL || action->kind == ROTA_SCRIPT_RETRY ||
           action->kind == ROTA_SCRIPT_DRAIN;
}

bool rota_script_action_is_for_servers(const struct rota_script_action *action)
{
    return action->who.kind == ROTA_WHO_SERVER || action->kind == ROTA_SCRIPT_ELECT ||
           action->kind == ROTA_SCRIPT_PARTITION;
}
