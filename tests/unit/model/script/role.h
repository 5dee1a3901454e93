/* Step tests of a role: the script's commands are the events it hears, the trace is what it asks
 * for.
 *
 *     new id=m1               a role configured so; optional
 *     up session=7            a new session; `up session=7 again`: the same one goes on
 *     down · lost · failed CODE · stop · close_input
 *     REQUEST -> REPLY        answers the oldest request of that name (wording.h)
 *     all -> REPLY            answers every one
 *     watch changed PATH      also created, deleted, child
 *     lease low until=12s     also good, over
 *     wait 5s                 time passes; the role is told when its time has come
 *     tick                    the time passes for which the role asked
 *     finished RUN success "output"
 *     finished RUN failure "reason" "output" "errors" status=N
 *     finished RUN stopped
 *     progress RUN "line"
 *     submit JOB [name=N] [refusal=WHY] "payload" · want JOB NAME · collect JOB
 *
 * After every step the role is checked and lives on in a copy: its state is plain data. */
#ifndef ROTA_TESTS_UNIT_MODEL_SCRIPT_ROLE_H
#define ROTA_TESTS_UNIT_MODEL_SCRIPT_ROLE_H

#include "model/base/pool.h"
#include "tests/unit/model/script/script.h"

struct role {
    size_t size;
    void (*init)(void *state, const struct script_line *config);
    void (*step)(void *state, struct rota_pool *mem, const struct rota_event *event,
                 struct rota_outbox *out);
    void (*check)(const void *state, const struct rota_pool *mem);
};

/* The event of a command; false if it is none. */
bool role_event(struct rota_event *e, const struct script_line *l);

/* Runs a file of step tests against a role; an exit status. */
int role_main(const char *path, const struct role *role);

/* Copies a text into the fixed field of a configuration. */
void role_text(char *field, size_t size, const char *text);

#endif
