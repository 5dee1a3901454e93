#include "model/client/client_context.h"

#include "model/seam/exit.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"

uint64_t rota_client_tag(const struct rota_client_context *s, enum rota_client_purpose purpose,
                         uint32_t index)
{
    return rota_request_tag(purpose, s->c->generation, index);
}

void rota_client_exit(struct rota_client_context *s, enum rota_exit status, const char *sentence)
{
    rota_exit_add(s->out, status, sentence);
    s->c->up = false;
}

void rota_client_give_up(struct rota_client_context *s, int32_t rc)
{
    if (rc == ROTA_ERR_NO_NODE)
        rota_client_exit(s, ROTA_EXIT_UNREACHABLE,
                         "the tree does not exist: create it with `rota init`");
    else if (rc == ROTA_ERR_NO_AUTH)
        rota_client_exit(s, ROTA_EXIT_REFUSED,
                         "no permission on " ROTA_PATH_TASKS
                         ": give this client's identity access to the tree");
    else
        rota_client_exit(
            s, ROTA_EXIT_REFUSED,
            rota_outbox_text(s->out, "the task was refused: %s", rota_error_sentence(rc)));
}
