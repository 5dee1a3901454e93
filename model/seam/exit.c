#include "model/seam/exit.h"

void rota_exit_add(struct rota_outbox *out, enum rota_exit status, const char *sentence)
{
    struct rota_action *a = rota_outbox_add(out, ROTA_ACTION_EXIT);

    a->exit.status = status;
    a->exit.sentence = sentence;
}

const char *rota_exit_forbidden_text(struct rota_outbox *out, const char *path, int32_t rc)
{
    if (rc == ROTA_ERR_NO_AUTH)
        return rota_outbox_text(
            out, "no permission on %s: give this client's identity access to the tree", path);
    return rota_outbox_text(out, "no work can be done here: %s: %s", path, rota_error_sentence(rc));
}

const char *rota_exit_unreachable_text(struct rota_outbox *out, int32_t rc)
{
    return rota_outbox_text(out, "ZooKeeper cannot be reached: %s", rota_error_sentence(rc));
}
