#include "model/operator/operator_context.h"

#include "model/seam/exit.h"

bool rota_operator_is_for_workers(const struct rota_operator_context *s)
{
    return s->p->config.command == ROTA_OPERATOR_DRAIN ||
           s->p->config.command == ROTA_OPERATOR_UNDRAIN;
}

void rota_operator_exit(struct rota_operator_context *s, enum rota_exit status,
                        const char *sentence)
{
    rota_exit_add(s->out, status, sentence);
    s->p->up = false;
}

void rota_operator_give_up(struct rota_operator_context *s, int32_t rc)
{
    if (rc == ROTA_ERR_NO_NODE)
        rota_operator_exit(s, ROTA_EXIT_UNREACHABLE,
                           "the tree does not exist: create it with `rota init`");
    else
        rota_operator_exit(
            s, ROTA_EXIT_REFUSED,
            rota_outbox_text(s->out, "the request was refused: %s", rota_error_sentence(rc)));
}
