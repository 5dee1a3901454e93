/* The master, step by step: see master.txt. */
#include "model/master/master.h"
#include "tests/unit/model/script/role.h"

static void init(void *state, const struct script_line *l)
{
    struct rota_master_config config = {
        .losses = (uint32_t)script_number(l, "losses", 0),
        .keep_ms = script_number(l, "keep", 0),
        .hold_above = (uint32_t)script_number(l, "hold-above", 0),
        .hold_ms = script_number(l, "hold", 0),
    };

    role_text(config.id, sizeof config.id, script_value(l, "id", "m1"));
    role_text(config.address, sizeof config.address, script_value(l, "address", "host:1"));
    rota_master_init(state, &config);
}

static void step(void *state, struct rota_pool *mem, const struct rota_event *event,
                 struct rota_outbox *out)
{
    rota_master_step(state, mem, event, out);
}

static void check(const void *state, const struct rota_pool *mem)
{
    rota_master_check(state, mem);
}

int main(void)
{
    static const struct role role = {sizeof(struct rota_master), init, step, check};

    return role_main(ROTA_SCRIPTS "/master.txt", &role);
}
