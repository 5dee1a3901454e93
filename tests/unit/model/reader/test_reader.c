/* The reader, step by step: see reader.txt. */
#include <string.h>

#include "model/base/assert.h"
#include "model/reader/reader.h"
#include "tests/unit/model/script/role.h"

static enum rota_reader_command command_of(const char *name)
{
    static const char *const names[] = {"tasks",  "workers", "assignments",
                                        "status", "init",    "history"};
    size_t i = 0;

    while (strcmp(names[i], name) != 0) {
        i++;
        rota_assert(i < sizeof names / sizeof *names);
    }
    return (enum rota_reader_command)i;
}

static void init(void *state, const struct script_line *l)
{
    struct rota_reader_config config = {.command = command_of(script_value(l, "command", "tasks")),
                                        .max_tasks = script_number(l, "max", -1),
                                        .now_ms = script_number(l, "now", 0)};

    role_text(config.chroot, sizeof config.chroot, script_value(l, "chroot", ""));
    role_text(config.task, sizeof config.task, script_value(l, "task", "t1"));
    rota_reader_init(state, &config);
}

static void step(void *state, struct rota_pool *mem, const struct rota_event *event,
                 struct rota_outbox *out)
{
    rota_reader_step(state, mem, event, out);
}

static void check(const void *state, const struct rota_pool *mem)
{
    rota_reader_check(state, mem);
}

int main(void)
{
    static const struct role role = {sizeof(struct rota_reader), init, step, check};

    return role_main(ROTA_SCRIPTS "/reader.txt", &role);
}
