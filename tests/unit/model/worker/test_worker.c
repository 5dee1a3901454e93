/* The worker, step by step: see worker.txt. */
#include "model/worker/worker.h"
#include "tests/unit/model/script/role.h"

static void init(void *state, const struct script_line *l)
{
    struct rota_worker_config config = {
        .slots = (uint32_t)script_number(l, "slots", 0),
        .drain_timeout_ms = script_duration(script_value(l, "drain", "30s")) / 1000};

    role_text(config.name, sizeof config.name, script_value(l, "name", "w1"));
    role_text(config.address, sizeof config.address, script_value(l, "address", "host:1"));
    role_text(config.tags, sizeof config.tags, script_value(l, "tags", ""));
    rota_worker_init(state, &config, 1);
}

static void step(void *state, struct rota_pool *mem, const struct rota_event *event,
                 struct rota_outbox *out)
{
    rota_worker_step(state, mem, event, out);
}

static void check(const void *state, const struct rota_pool *mem)
{
    rota_worker_check(state, mem);
}

int main(void)
{
    static const struct role role = {sizeof(struct rota_worker), init, step, check};

    return role_main(ROTA_SCRIPTS "/worker.txt", &role);
}
