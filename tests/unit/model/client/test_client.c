/* The client, step by step: see client.txt. */
#include "model/client/client.h"
#include "tests/unit/model/script/role.h"

static void init(void *state, const struct script_line *l)
{
    struct rota_client_config config = {.wait = !script_has(l, "nowait"),
                                        .collect = !script_has(l, "keep"),
                                        .withdraw = script_has(l, "withdraw"),
                                        .progress = script_has(l, "progress"),
                                        .window = (uint32_t)script_number(l, "window", 0)};

    rota_client_init(state, &config);
}

static void step(void *state, struct rota_pool *mem, const struct rota_event *event,
                 struct rota_outbox *out)
{
    rota_client_step(state, mem, event, out);
}

static void check(const void *state, const struct rota_pool *mem)
{
    rota_client_check(state, mem);
}

int main(void)
{
    static const struct role role = {sizeof(struct rota_client), init, step, check};

    return role_main(ROTA_SCRIPTS "/client.txt", &role);
}
