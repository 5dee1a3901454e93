/* The operator, step by step: see operator.txt. */
#include <string.h>

#include "model/base/assert.h"
#include "model/operator/operator.h"
#include "tests/unit/model/script/role.h"

static enum rota_operator_command command_of(const char *name)
{
    static const char *const names[] = {"cancel", "retry", "drain", "undrain"};
    size_t i = 0;

    while (strcmp(names[i], name) != 0) {
        i++;
        rota_assert(i < sizeof names / sizeof *names);
    }
    return (enum rota_operator_command)i;
}

static void init(void *state, const struct script_line *l)
{
    struct rota_operator_config config = {.command =
                                              command_of(script_value(l, "command", "cancel")),
                                          .wait = script_has(l, "wait"),
                                          .timeout_ms = script_number(l, "timeout", -1)};

    rota_operator_init(state, &config);
}

static void step(void *state, struct rota_pool *mem, const struct rota_event *event,
                 struct rota_outbox *out)
{
    rota_operator_step(state, mem, event, out);
}

static void check(const void *state, const struct rota_pool *mem)
{
    rota_operator_check(state, mem);
}

int main(void)
{
    static const struct role role = {sizeof(struct rota_operator), init, step, check};

    return role_main(ROTA_SCRIPTS "/operator.txt", &role);
}
